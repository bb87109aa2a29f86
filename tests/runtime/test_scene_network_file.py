import json
import math

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime.scene_network import SceneNetwork


def network(**changes) -> SceneNetwork:
    tables = {
        "labels": ("grass", "team"),
        "label_probabilities": np.array([[0.1, 0.2, 0.4], [0.3, 0.05, 0.6]]),
        "face_probabilities": np.array([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.1, 0.1, 0.8]]),
        "prior": np.array([0.5, 0.3, 0.2]),
    }
    return SceneNetwork(**tables | changes)


def test_a_network_comes_back_from_its_file(tmp_path):
    written = network(
        labels=("grass", "équipe \ud800"),
        temper=0.25,
        absent=True,
        hard_faces=True,
        fit={"smoothing": 5.0, "counts": "counts.csv"},
    )
    written.save(tmp_path / "network.json")
    read = SceneNetwork.read(tmp_path / "network.json")
    for name in ("labels", "temper", "absent", "hard_faces", "fit"):
        assert getattr(read, name) == getattr(written, name)
    for name in ("label_probabilities", "face_probabilities", "prior"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name))


def test_a_network_stands_in_its_file_as_a_reader_expects_it(tmp_path):
    network().save(tmp_path / "network.json")
    values = json.loads((tmp_path / "network.json").read_text("utf-8"))
    assert values["classes"] == ["negative", "neutral", "positive"]
    assert values["label_probabilities"]["team"] == [0.3, 0.05, 0.6]
    assert [path.name for path in tmp_path.iterdir()] == ["network.json"]


HUGE = int("9" * 400)  # past the range of float


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"format": "another"}, "expected a file of format", id="format"),
        pytest.param({"version": 2}, "version 1. Received: .* 2", id="version"),
        pytest.param(
            {"classes": ["positive", "neutral", "negative"]}, "in this order", id="order of classes"
        ),
        pytest.param({"classes": 3}, "expected the classes", id="classes no list"),
        pytest.param({"classes": None}, "expected the classes", id="no classes"),
        pytest.param({"prior": [0.5, 0.5]}, "prior: expected shape", id="prior"),
        pytest.param({"prior": "even"}, "expected the tables", id="prior a text"),
        pytest.param({"prior": [HUGE, 0, 0]}, "expected the tables", id="huge"),
        pytest.param({"prior": [0.5, 0.5, math.nan]}, "above 0", id="no number"),
        pytest.param({"temper": "warm"}, "expected the tables", id="temper a text"),
        pytest.param({"temper": None}, "expected the tables", id="no temper"),
        pytest.param({"absent": "false"}, "absent: expected true or false", id="absent a text"),
        pytest.param({"hard_faces": 0}, "hard_faces: expected true or false", id="hard a number"),
        pytest.param({"fit": 5}, "expected the tables", id="fit a number"),
        pytest.param({"label_probabilities": [[0.1, 0.2, 0.3]]}, "expected the tables", id="list"),
        pytest.param({"label_probabilities": {}}, "label_probabilities", id="no labels"),
        pytest.param(
            {"label_probabilities": {"a": [0.1, 0.2, 0.3], "b": [0.1]}}, "expected", id="ragged"
        ),
        pytest.param({"face_probabilities": [[1]]}, "face_probabilities", id="faces"),
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path, changes, message):
    path = tmp_path / "network.json"
    network().save(path)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes))
    with pytest.raises(EmoError, match=message) as caught:
        SceneNetwork.read(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    "field",
    ["prior", "temper", "absent", "hard_faces", "fit", "face_probabilities", "label_probabilities"],
)
def test_a_file_that_lacks_a_part_is_refused_by_name(tmp_path, field):
    path = tmp_path / "network.json"
    network().save(path)
    values = json.loads(path.read_text("utf-8"))
    del values[field]
    path.write_text(json.dumps(values))
    with pytest.raises(EmoError, match=f"expected the tables of a network. Received: .*{field}"):
        SceneNetwork.read(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "emo-tf scenes fit.* Received: no such file", id="no file"),
        pytest.param(b"", "expected JSON", id="empty"),
        pytest.param(b'{"format": "emo_tf sc', "expected JSON", id="cut short"),
        pytest.param(b"\xff\xfe\x00", "expected JSON", id="no text"),
        pytest.param(b'{"format": ' + b"9" * 5000 + b"}", "expected JSON", id="endless number"),
        pytest.param(b"[1, 2]", "expected an object of JSON", id="list"),
        pytest.param(b"{}", "expected a file of format", id="another object"),
    ],
)
def test_a_file_of_something_else_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "network.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EmoError, match=message) as caught:
        SceneNetwork.read(path)
    assert str(caught.value).startswith(f"{path}: ")

import csv
import json

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.groups import group_evaluation_folder as evaluation_folder
from emo_tf.groups.group_evaluation import GroupVerdicts, evaluate_group
from emo_tf.groups.group_evaluation_folder import (
    check_group_evaluation_folder,
    group_evaluation_folder,
    write_evaluation,
)
from emo_tf.groups.model_outputs import ModelOutputs
from emo_tf.groups.scene_tables import read_confusion
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.results import Group, PhotoResult

NEGATIVE, NEUTRAL, POSITIVE = range(3)


def distribution(*probabilities: float) -> dict[str, float]:
    return dict(zip(GROUP_EMOTIONS, probabilities, strict=True))


def result(name: str, source: str = "faces", **verdicts: tuple[float, ...]) -> PhotoResult:
    """Makes a result that follows one of its verdicts, or has none."""
    if not verdicts:
        return PhotoResult(name, reason="no face found")
    named = {kind: distribution(*one) for kind, one in verdicts.items()}
    followed = named[source]
    label = max(followed, key=followed.__getitem__)
    return PhotoResult(name, group=Group(label, followed, source, named))


def by_faces() -> GroupVerdicts:
    """Two that are right, one that is wrong, one without a verdict."""
    results = [
        result("a.jpg", faces=(0.8, 0.1, 0.1)),
        result("b.jpg"),
        result("c.jpg", faces=(0.3, 0.1, 0.6)),
        result("d.jpg", faces=(0.1, 0.4, 0.5)),
    ]
    return GroupVerdicts.of_results(results, [NEGATIVE, POSITIVE, POSITIVE, NEUTRAL])


def of_several_sources() -> GroupVerdicts:
    results = [
        result("a.jpg", faces=(0.8, 0.1, 0.1)),
        result(
            "b.jpg",
            "ensemble",
            ensemble=(0.1, 0.2, 0.7),
            colour=(0.2, 0.6, 0.2),
            faces=(0.7, 0.2, 0.1),
        ),
        result("c.jpg"),
    ]
    return GroupVerdicts.of_results(results, [NEGATIVE, POSITIVE, NEUTRAL])


def test_figures_agree_with_those_by_hand():
    figures = evaluate_group(by_faces())["verdict"]
    assert figures["accuracy"] == 0.5  # no verdict is a wrong one
    assert figures["accuracy_of_verdicts"] == pytest.approx(2 / 3, abs=1e-5)
    assert figures["balanced_accuracy"] == 0.5  # the mean of 1, 0 and 1/2
    assert figures["log_loss"] == pytest.approx(-np.log([0.8, 0.6, 0.4]).mean(), abs=1e-5)
    assert figures["ece"] == pytest.approx((0.2 + 0.4 + 0.5) / 3, abs=1e-5)
    assert figures["confusion"] == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]
    assert figures["without_verdict"] == [0, 0, 1]
    assert figures["verdicts"] == 3


def test_every_figure_lies_in_its_interval():
    figures = evaluate_group(by_faces())["verdict"]
    assert set(figures["intervals"]) == {
        *("accuracy", "balanced_accuracy", "accuracy_of_verdicts", "log_loss", "ece")
    }
    for name in ("accuracy", "balanced_accuracy", "accuracy_of_verdicts", "log_loss"):
        lower, upper = figures["intervals"][name]
        assert lower < figures[name] < upper


def test_the_pictures_are_counted():
    metrics = evaluate_group(by_faces())
    assert metrics["pictures"] == 4
    assert metrics["pictures_by_class"] == {"negative": 1, "neutral": 1, "positive": 2}
    assert metrics["without_verdict"] == 1
    assert metrics["reasons"] == {"no face found": 1}
    assert metrics["follows"] == {"faces": 3}
    assert metrics["sources"] == {"faces": metrics["verdict"]}


def test_every_source_that_occurs_is_measured_and_only_those():
    verdicts = of_several_sources()
    assert verdicts.sources == ("faces", "ensemble", "colour")
    metrics = evaluate_group(verdicts)
    assert list(metrics["sources"]) == ["faces", "ensemble", "colour"]
    assert metrics["sources"]["faces"]["confusion"] == [[1, 0, 0], [0, 0, 0], [1, 0, 0]]
    assert metrics["sources"]["colour"]["verdicts"] == 1
    assert metrics["follows"] == {"faces": 1, "ensemble": 1}
    assert metrics["verdict"]["confusion"] == [[1, 0, 0], [0, 0, 0], [0, 0, 1]]


def test_a_source_without_a_verdict_has_rows_of_nan():
    verdicts = of_several_sources()
    np.testing.assert_allclose(verdicts.probabilities[1, 1], [0.1, 0.2, 0.7])
    assert np.isnan(verdicts.probabilities[0, 1:]).all()
    assert np.isnan(verdicts.probabilities[2]).all()
    assert np.isnan(verdicts.followed[2]).all()


def test_pictures_without_any_verdict_have_figures_all_the_same():
    metrics = evaluate_group(GroupVerdicts.of_results([result("a.jpg")], [NEUTRAL]))
    assert list(metrics["sources"]) == ["faces"]
    assert metrics["verdict"]["accuracy"] == 0
    assert metrics["verdict"]["log_loss"] is metrics["verdict"]["intervals"]["ece"] is None
    assert json.loads(json.dumps(metrics)) == metrics


def test_no_picture_is_an_error():
    with pytest.raises(EmoError, match="expected at least one picture"):
        GroupVerdicts.of_results([], [])


def write(folder, verdicts: GroupVerdicts) -> None:
    images = [one.source for one in verdicts.results]
    with group_evaluation_folder(folder) as place:
        write_evaluation(place, verdicts, images=images, metrics=evaluate_group(verdicts))


def test_predictions_hold_a_row_a_picture(tmp_path):
    write(tmp_path / "out", of_several_sources())
    with (tmp_path / "out" / "predictions.csv").open(newline="") as stream:
        _, second, third = csv.DictReader(stream)
    assert second == {
        "image": "b.jpg",
        "actual": "positive",
        "label": "positive",
        "negative": "0.1",
        "neutral": "0.2",
        "positive": "0.7",
        "source": "ensemble",
        "faces": "0",
        "faces_label": "negative",
        "ensemble_label": "positive",
        "colour_label": "neutral",
        "reason": "",
    }
    assert (third["label"], third["positive"], third["colour_label"]) == ("", "", "")
    assert third["reason"] == "no face found"


def test_other_verbs_take_what_is_written(tmp_path):
    write(tmp_path / "out", of_several_sources())
    outputs = ModelOutputs.read(tmp_path / "out" / "outputs.npz")
    assert outputs.models == ("faces", "colour")  # an ensemble is no part of another
    np.testing.assert_allclose(outputs.log_probabilities[1, 1], np.log([0.2, 0.6, 0.2]), atol=1e-6)
    assert np.isnan(outputs.log_probabilities[2]).all()
    np.testing.assert_array_equal(outputs.labels, [NEGATIVE, POSITIVE, NEUTRAL])
    assert not (tmp_path / "out" / "confusion.csv").exists()  # no neutral picture has a face
    results = [result(f"{c}.jpg", faces=(0.2, 0.7, 0.1)) for c in GROUP_EMOTIONS]
    write(tmp_path / "out", GroupVerdicts.of_results(results, [0, 1, 2]))
    confusion = read_confusion(tmp_path / "out" / "confusion.csv")
    np.testing.assert_array_equal(confusion, [[0, 1, 0], [0, 1, 0], [0, 1, 0]])


@pytest.mark.parametrize(
    ("files", "received"),
    [
        ({"holiday.txt": ""}, "one that holds holiday.txt"),
        ({"metrics.json": '{"format": "emo_tf group evaluation"}', "x": ""}, "one that holds x"),
        ({"confusion.csv": ""}, "one that holds confusion.csv"),
        ({"metrics.json": '{"people": 3}'}, "one whose metrics.json is of something else"),
    ],
    ids=["a stranger", "a stranger beside", "no metrics", "other metrics"],
)
def test_a_folder_of_something_else_is_kept(tmp_path, files, received):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(EmoError, match=received):
        write(tmp_path, by_faces())
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files


def test_a_new_an_empty_and_an_earlier_folder_are_taken(tmp_path):
    check_group_evaluation_folder(tmp_path)
    write(tmp_path / "out", by_faces())
    check_group_evaluation_folder(tmp_path / "out")
    write(tmp_path / "out", of_several_sources())
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["pictures"] == 3


def test_an_evaluation_that_fails_leaves_the_earlier_one(tmp_path, monkeypatch):
    write(tmp_path / "out", by_faces())
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def fail(path, **_) -> None:
        path.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(evaluation_folder, "write_outputs", fail)
    with pytest.raises(OSError, match="no space left"):
        write(tmp_path / "out", of_several_sources())
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]

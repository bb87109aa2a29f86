import dataclasses
import json
import shutil
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.model_metadata import FILE_NAME, ImageInput, ModelMetadata
from emo_tf.models.keras_file import check_path, load_model, save_model

METADATA = ModelMetadata(
    name="small",
    task="emotic",
    description="Apparent calm.",
    version="2",
    inputs={"image": ImageInput(4, 6)},
    outputs={"score": "one a label"},
    labels=("calm", "not calm"),
    score_kind="raw",
    thresholds={"calm": 0.25},
    crop={"preset": "person", "blank_person": True},
    licence="CC0-1.0",
    provenance={"data": "made up", "people": 3},
)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    image = keras.Input((4, 6, 3), name="image")
    x = keras.layers.Flatten(name="flat")(image)
    score = keras.layers.Dense(2, name="score")(x)
    return keras.Model({"image": image}, {"score": score}, name="small")


@pytest.fixture(scope="module")
def saved(model, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "model.keras"
    save_model(model, path, metadata=METADATA)
    return path


@pytest.fixture
def change(saved, tmp_path):
    """Writes the saved model with some of its members changed, or left out where it is None."""

    def change(**members: bytes | None) -> Path:
        path = tmp_path / "changed.keras"
        with zipfile.ZipFile(saved) as source, zipfile.ZipFile(path, "w") as target:
            for name in source.namelist():
                content = members.get(name.replace(".", "_"), source.read(name))
                if content is not None:
                    target.writestr(name, content)
        return path

    return change


def answer(model: keras.Model) -> np.ndarray:
    image = np.random.default_rng(0).random((3, 4, 6, 3), np.float32)
    return np.asarray(model({"image": image})["score"])


def test_a_model_and_its_metadata_come_back_as_they_were(model, saved):
    revived, metadata = load_model(saved)
    assert metadata == METADATA
    assert [layer.get_config() for layer in revived.layers] == [
        layer.get_config() for layer in model.layers
    ]
    np.testing.assert_array_equal(answer(revived), answer(model))


def test_keras_itself_reads_the_file_too(model, saved):
    np.testing.assert_array_equal(answer(keras.models.load_model(saved)), answer(model))


def test_anyone_can_read_the_metadata_from_the_zip(saved):
    with zipfile.ZipFile(saved) as archive:
        assert archive.testzip() is None
        assert archive.namelist().count(FILE_NAME) == 1
        assert json.loads(archive.read(FILE_NAME))["provenance"] == METADATA.provenance


def test_folders_are_made_and_an_older_file_is_replaced(model, tmp_path):
    path = tmp_path / "runs" / "first" / "model.keras"
    save_model(model, path, metadata=METADATA)
    later = keras.models.clone_model(model)
    save_model(later, path, metadata=METADATA)
    np.testing.assert_array_equal(answer(load_model(path)[0]), answer(later))
    assert [file.name for file in path.parent.iterdir()] == ["model.keras"]


def test_a_failing_save_leaves_the_older_file_and_nothing_else(model, saved, tmp_path):
    path = tmp_path / "model.keras"
    shutil.copy(saved, path)
    unwritable = dataclasses.replace(METADATA, provenance={"data": object()})
    with pytest.raises(TypeError, match="not JSON serializable"):
        save_model(model, path, metadata=unwritable)
    assert path.read_bytes() == saved.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["model.h5", "model", "model.keras.zip", ".keras"])
def test_a_name_of_another_suffix_is_refused(model, tmp_path, name):
    path = tmp_path / name
    with pytest.raises(
        EmoError, match=r"expected a name that ends in \.keras\. Received: .*" + name
    ):
        check_path(path)
    with pytest.raises(EmoError, match="expected a name that ends in"):
        save_model(model, path, metadata=METADATA)
    assert not list(tmp_path.iterdir())


def test_a_folder_is_not_written_over(model, tmp_path):
    path = tmp_path / "model.keras"
    path.mkdir()
    with pytest.raises(EmoError, match=r"model\.keras: expected a file\. Received: a folder"):
        save_model(model, path, metadata=METADATA)


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir], ids=["missing", "a folder"])
def test_what_is_no_file_is_named(tmp_path, make):
    path = tmp_path / "odd.keras"
    make(path)
    with pytest.raises(EmoError, match=r"odd\.keras: expected a Keras model\. .*no such file"):
        load_model(path)


def test_a_model_that_keras_alone_saved_lacks_its_metadata(model, tmp_path):
    model.save(tmp_path / "plain.keras")
    with pytest.raises(EmoError, match=r"plain\.keras: expected a model with emo_tf\.json in it"):
        load_model(tmp_path / "plain.keras")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        pytest.param({"emo_tf_json": b"{"}, "is not valid metadata", id="metadata cut short"),
        pytest.param({"emo_tf_json": b"\xff\xfe"}, "expected a model with", id="metadata no text"),
        pytest.param({"config_json": None}, "Keras model that loads", id="without a config"),
        pytest.param({"config_json": b"{}"}, "Keras model that loads", id="an empty config"),
        pytest.param({"config_json": b"[]"}, "Keras model that loads", id="a list as config"),
        pytest.param({"model_weights_h5": None}, "Keras model that loads", id="without weights"),
        pytest.param({"model_weights_h5": b"no"}, "Keras model that loads", id="odd weights"),
    ],
)
def test_a_zip_that_holds_something_else_is_refused(change, members, message):
    with pytest.raises(EmoError, match=rf"changed\.keras: .*{message}"):
        load_model(change(**members))


def test_a_model_that_would_run_code_is_refused(change, saved):
    with zipfile.ZipFile(saved) as archive:
        config = json.loads(archive.read("config.json"))
    layer = next(item for item in config["config"]["layers"] if item["class_name"] == "Flatten")
    layer["class_name"] = "Lambda"
    layer["config"] = {"name": "flat", "function": {"class_name": "__lambda__", "config": {}}}
    with pytest.raises(EmoError, match=r"changed\.keras: expected a Keras model that loads"):
        load_model(change(config_json=json.dumps(config).encode()))


@pytest.mark.parametrize("member", ["config.json", "model.weights.h5", FILE_NAME])
def test_damage_is_noticed_wherever_it_lies(saved, tmp_path, member):
    content = bytearray(saved.read_bytes())
    with zipfile.ZipFile(saved) as archive:
        position = archive.getinfo(member).header_offset + 30 + len(member) + 20
    content[position] ^= 1
    path = tmp_path / "damaged.keras"
    path.write_bytes(content)
    with pytest.raises(EmoError, match=r"damaged\.keras: expected a "):
        load_model(path)


@pytest.mark.parametrize("share", [0, 0.5, 0.999], ids=str)
def test_a_file_that_was_cut_short_is_refused(saved, tmp_path, share):
    content = saved.read_bytes()
    path = tmp_path / "short.keras"
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(EmoError, match=r"short\.keras: expected a model with emo_tf\.json in it"):
        load_model(path)


def test_a_file_that_asks_for_a_password_is_refused(saved, tmp_path):
    content = bytearray(saved.read_bytes())
    with zipfile.ZipFile(saved) as archive:
        start = archive.start_dir
    content[start + 8] |= 1  # the flag in the first entry of the directory
    path = tmp_path / "locked.keras"
    path.write_bytes(content)
    with pytest.raises(EmoError, match=r"locked\.keras: expected a Keras model that loads"):
        load_model(path)

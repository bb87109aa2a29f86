import json
from pathlib import Path

import keras
import pytest

from emo_tf.errors import EmoError
from emo_tf.export.run_files import read_run_files
from emo_tf.export.sources import read_exportables
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.keras_file import save_model
from tests.context_exports import small_run
from tests.small_context import small_context_fusion


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return small_context_fusion(branches=("body",))


@pytest.fixture
def run(tmp_path, model):
    return small_run(tmp_path / "run", model, data_dir=Path("somewhere"))


def test_a_run_is_read_with_what_training_wrote_beside_the_model(run, model):
    files = read_run_files(run)
    assert files.path == run / "model.keras"
    assert (files.metadata.version, files.metadata.thresholds["Peace"]) == ("3", 0.25)
    assert files.config["name"] == "emotic_context"
    assert files.metrics == {"people": {"train": 21, "val": 3}}
    assert (files.dataset, files.data_dir(None)) == ("emotic", Path("somewhere"))
    assert files.data_dir(Path("elsewhere")) == Path("elsewhere")
    assert [w.path for w in files.model.weights] == [w.path for w in model.weights]


def test_a_run_without_notes_on_its_data_reads_data_by_default(run):
    (run / "data.json").unlink()
    (run / "metrics.json").unlink()
    files = read_run_files(run)
    assert (files.dataset, files.metrics, files.data_dir(None)) == (None, {}, Path("data"))


def test_a_keras_file_stands_alone_whatever_lies_beside_it(run):
    files = read_run_files(run / "model.keras")
    assert files.path == run / "model.keras"
    assert (files.config, files.metrics, files.data) == ({}, {}, {})


def test_a_model_in_half_precision_is_read_in_float32(tmp_path):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    half = small_context_fusion(branches=("body",))
    keras.config.set_dtype_policy(before)
    run = small_run(tmp_path / "run", half)
    dtypes = {layer.compute_dtype for layer in read_run_files(run).model.layers}
    assert dtypes == {"float32"} < {layer.compute_dtype for layer in half.layers}


def test_a_run_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(EmoError, match=r"nowhere: expected the folder of a run, .* Received: none"):
        read_run_files(tmp_path / "nowhere")


def test_a_run_that_has_not_ended_is_an_error(run):
    (run / "model.keras").unlink()
    with pytest.raises(EmoError, match=r"run: expected a finished run\. Received: no model\.keras"):
        read_run_files(run)


@pytest.mark.parametrize("name", ["config.json", "metrics.json", "data.json"])
@pytest.mark.parametrize(
    "content", [b'{"task": ', b"[1]", b"\xff\xfe"], ids=["cut off", "a list", "no text"]
)
def test_a_damaged_file_beside_the_model_is_named(run, name, content):
    (run / name).write_bytes(content)
    with pytest.raises(EmoError, match=rf"{name}: expected (an object of )?JSON\. Received: "):
        read_run_files(run)


@pytest.mark.parametrize("share", [0, 0.3, 0.97], ids=["empty", "a third", "nearly all"])
def test_a_damaged_model_is_an_error(run, share):
    file = run / "model.keras"
    whole = file.read_bytes()
    file.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(EmoError, match=r"model\.keras: expected a"):
        read_run_files(run)


def test_a_model_of_a_task_that_is_not_exported_is_named(tmp_path):
    picture = keras.Input((8, 8, 3))
    means = keras.Model(picture, {"features": keras.layers.GlobalAveragePooling2D()(picture)})
    metadata = ModelMetadata("means", "backbone", "", "1", inputs={}, outputs={"features": ""})
    save_model(means, tmp_path / "means.keras", metadata=metadata)
    with pytest.raises(
        EmoError,
        match=r"means\.keras: expected .* task emotic, expression, group or video.*backbone",
    ):
        read_exportables(tmp_path / "means.keras")


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_has_to_be_positive(run, limit):
    with pytest.raises(EmoError, match=rf"limit: expected 1 or more\. Received: {limit}"):
        read_exportables(run, limit=limit)


def test_a_data_set_of_another_name_is_not_read_in_its_place(run, tmp_path):
    (run / "data.json").write_text(json.dumps({"dataset": "emotyc", "data_dir": str(tmp_path)}))
    with pytest.raises(EmoError, match="emotyc"):
        read_exportables(run)

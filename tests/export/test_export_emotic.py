import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.export.emotic import export_emotic
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.keras_file import load_model, save_model
from emo_tf.runtime.litert import LiteRTModel
from tests.small_context import SIZES, save_small_run, small_context_fusion

FILES = ["labels.txt", "model_float16.tflite", "model_float32.tflite"]
TOLERANCES = {"float32": 1e-5, "float16": 2e-3}
PEOPLE = 5


@pytest.fixture
def run(tmp_path):
    """A folder for a run whose model the test chooses."""
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


def pixels(model: keras.Model) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {
        name: np.linspace(1, 0.2, PEOPLE)[:, None, None, None]
        * rng.integers(0, 256, (PEOPLE, *SIZES[name], 3))
        for name in model.input
    }


@pytest.mark.parametrize(
    ("branches", "score_kind"),
    [(("scene", "body"), "sigmoid"), (("body",), "raw"), (("scene",), "raw")],
    ids=["both", "body", "scene"],
)
def test_the_files_answer_as_keras_does_and_say_the_same_of_themselves(run, branches, score_kind):
    model = small_context_fusion(branches=branches, score_kind=score_kind)
    metadata = save_small_run(run, model)
    reports = {}
    files = export_emotic(run, out=run / "export", report=reports.__setitem__)
    assert sorted(path.name for path in (run / "export").iterdir()) == FILES
    assert files.pop("labels").read_text().splitlines() == list(EMOTIC_CATEGORIES)
    assert list(reports) == list(files.values())
    assert reports[files["float32"]] < TOLERANCES["float32"] < reports[files["float16"]]
    assert files["float16"].stat().st_size < files["float32"].stat().st_size
    pictures = {name: np.uint8(value) for name, value in pixels(model).items()}
    expected = model.predict(pictures, verbose=0)
    for precision, path in files.items():
        converted = LiteRTModel(path)
        assert converted.metadata == metadata
        found = converted(**pictures)
        assert found.keys() == expected.keys() == {"score", "vad"}
        for name, value in expected.items():
            tolerance = TOLERANCES[precision] * np.abs(value).max()
            assert np.ptp(value, axis=0).max() > 10 * tolerance
            np.testing.assert_allclose(found[name], value, atol=tolerance)


def test_a_keras_file_that_was_trained_in_half_precision_becomes_float32(tmp_path):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    save_small_run(tmp_path, small_context_fusion(branches=("body",)))
    keras.config.set_dtype_policy(before)
    file = (tmp_path / "model.keras").rename(tmp_path / "imported.keras")
    files = export_emotic(file, out=tmp_path / "deeper" / "phone")
    assert sorted(path.name for path in (tmp_path / "deeper" / "phone").iterdir()) == FILES
    pictures = {"body": np.uint8(pixels(load_model(file)[0])["body"])}
    outputs = LiteRTModel(files["float32"])(**pictures)
    exact = small_context_fusion(branches=("body",)).predict(pictures, verbose=0)
    np.testing.assert_allclose(outputs["score"], exact["score"], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("layer", "scale", "precision"),
    [("fc_cat", 1e6, "float16"), ("fc_cont", np.nan, "float32")],
    ids=["too large for half a float", "not a number"],
)
def test_a_file_that_differs_from_keras_is_an_error_and_changes_nothing(
    run, layer, scale, precision
):
    model = small_context_fusion(branches=("body",))
    kernel = model.get_layer("head").get_layer(layer).kernel
    kernel.assign(scale * kernel)
    save_small_run(run, model)
    (run / "export").mkdir()
    (run / "export" / "model_float32.tflite").write_text("earlier")
    with pytest.raises(EmoError, match=f"model_{precision}.tflite: expected outputs within"):
        export_emotic(run, out=run / "export")
    assert [path.read_text() for path in (run / "export").iterdir()] == ["earlier"]


def test_a_model_that_paints_the_person_out_is_refused(run):
    save_small_run(run, small_context_fusion(blank_person=True))
    with pytest.raises(
        EmoError, match=r"needs the box, and cannot be exported yet\. .* scene, box"
    ):
        export_emotic(run, out=run / "export")
    assert not (run / "export").exists()


def test_a_model_of_another_task_is_refused(tmp_path):
    picture = keras.Input((8, 8, 3))
    model = keras.Model(picture, {"features": keras.layers.GlobalAveragePooling2D()(picture)})
    metadata = ModelMetadata("means", "backbone", "", "1", inputs={}, outputs={"features": ""})
    save_model(model, tmp_path / "means.keras", metadata=metadata)
    with pytest.raises(EmoError, match=r"means\.keras: expected a model of people.* task backbone"):
        export_emotic(tmp_path / "means.keras", out=tmp_path / "export")


@pytest.fixture
def small_run(run):
    save_small_run(run, small_context_fusion(branches=("body",)))
    return run


def test_a_run_that_has_not_ended_is_an_error(small_run):
    (small_run / "model.keras").unlink()
    with pytest.raises(EmoError, match=r"run: expected a finished run\. Received: no model\.keras"):
        export_emotic(small_run, out=small_run / "export")


def test_a_run_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(EmoError, match=r"nowhere: expected a Keras model\. Received: no such"):
        export_emotic(tmp_path / "nowhere", out=tmp_path / "export")


@pytest.mark.parametrize("share", [0, 0.3, 0.97], ids=["empty", "a third", "nearly all"])
def test_a_damaged_model_is_an_error(small_run, share):
    file = small_run / "model.keras"
    whole = file.read_bytes()
    file.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(EmoError, match=r"model\.keras: expected a"):
        export_emotic(small_run, out=small_run / "export")
    assert not (small_run / "export").exists()


@pytest.mark.parametrize("inside", ["", "deeper"], ids=["itself", "above it"])
def test_a_file_where_the_folder_is_to_be_is_an_error(small_run, inside):
    (small_run / "file").touch()
    with pytest.raises(EmoError, match=r"expected a folder to write to\. Received: .*file, a file"):
        export_emotic(small_run, out=small_run / "file" / inside)

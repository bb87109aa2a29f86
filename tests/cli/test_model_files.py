import shutil
from pathlib import Path

import pytest

from emo_tf.cli.model_files import Models, model_file, models_by_task
from emo_tf.errors import EmoError
from emo_tf.weights import weight_path

EXPRESSION = weight_path("expression_int8")


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


def test_a_file_stands_for_its_task(here):
    assert models_by_task([EXPRESSION]) == Models(expression=EXPRESSION)
    assert models_by_task([]) == Models()


def test_there_may_be_several_models_of_groups_in_their_order(here):
    from tests.group_models import write_group_tflite

    one, other = (write_group_tflite(here / f"{name}.tflite", name=name) for name in "ba")
    assert models_by_task([one, EXPRESSION, other]) == Models(EXPRESSION, group=(one, other))


def test_an_exported_run_stands_for_the_task_of_its_export(here):
    touch(here / "run" / "export")
    touch(here / "run", "config.json", "model.keras")
    file = Path(shutil.copy(EXPRESSION, here / "run" / "export" / "model_float32.tflite"))
    assert models_by_task([Path("run")]) == Models(expression=file.relative_to(here))


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["model_int8.tflite", "model_float32.tflite", "model_float16.tflite"], "model_float16"),
        (["model_int8.tflite", "model_float32.tflite"], "model_float32"),
        (["model_int8.tflite", "other.tflite"], "model_int8"),
        (["other.tflite", "notes.txt"], "other"),
    ],
    ids=["all", "without float16", "int8 alone", "one of another name"],
)
@pytest.mark.parametrize("folder", [".", "export"])
def test_in_a_folder_float16_is_taken_then_float32_then_int8(here, folder, names, taken):
    touch(here / "run" / folder, *names)
    assert model_file(Path("run")) == Path("run") / folder / f"{taken}.tflite"


@pytest.mark.parametrize("name", ["config.json", "model.keras"])
def test_a_run_that_was_not_exported_is_met_with_the_command_that_exports_it(here, name):
    touch(here / "my run", name)
    with pytest.raises(EmoError) as error:
        model_file(Path("my run"))
    assert str(error.value) == (
        "my run: expected an exported model. Received: a run that has not been exported; "
        "emo-tf export --run 'my run' --out 'my run/export'"
    )


@pytest.mark.parametrize(
    ("beside", "command"),
    [
        ([], "emo-tf export --run run/model.keras --out run/model"),
        (["config.json"], "emo-tf export --run run --out run/export"),
    ],
    ids=["alone", "of a run"],
)
def test_a_keras_file_is_met_with_the_command_that_exports_it(here, beside, command):
    touch(here / "run", "model.keras", *beside)
    with pytest.raises(EmoError) as error:
        model_file(Path("run/model.keras"))
    assert str(error.value) == (
        f"run/model.keras: expected an exported model. Received: a Keras file; {command}"
    )


def test_a_folder_with_neither_is_refused(here):
    touch(here / "photos", "a.jpg")
    with pytest.raises(EmoError, match=r"photos: expected a folder with .* Received: neither"):
        model_file(Path("photos"))


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ([Path("gone.tflite")], "gone.tflite: no such model file"),
        ([Path("gone.keras")], "gone.keras: no such model file"),
        ([Path("text.tflite")], "text.tflite: expected a TFLite model"),
        (
            [weight_path("mtcnn_onet")],
            "expected a model of task expression, emotic or group. Received: face_detection",
        ),
        (
            [EXPRESSION, weight_path("expression_float16")],
            "--model: expected one model of task expression. Received: .*int8.* and .*float16",
        ),
    ],
    ids=["missing", "missing Keras file", "text", "other task", "two of one task"],
)
def test_what_is_no_model_to_predict_with_is_refused(here, paths, message):
    (here / "text.tflite").write_text("Not a model.")
    with pytest.raises(EmoError, match=message):
        models_by_task(paths)

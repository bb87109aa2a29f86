"""What `emo-tf explain` says of models, options and boxes that it cannot use."""

import shutil
from dataclasses import replace

import pytest

from emo_tf.models.context_fusion import context_metadata
from emo_tf.models.group_metadata import group_metadata
from emo_tf.models.keras_file import save_model
from emo_tf.runtime.image_io import write_image
from emo_tf.weights import weight_path
from tests.context_models import tiny_context_model
from tests.keras_groups import mean_colour_model
from tests.red_patch_models import grey_picture, red_context_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with models of people and groups, and with what is none."""
    folder = tmp_path_factory.mktemp("explain")
    for name, model in {"red": red_context_model(), "mean": tiny_context_model()}.items():
        save_model(model, folder / f"{name}.keras", metadata=context_metadata(model, version="1"))
    about = replace(context_metadata(red_context_model(), version="1"), task="scene")
    save_model(red_context_model(), folder / "scenes.keras", metadata=about)
    model = mean_colour_model()
    save_model(model, folder / "group.keras", metadata=group_metadata(model, name="colour"))
    shutil.copy(weight_path("expression_float16"), folder / "faces.tflite")
    (folder / "run").mkdir()
    (folder / "empty").mkdir()
    (folder / "people.txt").write_text("a.png 0 0 9 9\n")
    for name in ("a.png", "b.png"):
        write_image(folder / name, grey_picture((40, 32, 16, 32)))
    return folder


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--model", "faces.tflite"], "since maps are made of gradients", id="tflite"),
        pytest.param(["--model", "gone"], "gone: expected the folder of a run", id="gone"),
        pytest.param(["--model", "run"], "run: expected a finished run", id="unfinished run"),
        pytest.param(
            ["--model", "scenes.keras"],
            "scenes.keras: expected a model of task expression, emotic or group. "
            "Received: context_fusion, task scene",
            id="another task",
        ),
        pytest.param(
            ["--model", "mean.keras"],
            "mean.keras: context_fusion: expected a model with a convolution to explain",
            id="no convolution",
        ),
        pytest.param(
            ["--model", "red.keras", "--category", "Happines"],
            "did you mean Happiness?",
            id="category",
        ),
        pytest.param(
            ["--model", "red.keras", "--dimension", "Happiness"],
            "Unknown dimension: expected one of arousal, dominance, valence.",
            id="dimension",
        ),
        pytest.param(
            ["--model", "red.keras", "--dimension", "valence", "--category", "Peace"],
            "expected no --dimension beside it",
            id="category and dimension",
        ),
        pytest.param(
            ["--model", "red.keras", "--layer", "cell"], "did you mean cells?", id="layer"
        ),
        pytest.param(
            ["--model", "red.keras", "--verdict", "positive"],
            "--verdict: expected a model of task group",
            id="verdict on people",
        ),
        pytest.param(
            ["--model", "group.keras", "--no-check"],
            "--check: expected a model of task emotic or expression",
            id="check of groups",
        ),
        pytest.param(["--expression", "hapy"], "did you mean happy?", id="expression"),
        pytest.param(["--box", "1,2,3,4"], "--box: expected a model of", id="box of faces"),
        pytest.param(
            ["--model", "red.keras", "--box", "1,2,3,4", "--person-detector", "p.tflite"],
            "--person-detector: expected no --box",
            id="box and detector",
        ),
        pytest.param(
            ["--model", "group.keras", "people.txt"],
            "a list of people: expected a model of task emotic",
            id="list for groups",
        ),
        pytest.param(
            ["--model", "red.keras", "--box", "1,2,3"], "--box: expected X,Y,W,H", id="three"
        ),
        pytest.param(
            ["--model", "red.keras", "--box", "1,2,x,4"],
            "--box: expected a number as X, Y, W or H",
            id="no number",
        ),
        pytest.param(
            ["--model", "red.keras", "--box", "1,2,3,4", "b.png"],
            "--box: expected one picture",
            id="box in two pictures",
        ),
        pytest.param(
            ["--model", "red.keras", "--json", "red.keras"],
            "--json: expected a file other than the sources",
            id="json over the model",
        ),
        pytest.param(
            ["--model", "red.keras", "--min-face", "0"], "min_face: expected", id="no size"
        ),
        pytest.param(
            ["--model", "red.keras", "--draw", "a.png"], "expected a folder", id="draw to a file"
        ),
    ],
)
def test_what_cannot_be_used_is_told_before_any_work(
    run_here, folder, monkeypatch, arguments, message
):
    monkeypatch.chdir(folder)
    code, out, err = run_here("explain", "a.png", *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_a_box_outside_of_the_picture_is_told_with_the_size_of_the_picture(
    run_here, folder, monkeypatch
):
    monkeypatch.chdir(folder)
    code, out, _ = run_here("explain", "a.png", "--model", "red.keras", "--box", "500,0,10,10")
    assert code == 1
    assert "--box: box_xywh: expected a box with an area in the picture of 128 x 96" in out


def test_a_folder_without_pictures_is_told(run_here, folder, monkeypatch):
    monkeypatch.chdir(folder)
    code, out, _ = run_here("explain", "empty", "--model", "red.keras")
    assert code == 1
    assert "expected a folder with pictures" in out

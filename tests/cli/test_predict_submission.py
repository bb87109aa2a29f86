"""`emo-tf predict --submission`: a text file a picture, as the group challenge takes them."""

import shutil

import numpy as np
import pytest

from emo_tf.runtime.image_io import write_image
from tests.group_models import write_face_tflite, write_group_tflite

COLOURS = {"21_0000333": (200, 0, 0), "neg_7": (0, 200, 0), "c.d": (0, 0, 200)}
LABELS = {"21_0000333.txt": "Negative\n", "neg_7.txt": "Neutral\n", "c.d.txt": "Positive\n"}
JUDGED = ["--model", "picture.tflite", "--submission", "out"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with pictures of one colour each, and models of pictures and of faces."""
    folder = tmp_path_factory.mktemp("made")
    for name, colour in COLOURS.items():
        write_image(folder / "test" / f"{name}.png", np.full((50, 70, 3), colour, np.uint8))
    write_group_tflite(folder / "picture.tflite", name="by_picture")
    write_face_tflite(folder / "faces.tflite", name="by_faces")
    return folder


@pytest.fixture
def here(made, tmp_path):
    """A copy of that folder for one test."""
    return shutil.copytree(made, tmp_path, dirs_exist_ok=True)


def submitted(folder) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in (folder / "out").iterdir()}


@pytest.mark.parametrize("is_there", [False, True], ids=["new", "empty"])
def test_every_picture_has_a_file_of_its_name_with_its_class(here, run_here, is_there):
    if is_there:
        (here / "out").mkdir()
    code, out, err = run_here("predict", "test", *JUDGED)
    assert (code, err) == (0, "")
    assert submitted(here) == LABELS
    assert "wrote 3 labels to out" in out
    assert not [path for path in here.iterdir() if path.name.startswith(".")]


def test_a_picture_that_is_named_twice_has_one_file(here, run_here):
    code, out, _ = run_here("predict", "test", "test/neg_7.png", here / "test/neg_7.png", *JUDGED)
    assert code == 0
    assert submitted(here) == LABELS
    assert "wrote 3 labels to out" in out


def test_pictures_without_a_verdict_have_no_file_and_are_named(here, run_here):
    shutil.copy(here / "test" / "neg_7.png", here / "b.png")
    words = ["--model", "faces.tflite", "--submission", "out"]
    code, out, err = run_here("predict", "test", "b.png", *words)
    assert (code, submitted(here)) == (1, {})
    assert "no file for 4 pictures, as there is no verdict on test/21_0000333.png, test/c.d" in err
    assert err.count("\n") == 1
    assert "wrote 0 labels to out" in out


def test_a_picture_that_cannot_be_read_has_no_file_and_the_others_do(here, run_here):
    (here / "test" / "neg_7.png").write_text("Not a picture.")
    code, _, err = run_here("predict", "test", *JUDGED)
    assert code == 1
    assert submitted(here) == {name: LABELS[name] for name in LABELS if name != "neg_7.txt"}
    assert "no file for 1 picture, as there is no verdict on test/neg_7.png;" in err


def test_many_pictures_without_a_verdict_are_counted(here, run_here):
    for index in range(12):
        shutil.copy(here / "test" / "neg_7.png", here / "test" / f"{index:02}.png")
    words = ["--model", "faces.tflite", "--submission", "out"]
    _, _, err = run_here("predict", "test", *words)
    assert "no file for 15 pictures, " in err
    assert "test/09.png and 5 more; a model" in err


def test_standard_input_has_no_name_to_go_by(here, run_here):
    code, _, err = run_here("predict", "-", *JUDGED)
    assert (code, err.count("\n")) == (2, 1)
    assert "--submission: expected pictures with names" in err


WRONG = {
    "two of one name": (
        ["other/NEG_7.jpg"],
        "--submission: expected pictures of different names, suffixes apart. Received: /",
    ),
    "a file": (["--submission", "picture.tflite"], "expected a new or empty folder"),
    "a folder that holds something": (
        ["--submission", "other"],
        "expected a new or empty folder. Received: one that holds something",
    ),
    "below a file": (["--submission", "picture.tflite/out"], "picture.tflite/out cannot be made"),
    "no verdict": (["--no-group"], "--submission: expected a verdict to be asked for with it."),
    "drawings in it": (["--draw", "out/drawn"], "a folder other than that of --draw"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_submitted_ends_in_one_line_and_nothing_is_written(here, run_here, case):
    words, message = WRONG[case]
    (here / "other").mkdir()
    shutil.copy(here / "test" / "neg_7.png", here / "other" / "NEG_7.jpg")
    before = {path: path.stat().st_mtime_ns for path in here.rglob("*") if path.is_file()}
    models = [] if case == "no verdict" else JUDGED[:2]
    given = words if "--submission" in words else [*words, *JUDGED[2:]]
    code, out, err = run_here("predict", "test", *models, *given)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "--submission" in err
    assert message in err
    assert {p: p.stat().st_mtime_ns for p in here.rglob("*") if p.is_file()} == before
    assert not (here / "out").exists()

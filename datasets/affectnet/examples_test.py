"""Which rows can be used, and why others cannot."""

import pytest

from emo_tf.corpora.report import LeftOut
from emo_tf.corpora.testing import encoded, turned_jpeg

from .annotations import read_rows
from .examples import examples_of
from .hard_copies import no_face, row, write_affectnet


@pytest.fixture
def example_of(tmp_path):
    """Writes a row with its picture and returns what becomes of it."""

    def write_and_read(cells, *, image=None, missing=False):
        images = {"1/a.jpg": image or encoded()} if not missing else {"1/a.jpg": None}
        folder = write_affectnet(tmp_path / "affectnet", train=[cells], images=images)
        (one,) = read_rows(folder / "training.csv")
        images = folder / "Manually_Annotated_Images"
        (found,) = examples_of(one, images=images, table="training.csv")
        return found

    return write_and_read


@pytest.mark.parametrize(
    ("cells", "reason", "detail"),
    [
        (row(expression=8), "expression none", "expression none, code 8"),
        (row(expression=9), "expression uncertain", "expression uncertain, code 9"),
        (no_face("1/a.jpg"), "no face", "no face, code 10"),
        (row(face_y="NULL"), "no face box", "box is NULL"),
        (row(valence=-2), "no valence or arousal", "valence -2, arousal -0.25"),
        (row(arousal=-2), "no valence or arousal", "valence 0.5, arousal -2"),
        (row(face_width=0), "empty box", "box is empty: [10, 5, 10, 35]"),
        (row(face_height=-3), "empty box", "box is empty: [10, 5, 30, 2]"),
        (
            row(face_x=64),
            "box outside the image",
            "box lies outside the image of 64 x 48 pixels: [64, 5, 84, 35]",
        ),
        (
            row(face_y=-30),
            "box outside the image",
            "box lies outside the image of 64 x 48 pixels: [10, -30, 30, 0]",
        ),
    ],
    ids=[
        *("none", "uncertain", "no face", "no box", "no valence", "no arousal"),
        *("no width", "negative height", "right of it", "above it"),
    ],
)
def test_a_row_that_is_left_out_says_where_and_why(example_of, cells, reason, detail):
    assert example_of(cells) == LeftOut(reason, f"training.csv, line 2 (1/a.jpg): {detail}")


def test_a_missing_picture_leaves_its_row_out(example_of):
    found = example_of(row(), missing=True)

    assert found == LeftOut("missing image", "training.csv, line 2 (1/a.jpg): image is missing")


@pytest.mark.parametrize("data", [encoded()[:500], b"no picture"], ids=["cut off", "text"])
def test_an_unreadable_picture_leaves_its_row_out(example_of, data):
    found = example_of(row(), image=data)

    assert found.reason == "unreadable image"
    assert found.text.startswith("training.csv, line 2 (1/a.jpg): image cannot be read: ")


@pytest.mark.parametrize("expression", [8, 9])
def test_the_picture_of_a_dropped_row_is_not_looked_at(example_of, expression):
    assert "expression" in example_of(row(expression=expression), missing=True).reason


@pytest.mark.parametrize(
    ("changes", "box"),
    [
        ({}, [10, 5, 20, 30]),
        ({"face_x": -4, "face_width": 500}, [0, 5, 64, 30]),
        ({"face_y": "39.6", "face_height": "40"}, [10, 40, 20, 8]),
    ],
    ids=["inside", "beyond both sides", "fractions"],
)
def test_a_box_is_cut_to_the_picture(example_of, changes, box):
    _, example = example_of(row(**changes))

    assert example["box_xywh"].tolist() == box


def test_a_box_refers_to_the_picture_upright(example_of):
    _, example = example_of(row(face_y=50), image=turned_jpeg(6))

    assert example["box_xywh"].tolist() == [10, 50, 20, 14]


def test_contempt_is_none_of_the_seven(example_of):
    key, example = example_of(row(expression=7))

    assert key == "000002"
    assert (example["expression"], example["expression7"]) == ("contempt", -1)


def test_anger_is_called_angry_in_both(example_of):
    _, example = example_of(row(expression=6))

    assert (example["expression"], example["expression7"]) == ("angry", "angry")

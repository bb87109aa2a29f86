"""Which faces can be used, and why others cannot."""

import pytest

from emo_tf.corpora.report import LeftOut
from emo_tf.corpora.testing import encoded
from emo_tf.errors import EmoError

from .examples import examples_of
from .hard_copies import write_set
from .label_lists import list_path, read_faces


@pytest.fixture
def example_of(tmp_path):
    """Writes a set of one face and returns what becomes of it."""

    def write_and_read(kind="basic", changes=None):
        home = write_set(tmp_path, kind, names=["train_1.jpg"], changes=changes) / kind
        (face,) = read_faces(list_path(home, kind), kind=kind)
        (found,) = examples_of(face, folder=home, kind=kind)
        return found

    return write_and_read


@pytest.mark.parametrize("kind", ["basic", "compound"])
def test_a_face_has_the_annotated_box_and_landmarks(example_of, kind):
    key, example = example_of(kind)

    assert key == "train_1"
    assert example["box_xywh"].tolist() == [10.5, 5, 20, 30]
    assert example["landmarks"].shape == (5, 2)


def test_landmarks_of_a_basic_face_may_be_missing(example_of):
    _, example = example_of(changes={"train_1_manu_attri.txt": None})

    assert example["landmarks"].shape == (0, 2)


def test_the_box_of_the_multi_set_lies_round_the_landmarks(example_of):
    _, example = example_of("multi")

    assert example["box_xywh"].tolist() == [6, 4, 24, 24]
    assert "label" not in example


@pytest.mark.parametrize(
    ("box", "seen"),
    [("-4 -8.5 30.5 35", [0, 0, 30.5, 35]), ("60.25\t40\t90\t90", [60.25, 40, 3.75, 8])],
    ids=["above and left", "below and right"],
)
def test_a_box_is_cut_to_the_picture(example_of, box, seen):
    _, example = example_of(changes={"train_1_boundingbox.txt": box})

    assert example["box_xywh"].tolist() == seen


@pytest.mark.parametrize(
    ("changes", "reason", "detail"),
    [
        ({"train_1.jpg": None}, "missing image", "image is missing"),
        ({"train_1_boundingbox.txt": None}, "missing box", "no train_1_boundingbox.txt"),
        ({"train_1_boundingbox.txt": "9 8 9 20"}, "empty box", "box is empty: [9, 8, 9, 20]"),
        (
            {"train_1_boundingbox.txt": "64 0 80 20"},
            "box outside the image",
            "box lies outside the image of 64 x 48 pixels: [64, 0, 80, 20]",
        ),
    ],
    ids=["no image", "no box", "empty box", "box outside"],
)
def test_a_face_that_is_left_out_says_where_and_why(example_of, changes, reason, detail):
    place = "basic/EmoLabel/list_patition_label.txt, line 1 (train_1.jpg)"

    assert example_of(changes=changes) == LeftOut(reason, f"{place}: {detail}")


@pytest.mark.parametrize(
    ("points", "reason", "detail"),
    [
        (None, "missing landmarks", "no train_1_manu_ldmk.txt"),
        ("12 10\n", "empty box", "box is empty: [12, 10, 12, 10]"),
        (
            "80 10\n90 20\n",
            "box outside the image",
            "box lies outside the image of 64 x 48 pixels: [75, 5, 95, 25]",
        ),
    ],
    ids=["no landmarks", "one point", "points outside"],
)
def test_a_face_of_the_multi_set_needs_landmarks_in_the_picture(example_of, points, reason, detail):
    place = "multi/EmoLabel/distribution.txt, line 1 (train_1.jpg)"

    assert example_of("multi", changes={"train_1_manu_ldmk.txt": points}) == LeftOut(
        reason, f"{place}: {detail}"
    )


@pytest.mark.parametrize("data", [encoded()[:500], b"no picture"], ids=["cut off", "text"])
def test_an_unreadable_picture_is_left_out(example_of, data):
    found = example_of(changes={"train_1.jpg": data})

    assert found.reason == "unreadable image"
    assert ", line 1 (train_1.jpg): image cannot be read: " in found.text


def test_a_file_of_annotations_that_cannot_be_understood_is_an_error(example_of):
    with pytest.raises(EmoError, match=r"train_1_boundingbox\.txt, line 1: expected a number"):
        example_of(changes={"train_1_boundingbox.txt": "1 2 3 x"})

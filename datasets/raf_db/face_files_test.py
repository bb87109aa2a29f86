"""Reading boxes and landmarks."""

import numpy as np
import pytest

from emo_tf.errors import EmoError

from .face_files import box_round, read_box, read_landmarks
from .hard_copies import ATTRIBUTES, POINTS

BLANKS = POINTS.replace("\t", " ")


@pytest.fixture
def write(tmp_path):
    """Writes a file of annotations."""

    def write_file(content):
        path = tmp_path / "train_1_some.txt"
        path.write_text(content)
        return path

    return write_file


@pytest.mark.parametrize("content", ["1.5 2 30 40.25\n", "1.5\t2\t30\t40.25", " 1.5  2 30 40.25 "])
def test_a_box_stands_between_blanks_or_tabs(write, content):
    assert read_box(write(content)) == (1.5, 2, 30, 40.25)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", ": expected one line x1 y1 x2 y2. Received: 0 lines"),
        ("1 2 3 4\n5 6 7 8\n", ": expected one line x1 y1 x2 y2. Received: 2 lines"),
        ("1 2 3\n", ", line 1: expected x1 y1 x2 y2. Received: 3 cells"),
        ("\n1 2 3 right\n", ", line 2: expected a number as the box. Received: 'right'"),
    ],
    ids=["empty", "two lines", "few cells", "text"],
)
def test_a_box_that_cannot_be_understood_is_an_error(write, content, message):
    path = write(content)

    with pytest.raises(EmoError) as caught:
        read_box(path)

    assert str(caught.value) == f"{path}{message}"


@pytest.mark.parametrize(
    "content",
    [POINTS, BLANKS, POINTS + ATTRIBUTES, BLANKS + ATTRIBUTES, BLANKS.replace("\n", " \n")],
    ids=["tabs", "blanks", "tabs and codes", "blanks and codes", "blanks at the ends"],
)
def test_landmarks_are_read_in_either_form_without_the_codes(write, content):
    landmarks = read_landmarks(write(content))

    assert landmarks.dtype == np.float32
    assert landmarks.tolist() == [[12, 10], [24, 10], [18, 16], [13, 22], [23, 22]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", ": expected points x y, and after them 3 codes or none. Received: 0 points and 0 cod"),
        ("1 2\n0\n", ": expected points x y, and after them 3 codes or none. Received: 1 points"),
        ("1 2\n0\n0\n0\n0\n", "Received: 1 points and 4 codes"),
        ("0\n0\n0\n", ", line 1: expected a point x y. Received: '0'"),
        ("1 2 3\n", ", line 1: expected a point x y. Received: '1 2 3'"),
        ("1 2\n0\n3 4\n", ", line 3: expected a point x y. Received: '3 4'"),
        ("1 2\n3 y\n", ", line 2: expected a number as a landmark. Received: 'y'"),
        ("1 2\na\n", ", line 2: expected a number as a landmark. Received: 'a'"),
    ],
    ids=[
        *("empty", "one code", "four codes", "codes alone", "three cells", "a point after codes"),
        *("text", "a code of text"),
    ],
)
def test_landmarks_that_cannot_be_understood_are_an_error(write, content, message):
    path = write(content)

    with pytest.raises(EmoError) as caught:
        read_landmarks(path)

    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_the_box_round_landmarks_is_their_extent_grown_by_half_of_it():
    landmarks = np.array([(12, 10), (24, 18), (20, 22)], np.float32)

    assert box_round(landmarks) == (6, 4, 30, 28)

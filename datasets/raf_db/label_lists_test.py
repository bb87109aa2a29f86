"""Reading the lists of labels."""

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS

from .label_lists import COMPOUND_NAMES, list_path, read_faces


@pytest.fixture
def read(tmp_path):
    """Writes the list of a set and reads it back."""

    def write_and_read(kind, content):
        path = list_path(tmp_path, kind)
        path.parent.mkdir()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_faces(path, kind=kind)

    return write_and_read


def shares_of(face):
    shares = zip(EXPRESSIONS, face.distribution, strict=True)
    return {name: pytest.approx(share) for name, share in shares if share}


@pytest.mark.parametrize(
    ("code", "label"),
    [
        *((1, "surprise"), (2, "fear"), (3, "disgust"), (4, "happy"), (5, "sad"), (6, "angry")),
        (7, "neutral"),
    ],
)
def test_a_basic_code_is_an_expression(read, code, label):
    (face,) = read("basic", f"train_00001.jpg {code}\n")

    assert (face.line, face.name, face.split, face.stem) == (
        *(1, "train_00001.jpg", "train", "train_00001"),
    )
    assert face.label == label
    assert shares_of(face) == {label: 1}


@pytest.mark.parametrize(
    ("code", "pair"),
    [(1, ("happy", "surprise")), (7, ("fear", "angry")), (11, ("disgust", "surprise"))],
)
def test_a_compound_code_is_a_pair_of_halves(read, code, pair):
    (face,) = read("compound", f"test_0001.jpg {code}\n")

    assert (face.split, face.label) == ("test", "+".join(pair))
    assert shares_of(face) == dict.fromkeys(pair, 0.5)


def test_the_eleven_pairs_have_names_of_their_own():
    assert len(set(COMPOUND_NAMES)) == 11


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ("0.5 0.1 0.2 0 0 0.2", {"surprise": 0.5, "fear": 0.1, "disgust": 0.2, "angry": 0.2}),
        ("0 0 0 0.25 0.25 0", {"happy": 0.25, "sad": 0.25, "neutral": 0.5}),
        ("0 0 0 0 0 0", {"neutral": 1}),
        ("0 0 0.5 0.51 0 0", {"disgust": 0.5 / 1.01, "happy": 0.51 / 1.01}),
    ],
    ids=["whole", "the rest is neutral", "nothing", "a little too much"],
)
def test_shares_are_put_in_order_and_add_up_to_one(read, shares, expected):
    (face,) = read("multi", f"train_00001.jpg {shares}\n")

    assert face.label is None
    assert shares_of(face) == {name: pytest.approx(share) for name, share in expected.items()}
    assert np.sum(face.distribution) == pytest.approx(1)


def test_lines_keep_their_order_and_blank_ones_are_passed_over(read):
    faces = read("basic", "test_0002.jpg 1\n\ntrain_00001.jpg\t2 \r\n")

    assert [(face.line, face.stem) for face in faces] == [(1, "test_0002"), (3, "train_00001")]


@pytest.mark.parametrize(
    ("kind", "line", "message"),
    [
        ("basic", "train_2.jpg 8", "expected a code of 1 to 7. Received: '8'"),
        ("basic", "train_2.jpg 0", "expected a code of 1 to 7. Received: '0'"),
        ("basic", "train_2.jpg happy", "expected a code of 1 to 7. Received: 'happy'"),
        ("compound", "train_2.jpg 12", "expected a code of 1 to 11. Received: '12'"),
        ("basic", "train_2.jpg", "expected a name and a code. Received: 1 cells"),
        ("basic", "train_2.jpg 1 2", "expected a name and a code. Received: 3 cells"),
        ("multi", "train_2.jpg 0.5 0.5", "expected six shares (surprise, fear, disgust, "),
        ("multi", "train_2.jpg 1 0 0 0 0 x", "expected a number as a share. Received: 'x'"),
        ("multi", "train_2.jpg 1 0 0 0 0 nan", "expected a number as a share. Received: 'nan'"),
        ("multi", "train_2.jpg 1 0 0 0 0 -0.1", "add up to 1.02 or less. Received: 1 0 0 0 0 -0.1"),
        ("multi", "train_2.jpg 0.5 0.53 0 0 0 0", "add up to 1.02 or less. Received: 0.5 0.53 0"),
        ("basic", "val_2.jpg 1", "a name that begins with train_ or test_ and ends with .jpg. Rec"),
        ("basic", "train_2.png 1", "Received: 'train_2.png'"),
        ("basic", "train_/../2.jpg 1", "Received: 'train_/../2.jpg'"),
        ("basic", "train_1.jpg 2", "expected each name once. Received: 'train_1.jpg' again"),
    ],
    ids=[
        *("code 8", "code 0", "code of text", "code 12", "no code", "further cell", "few shares"),
        *("share of text", "share NaN", "negative share", "too much", "another beginning"),
        *("another suffix", "another folder", "a name again"),
    ],
)
def test_a_line_that_cannot_be_understood_is_an_error_that_names_it(
    read, tmp_path, kind, line, message
):
    first = "train_1.jpg 1 0 0 0 0 0" if kind == "multi" else "train_1.jpg 1"

    with pytest.raises(EmoError) as caught:
        read(kind, f"{first}\n{line}\n")

    assert str(caught.value).startswith(f"{list_path(tmp_path, kind)}, line 2: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("kind", ["basic", "multi"])
def test_a_list_without_lines_is_an_error(read, kind):
    with pytest.raises(EmoError, match=r"\.txt: expected a line a picture\. Received: none"):
        read(kind, "\n")


def test_a_list_that_is_not_in_utf_8_is_an_error_that_names_the_line(read):
    with pytest.raises(EmoError, match=r"line 2: expected text in UTF-8"):
        read("basic", b"train_1.jpg 1\ntrain_\xff.jpg 1\n")

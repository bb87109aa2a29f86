"""Reading one face: from a picture file and from a row of the table."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from emo_tf.errors import EmoError

from . import annotations
from .annotations import face_from_picture, faces_from_csv

GRADIENT = np.arange(48 * 48, dtype=np.uint32).reshape(48, 48) // 10
NAME = "train/happy/Training_00007.png"


def encoded(picture: Image.Image, suffix: str = "png") -> bytes:
    stream = io.BytesIO()
    picture.save(stream, suffix)
    return stream.getvalue()


def grey(height: int = 48, width: int = 48) -> Image.Image:
    return Image.fromarray(np.resize(GRADIENT, (height, width)).astype(np.uint8))


def row(*, emotion="3", pixels=None, usage="Training") -> str:
    values = " ".join(map(str, GRADIENT.ravel())) if pixels is None else pixels
    return f"{emotion},{values},{usage}\n"


def read_csv(text: str | bytes) -> list[annotations.Face]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(faces_from_csv(io.BytesIO(data), origin="faces.csv"))


@pytest.mark.parametrize(
    ("name", "usage", "label", "face_id"),
    [
        (NAME, "Training", "happy", "happy/Training_00007"),
        ("test/sad/PublicTest_12.png", "PublicTest", "sad", "sad/PublicTest_12"),
        ("a b/test/fear/PrivateTest_3.PNG", "PrivateTest", "fear", "fear/PrivateTest_3"),
    ],
    ids=["training", "public test", "private test in a subfolder"],
)
def test_a_picture_is_named_by_its_path(name, usage, label, face_id):
    face = face_from_picture(io.BytesIO(encoded(grey())), name=name, origin=name)

    assert (face.usage, face.label, face.id) == (usage, label, face_id)
    np.testing.assert_array_equal(face.pixels, GRADIENT)
    assert face.pixels.dtype == np.uint8


def test_pixel_hash_is_that_of_the_grey_values():
    face = face_from_picture(io.BytesIO(encoded(grey())), name=NAME, origin=NAME)

    assert face.pixel_sha1 == hashlib.sha1(GRADIENT.astype(np.uint8).tobytes()).hexdigest()


def test_a_jpeg_copy_is_read():
    name = "train/happy/Training_1.jpg"
    face = face_from_picture(io.BytesIO(encoded(grey(), "jpeg")), name=name, origin=name)

    assert np.abs(face.pixels.astype(int) - GRADIENT).max() < 16


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("train/Training_1.png", "expected train/<class>/Training_<number>.png"),
        ("train/happy/1.png", "expected train/<class>/Training_<number>.png"),
        ("test/happy/Training_1.png", "test/<class>/PublicTest_<number>.png"),
        ("train/happy/PublicTest_1.png", "test/<class>/PublicTest_<number>.png"),
        ("train/joy/Training_1.png", "expected a class of angry, .* Received: 'joy'"),
    ],
    ids=["no class", "no usage", "Training in test", "PublicTest in train", "unknown class"],
)
def test_a_picture_in_the_wrong_place_is_an_error_that_names_it(name, message):
    with pytest.raises(EmoError, match=message) as caught:
        face_from_picture(io.BytesIO(encoded(grey())), name=name, origin=f"there/{name}")

    assert str(caught.value).startswith(f"there/{name}: ")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (encoded(grey())[:-60], "expected a whole picture"),
        (b"", "expected a picture"),
        (b"not a picture", "expected a picture"),
        (encoded(grey(48, 64)), "Received: height 48, width 64, mode L"),
        (encoded(grey(1, 1)), "Received: height 1, width 1, mode L"),
        (encoded(grey().convert("RGB")), "Received: height 48, width 48, mode RGB"),
        (encoded(grey().convert("P")), "Received: height 48, width 48, mode P"),
        (encoded(Image.fromarray(GRADIENT.astype(np.uint16))), "mode I;16"),
    ],
    ids=["truncated", "empty", "text", "wider", "one pixel", "colour", "palette", "16 bits"],
)
def test_a_picture_that_cannot_be_used_is_an_error_that_names_it(data, message):
    with pytest.raises(EmoError, match=message) as caught:
        face_from_picture(io.BytesIO(data), name=NAME, origin=NAME)

    assert str(caught.value).startswith(f"{NAME}: ")
    assert "\n" not in str(caught.value)


def test_rows_are_faces_numbered_from_zero_over_all_usages():
    text = "emotion,pixels,Usage\n" + row() + row(emotion="6", usage="PrivateTest") + "\n"

    first, second = read_csv(text)

    assert (first.usage, first.label, first.id) == ("Training", "happy", "Training_00000")
    assert (second.usage, second.label, second.id) == (
        "PrivateTest",
        "neutral",
        "PrivateTest_00001",
    )
    np.testing.assert_array_equal(first.pixels, GRADIENT)


def test_columns_may_stand_in_any_order_with_blanks_and_a_byte_order_mark():
    values = " ".join(map(str, GRADIENT.ravel()))

    (face,) = read_csv(f"\ufeffemotion, Usage, pixels\r\n0,Training,{values}\r\n")

    assert (face.usage, face.label) == ("Training", "angry")
    np.testing.assert_array_equal(face.pixels, GRADIENT)


@pytest.mark.parametrize(
    ("bad_row", "message"),
    [
        (row(pixels="1 2 3"), "expected 2304 pixels. Received: 3"),
        (row(pixels="7 " * 2305), "expected 2304 pixels. Received: 2305"),
        (row(pixels=""), "expected 2304 pixels. Received: 0"),
        (row(pixels="256 " * 2304), "expected pixels of 0 to 255. Received: '256'"),
        (row(pixels="1 " * 2303 + "-1"), "expected pixels of 0 to 255. Received: '-1'"),
        (row(pixels="1 " * 2303 + "x"), "expected pixels of 0 to 255. Received: 'x'"),
        (row(emotion="7"), "expected an emotion of 0 to 6. Received: '7'"),
        (row(emotion=""), "expected an emotion of 0 to 6. Received: ''"),
        (row(usage="Test"), "expected a Usage of .* Received: 'Test'"),
        ("3,1 2 3\n", "expected 3 columns. Received: 2"),
    ],
    ids=[
        "few pixels",
        "many pixels",
        "no pixels",
        "above 255",
        "negative",
        "no number",
        "emotion 7",
        "no emotion",
        "unknown usage",
        "cut off",
    ],
)
def test_a_row_that_cannot_be_used_is_an_error_that_names_its_line(bad_row, message):
    with pytest.raises(EmoError, match=message) as caught:
        read_csv("emotion,pixels,Usage\n" + row() + bad_row)

    assert str(caught.value).startswith("faces.csv, line 3: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Received: no emotion, no pixels, no usage"),
        ("emotion,pixels\n", "Received: no usage"),
        (b"\xff\xfe\x00emotion", "expected CSV text in UTF-8"),
        ("emotion,pixels,Usage\n3," + "1" * 200_000 + ",Training\n", "expected CSV text"),
    ],
    ids=["empty", "no Usage", "not UTF-8", "endless field"],
)
def test_a_table_that_cannot_be_read_is_an_error_that_names_it(text, message):
    with pytest.raises(EmoError, match=message) as caught:
        read_csv(text)

    assert str(caught.value).startswith("faces.csv, line ")

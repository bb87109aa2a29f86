import io
import zlib

import numpy as np
import pytest
from PIL import Image

from emo_tf.errors import EmoError
from emo_tf.runtime.image_io import read_image
from emo_tf.runtime.picture_size import upright_size

EXIF_CHUNK_START = 8 + 25  # behind a PNG's mark and header


def size_of(data: bytes, **options) -> tuple[int, int]:
    return upright_size(io.BytesIO(data), **{"max_pixels": 10**6, "name": "x"} | options)


def exif(orientation: int) -> bytes:
    found = Image.Exif()
    found[0x0112] = orientation
    return found.tobytes()


def chunk(kind: bytes, content: bytes) -> bytes:
    whole = kind + content
    return len(content).to_bytes(4) + whole + zlib.crc32(whole).to_bytes(4)


@pytest.mark.parametrize("orientation", [None, *range(1, 9)], ids=str)
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_the_size_is_that_of_the_pixels_that_are_read(
    photo, make_picture, format_name, orientation
):
    options = {} if orientation is None else {"exif": exif(orientation)}
    data = make_picture(photo, format_name, **options)
    assert size_of(data) == read_image(data).shape[1::-1]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (b"eXIf", exif(6).removeprefix(b"Exif\0\0")),
        (
            b"iTXt",
            b'XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta><rdf:Description tiff:Orientation="6"/>'
            b"</x:xmpmeta>",
        ),
    ],
    ids=["EXIF", "XMP"],
)
@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
def test_a_png_is_turned_by_what_stands_before_or_behind_its_pixels(
    photo, make_picture, kind, content, behind
):
    data = make_picture(photo, "PNG")
    place = data.index(b"IEND") - 4 if behind else EXIF_CHUNK_START
    data = data[:place] + chunk(kind, content) + data[place:]
    assert size_of(data) == read_image(data).shape[1::-1] == photo.shape[:2]


@pytest.mark.parametrize("text", [b"", b"Comment\0on its side"], ids=["plain", "with a text"])
def test_the_pixels_of_an_upright_png_are_not_read(photo, make_picture, text):
    data = make_picture(photo, "PNG")
    data = (
        data[:EXIF_CHUNK_START] + (chunk(b"tEXt", text) if text else b"") + data[EXIF_CHUNK_START:]
    )
    start = data.index(b"IDAT")
    broken = data[: start + 4] + bytes(20) + data[start + 24 :]
    with pytest.raises(EmoError, match="cannot be decoded"):
        read_image(broken)
    assert size_of(broken) == (64, 48)


def test_a_broken_turned_png_has_a_size_too(photo, make_picture):
    data = make_picture(photo, "PNG")
    half = data[: data.index(b"IDAT") + 20]
    text = chunk(b"iTXt", b"XML:com.adobe.xmp\0" + bytes(40))
    assert size_of(half[:EXIF_CHUNK_START] + text + half[EXIF_CHUNK_START:]) == (64, 48)


def test_a_picture_over_the_limit_is_refused(make_picture):
    data = make_picture(np.zeros((10, 30, 3), np.uint8), "PNG")
    with pytest.raises(EmoError, match=r"album.png: expected at most 299 pixels. .* 30 x 10 = 300"):
        size_of(data, max_pixels=299, name="album.png")

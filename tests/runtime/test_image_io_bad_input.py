import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from emo_tf.errors import EmoError
from emo_tf.runtime.image_io import read_image


def png_header(width, height):
    """The beginning of a PNG file that claims a size and holds no pixels."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))


def test_a_thirty_two_bit_picture_is_refused(tmp_path):
    path = tmp_path / "measurement.tiff"
    Image.fromarray(np.ones((4, 4), np.float32)).save(path)
    with pytest.raises(EmoError, match=r"measurement\.tiff: .*8 or 16 bits a channel"):
        read_image(path)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 5, 3), np.float32),
        np.zeros((4, 5, 3), bool),
        np.zeros((4, 5, 3), np.int64),
        np.zeros((4, 5, 2), np.uint8),
        np.zeros((2, 4, 5, 3), np.uint8),
        np.zeros(12, np.uint8),
        np.zeros((0, 5, 3), np.uint8),
    ],
    ids=["float", "bool", "int64", "two-channels", "batch", "flat", "empty"],
)
def test_other_arrays_are_refused(array):
    with pytest.raises(EmoError, match=r"image array: expected uint8 or uint16 .* Received: \w+"):
        read_image(array)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(EmoError, match=r"gone\.jpg: .*Received: No such file"):
        read_image(tmp_path / "gone.jpg")


def test_a_folder_is_named(tmp_path):
    with pytest.raises(EmoError, match=f"{tmp_path.name}: .*Received: Is a directory"):
        read_image(tmp_path)


def test_an_empty_file_is_named(tmp_path):
    path = tmp_path / "empty.jpg"
    path.touch()
    with pytest.raises(EmoError, match=r"empty\.jpg: .*Received: no bytes"):
        read_image(path)


@pytest.mark.parametrize("path", ["a" * 5000, "null\0byte.jpg"], ids=["too-long", "null-byte"])
def test_a_name_that_cannot_be_a_path_is_refused(path):
    with pytest.raises(EmoError, match=r"expected a picture file\. Received: "):
        read_image(path)


def test_text_renamed_to_jpg_shows_how_it_begins(tmp_path):
    path = tmp_path / "letter.jpg"
    path.write_text("Dear Sir or Madam")
    with pytest.raises(EmoError, match=r"letter\.jpg: .*begins with b'Dear Sir"):
        read_image(path)


def test_a_drawing_program_is_never_started(tmp_path):
    path = tmp_path / "page.jpg"
    path.write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"
    )
    with pytest.raises(EmoError, match="expected a picture"):
        read_image(path)


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_refused(make_picture, format_name, kept):
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    data = make_picture(noise, format_name)
    with pytest.raises(EmoError, match=r"upload\.bin: expected .* Received: "):
        read_image(data[: int(len(data) * kept)], name="upload.bin")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "GIF", "WEBP", "TIFF"])
def test_broken_bytes_end_in_a_picture_or_an_error(photo, make_picture, format_name, data):
    broken = bytearray(make_picture(photo, format_name))
    places = st.lists(
        st.tuples(st.integers(0, len(broken) - 1), st.integers(0, 255)), min_size=1, max_size=6
    )
    for place, value in data.draw(places):
        broken[place] = value
    try:
        outcome = read_image(bytes(broken), max_pixels=10_000).shape[2:]
    except EmoError as error:
        outcome = str(error)
    assert outcome == (3,) or "Received: " in outcome


@pytest.mark.parametrize(
    ("width", "height"), [(10_001, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_bomb_is_refused_before_it_is_decoded(width, height):
    with pytest.raises(EmoError, match=rf"at most 100,000,000 pixels\. Received: {width} x"):
        read_image(png_header(width, height))


def test_the_pixel_limit_can_be_moved(photo, make_picture):
    data = make_picture(photo, "PNG")
    assert read_image(data, max_pixels=photo.shape[0] * photo.shape[1]).shape == photo.shape
    with pytest.raises(EmoError, match="at most 3,071 pixels"):
        read_image(data, max_pixels=3071)
    with pytest.raises(EmoError, match="at most 3,071 pixels"):
        read_image(photo, max_pixels=3071)


@pytest.mark.parametrize("format_name", ["PNG", "GIF", "TIFF", "WEBP"])
def test_pillows_own_limit_does_not_count(photo, make_picture, monkeypatch, format_name):
    data = make_picture(photo, format_name)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    monkeypatch.setattr("emo_tf.runtime.image_io._STRIP_PIXELS", 10)
    with pytest.raises(EmoError, match="at most 20 pixels"):
        read_image(data, max_pixels=20)
    assert Image.MAX_IMAGE_PIXELS == 10

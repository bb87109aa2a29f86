"""Decoding image files, and what is stored for them."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from emo_tf.corpora.pictures import UnreadableError, decode
from emo_tf.corpora.testing import HEIGHT, WIDTH, encoded, pixels, turned_jpeg

RGB = Image.fromarray(pixels())
GREY16 = np.arange(HEIGHT * WIDTH, dtype=np.uint16).reshape(HEIGHT, WIDTH) * 21


def with_alpha(mode: str) -> Image.Image:
    picture = RGB.convert(mode)
    picture.putalpha(Image.fromarray(pixels()[..., 0]))
    return picture


def decoded_by_tensorflow(data: bytes) -> np.ndarray:
    if data.startswith(b"\xff\xd8"):
        return tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE").numpy()
    return tf.io.decode_image(data, channels=3).numpy()


STORED_AS_THEY_ARE = {
    "JPEG": encoded(),
    "progressive JPEG": encoded(progressive=True, subsampling=0),
    "grey JPEG": encoded(RGB.convert("L")),
    "upright JPEG": turned_jpeg(1),
    "JPEG of two pictures": encoded(
        RGB, "MPO", save_all=True, append_images=[RGB.transpose(Image.Transpose.ROTATE_180)]
    ),
    "PNG": encoded(RGB, "PNG"),
    "grey PNG": encoded(RGB.convert("L"), "PNG"),
    "black and white PNG": encoded(RGB.convert("1"), "PNG"),
    "PNG with alpha": encoded(with_alpha("RGBA"), "PNG"),
    "grey PNG with alpha": encoded(with_alpha("LA"), "PNG"),
    "palette PNG": encoded(RGB.quantize(16), "PNG"),
    "palette PNG with alpha": encoded(RGB.quantize(16), "PNG", transparency=bytes(range(16))),
    "PNG with a transparent colour": encoded(RGB, "PNG", transparency=(0, 0, 255)),
}

ENCODED_AGAIN = {
    "CMYK JPEG": encoded(RGB.convert("CMYK")),
    "turned JPEG": turned_jpeg(6),
    "16-bit PNG": encoded(Image.fromarray(GREY16), "PNG"),
    "GIF": encoded(RGB, "GIF"),
    "BMP": encoded(RGB, "BMP"),
    "WebP": encoded(RGB, "WEBP", lossless=True),
    "TIFF": encoded(RGB, "TIFF"),
}


@pytest.mark.parametrize("name", STORED_AS_THEY_ARE)
def test_what_tensorflow_reads_as_pillow_does_is_stored_as_it_is(name):
    data = STORED_AS_THEY_ARE[name]
    picture = decode(data)

    assert picture.encoded is data
    assert picture.pixels.shape == (picture.height, picture.width, 3) == (HEIGHT, WIDTH, 3)
    np.testing.assert_array_equal(decoded_by_tensorflow(data), picture.pixels)


@pytest.mark.parametrize("name", ENCODED_AGAIN)
def test_everything_else_is_stored_as_a_png_of_the_upright_pixels(name):
    picture = decode(ENCODED_AGAIN[name])

    assert picture.encoded.startswith(b"\x89PNG")
    assert picture.pixels.shape == (picture.height, picture.width, 3)
    np.testing.assert_array_equal(decoded_by_tensorflow(picture.encoded), picture.pixels)


@pytest.mark.parametrize("name", ["BMP", "WebP", "TIFF", "PNG", "PNG with alpha"])
def test_lossless_files_give_the_pixels_that_were_drawn(name):
    picture = decode((STORED_AS_THEY_ARE | ENCODED_AGAIN)[name])

    np.testing.assert_array_equal(picture.pixels, pixels())


def test_of_16_bits_the_upper_8_count():
    picture = decode(ENCODED_AGAIN["16-bit PNG"])

    np.testing.assert_array_equal(picture.pixels, np.repeat((GREY16 >> 8)[..., None], 3, axis=2))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_becomes_upright(orientation):
    lying = decode(encoded()).pixels
    upright = {
        1: lying,
        2: lying[:, ::-1],
        3: lying[::-1, ::-1],
        4: lying[::-1],
        5: lying.swapaxes(0, 1),
        6: np.rot90(lying, -1),
        7: lying[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(lying),
    }

    picture = decode(turned_jpeg(orientation))

    np.testing.assert_array_equal(picture.pixels, upright[orientation])
    assert (picture.height, picture.width) == upright[orientation].shape[:2]


@pytest.mark.parametrize("exif", [b"garbage", b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\0\x08\0\x05"])
def test_a_picture_with_broken_exif_stays_as_it_lies(exif):
    data = encoded(exif=exif)

    assert decode(data).encoded is data


@pytest.mark.parametrize(
    "data",
    [
        encoded()[:-2],
        encoded()[:300],
        encoded(RGB, "PNG")[:-60],
        encoded(RGB, "GIF")[:200],
        b"",
        b"<html>404</html>",
        encoded(RGB, "EPS"),
    ],
    ids=["end cut off", "JPEG cut off", "PNG cut off", "GIF cut off", "empty", "text", "program"],
)
def test_what_is_no_whole_picture_is_an_error_of_one_line(data):
    with pytest.raises(UnreadableError) as caught:
        decode(data)

    assert str(caught.value)
    assert "\n" not in str(caught.value)


def test_pixels_and_file_are_made_once_and_when_asked_for():
    picture = decode(ENCODED_AGAIN["BMP"])

    assert not {"pixels", "encoded"} & vars(picture).keys()
    assert picture.pixels is picture.pixels
    assert picture.encoded is picture.encoded


def test_a_stored_png_carries_nothing_of_the_original_but_its_pixels():
    profile = encoded(RGB.convert("CMYK"), icc_profile=b"for CMYK")

    stored = Image.open(io.BytesIO(decode(profile).encoded))

    assert stored.info == {}

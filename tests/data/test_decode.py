import io

import cv2
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from emo_tf.data.decode import crop, decode_image, decode_region, resize


@pytest.fixture
def detailed(photo) -> np.ndarray:
    """The smooth picture under noise, so that a decoder's rounding shows."""
    noise = np.random.default_rng(0).integers(-20, 20, photo.shape)
    return np.clip(photo.astype(int) + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("format_name", "mode"),
    [("JPEG", None), ("JPEG", "L"), ("PNG", None), ("PNG", "L"), ("PNG", "RGBA"), ("PNG", "P")],
)
def test_pixels_are_those_of_pillow(detailed, make_picture, format_name, mode):
    encoded = make_picture(detailed, format_name, mode=mode)

    decoded = decode_image(tf.constant(encoded))

    expected = np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))
    np.testing.assert_array_equal(decoded, expected)


def test_a_crop_is_the_box(detailed):
    cut = crop(tf.constant(detailed), tf.constant([10, 5, 20, 30]))

    np.testing.assert_array_equal(cut, detailed[5:35, 10:30])


JPEG = {"format_name": "JPEG", "quality": 90}


@pytest.mark.parametrize(
    "options",
    [
        {**JPEG, "subsampling": 0},
        {**JPEG, "subsampling": 1},
        {**JPEG, "subsampling": 2},
        {**JPEG, "subsampling": 2, "progressive": True},
        {**JPEG, "mode": "L"},
        {"format_name": "PNG"},
    ],
    ids=["4:4:4", "4:2:2", "4:2:0", "progressive", "grey", "PNG"],
)
@pytest.mark.parametrize("size", [(96, 128), (97, 131)], ids=["whole blocks", "cut blocks"])
def test_a_region_is_that_of_the_whole_picture(make_picture, options, size):
    rng = np.random.default_rng(0)
    encoded = tf.constant(make_picture(rng.integers(0, 256, (*size, 3), np.uint8), **options))
    whole = decode_image(encoded).numpy()
    height, width = size
    corners = rng.integers(0, [width, height], (40, 2))
    boxes = np.hstack([corners, rng.integers(1, [width, height] - corners + 1)])
    edges = [(0, 0, width, height), (0, 0, 1, 1), (width - 1, height - 1, 1, 1)]
    region = tf.function(decode_region)

    for x, y, box_width, box_height in [*edges, *boxes.tolist()]:
        found, found_size = region(encoded, tf.constant([x, y, box_width, box_height]))
        np.testing.assert_array_equal(found, whole[y : y + box_height, x : x + box_width])
        np.testing.assert_array_equal(found_size, size)


@pytest.mark.parametrize("size", [(24, 24), (100, 90)], ids=["smaller", "larger"])
def test_sizes_change_as_in_opencv_on_floats(detailed, size):
    resized = resize(tf.constant(detailed), size)

    expected = cv2.resize(detailed.astype(np.float32), size[::-1], interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(resized, expected, atol=0.502)
    assert resized.dtype == tf.uint8


def test_a_half_is_rounded_to_the_even_number():
    picture = np.repeat(np.array([[[0], [1]], [[2], [3]]], np.uint8), 3, axis=2)
    np.testing.assert_array_equal(resize(tf.constant(picture[:1]), (1, 1)), [[[0, 0, 0]]])
    np.testing.assert_array_equal(resize(tf.constant(picture), (1, 1)), [[[2, 2, 2]]])
    np.testing.assert_array_equal(resize(tf.constant(picture[1:]), (1, 1)), [[[2, 2, 2]]])

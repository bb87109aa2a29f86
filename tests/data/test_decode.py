import io

import cv2
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from emo_tf.data.decode import crop, decode_image, resize


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


@pytest.mark.parametrize("size", [(24, 24), (100, 90)], ids=["smaller", "larger"])
def test_sizes_change_as_in_opencv_on_floats(detailed, size):
    resized = resize(tf.constant(detailed), size)

    expected = cv2.resize(detailed.astype(np.float32), size[::-1], interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(resized, expected, atol=2e-3)
    assert resized.dtype == tf.float32

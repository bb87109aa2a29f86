"""Pictures change their size as TensorFlow makes them in training and in served models."""

import numpy as np
import pytest
import tensorflow as tf

from emo_tf.runtime.resizing import resize, resize_averaged


@pytest.mark.parametrize("size", [(24, 32), (200, 150), (48, 64)], ids=["down", "up", "same"])
@pytest.mark.parametrize("shape", [(48, 64), (61, 37), (1, 1)], ids=str)
def test_pictures_change_their_size_exactly_as_in_training(shape, size):
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    expected = tf.round(tf.image.resize(image, size, method="bilinear", antialias=False))
    np.testing.assert_array_equal(resize(image, size), expected.numpy().astype(np.uint8))


@pytest.mark.parametrize(
    "size", [(24, 32), (48, 48), (200, 150), (61, 37)], ids=["down", "mostly down", "up", "same"]
)
@pytest.mark.parametrize("shape", [(61, 37), (512, 300), (3, 700), (1, 1)], ids=str)
def test_grey_pictures_are_averaged_as_in_the_graph_of_a_served_model(shape, size):
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    floats = tf.cast(image[..., None], tf.float32)
    expected = tf.image.resize(floats, size, antialias=True).numpy()[..., 0]
    found = resize_averaged(image, size)
    assert (found.dtype, found.shape) == (np.uint8, size)
    # Half a level, and what sums of floats in another order are apart.
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.5 + 1e-3)

import cv2
import numpy as np
import pytest

from emo_tf.runtime.area_scaler import AreaScaler


@pytest.mark.parametrize(
    "size", [(61, 83), (60, 82), (37, 50), (30, 41), (12, 16), (1, 1)], ids=str
)
def test_sizes_are_the_area_averages(size):
    image = np.random.default_rng(0).integers(0, 256, (61, 83, 3), np.uint8)
    scaled = AreaScaler(image, smallest_height=1).scaled(*size)
    expected = cv2.resize(image.astype(np.float32), size[::-1], interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(scaled, expected, atol=1e-3)


def test_halves_by_hand():
    image = np.array([[0, 10, 20, 30], [40, 50, 60, 71]], np.uint8)[:, :, None].repeat(3, axis=2)
    scaled = AreaScaler(image, smallest_height=1).scaled(1, 2)
    np.testing.assert_allclose(scaled[:, :, 0], [[25, 45.25]], atol=1e-4)


@pytest.mark.parametrize("height", [3072, 3073, 9000], ids=str)
def test_sums_of_many_white_rows_stay_white(height):
    image = np.full((height, 14, 3), 255, np.uint8)
    scaled = AreaScaler(image, smallest_height=12).scaled(12, 12)
    np.testing.assert_allclose(scaled, 255, atol=1e-3)


def test_a_view_into_another_picture_is_read_rightly():
    image = np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)
    view = image[::-1, 10:50]
    expected = AreaScaler(np.ascontiguousarray(view), smallest_height=10).scaled(10, 10)
    np.testing.assert_array_equal(AreaScaler(view, smallest_height=10).scaled(10, 10), expected)

import numpy as np
import pytest

from emo_tf.runtime.window_sampling import sample_windows

BEYOND = 127.5


@pytest.fixture
def image() -> np.ndarray:
    """Grey levels 10 x + 20 y, shape (5, 9, 3)."""
    levels = 10 * np.arange(9)[None, :] + 20 * np.arange(5)[:, None]
    return levels[:, :, None].repeat(3, axis=2).astype(np.uint8)


def sample(image: np.ndarray, box: list, side: int) -> np.ndarray:
    return sample_windows(image, np.array([box], float), side)[0, :, :, 0] / 256


def test_the_whole_picture_runs_from_its_first_to_its_last_pixel(image):
    expected = 10 * np.array([0, 4, 8])[None, :] + 20 * np.array([0, 2, 4])[:, None]
    np.testing.assert_allclose(sample(image, [0, 0, 9, 5], 3), expected, atol=1 / 256)


def test_points_between_pixels_are_interpolated(image):
    x, y = 8 / 9 * np.array([1.5, 4.5]), 4 / 5 * np.array([1.0, 3.0])
    expected = 10 * x[None, :] + 20 * y[:, None]
    np.testing.assert_allclose(sample(image, [1.5, 1, 4.5, 3], 2), expected, atol=1 / 256)


def test_points_beyond_the_picture_are_the_networks_zero(image):
    found = sample(image, [-9, -5, 9, 5], 3)
    assert found[0].tolist() == [BEYOND] * 3
    assert found[:, 0].tolist() == [BEYOND] * 3
    np.testing.assert_allclose(found[1:, 1:], [[0, 80], [80, 160]], atol=1 / 256)


def test_boxes_are_sampled_each_by_itself(image):
    boxes = np.array([[0, 0, 9, 5], [2, 1, 6, 4], [-3, -3, 2, 2]], float)
    together = sample_windows(image, boxes, 4)
    assert together.shape == (3, 4, 4, 3)
    assert together.dtype == np.uint16
    for index in range(3):
        alone = sample_windows(image, boxes[index : index + 1], 4)
        np.testing.assert_array_equal(together[index], alone[0])


def test_white_stays_white():
    white = np.full((7, 7, 3), 255, np.uint8)
    assert (sample_windows(white, np.array([[1.3, 1.7, 5.2, 6.1]]), 24) == 255 * 256).all()


def test_a_picture_of_one_pixel_can_be_sampled():
    found = sample_windows(np.full((1, 1, 3), 9, np.uint8), np.array([[0.0, 0.0, 1.0, 1.0]]), 2)
    assert (found == 9 * 256).all()

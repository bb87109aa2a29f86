import cv2
import numpy as np
import pytest

from emo_tf.runtime.image_warp import pixel_centres_to_edges, warp_similarity


def scaling(scale, *, x=0.0, y=0.0):
    """The matrix that makes the photograph's point (x, y) the crop's origin."""
    return np.array([[scale, 0, -scale * x], [0, scale, -scale * y]])


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(3).integers(0, 256, (480, 640, 3), np.uint8)


def test_the_identity_keeps_every_pixel(noise):
    found = warp_similarity(noise, scaling(1), (480, 640), border=cv2.BORDER_REPLICATE)
    np.testing.assert_array_equal(found, noise)


def test_a_whole_shift_is_a_slice(noise):
    found = warp_similarity(noise, scaling(1, x=30, y=7), (50, 60), border=cv2.BORDER_REPLICATE)
    np.testing.assert_array_equal(found, noise[7:57, 30:90])


@pytest.mark.parametrize("factor", [2, 4, 5, 8, 16, 40])
def test_a_whole_reduction_averages_blocks(noise, factor):
    size = (480 // factor, 640 // factor)
    expected = noise.reshape(size[0], factor, size[1], factor, 3).mean(axis=(1, 3))
    found = warp_similarity(noise, scaling(1 / factor), size, border=cv2.BORDER_REPLICATE)
    # Bilinear samples between the pixels soften odd factors a little.
    assert np.abs(found - expected).mean() < 256 / factor / 20
    np.testing.assert_allclose(found.mean(axis=(0, 1)), noise.mean(axis=(0, 1)), atol=1)


@pytest.mark.parametrize("degrees", [0, 10, 45])
@pytest.mark.parametrize("reduction", [2.5, 8.3, 21.7])
def test_fine_patterns_shrink_to_grey_and_not_to_moire(degrees, reduction):
    stripes = np.zeros((1200, 1200, 3), np.uint8)
    stripes[:, ::2] = 255
    cosine, sine = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]) / reduction
    turn = np.array([[cosine, -sine], [sine, cosine]])
    matrix = np.column_stack([turn, [10, 10] - turn @ [600, 600]])
    found = warp_similarity(stripes, matrix, (20, 20), border=cv2.BORDER_REPLICATE)
    assert found.min() > 100
    assert found.max() < 155


def test_enlarging_keeps_a_ramp_smooth():
    ramp = np.repeat(np.arange(0, 200, 10, dtype=np.uint8)[None, :, None], 20, axis=0)
    found = warp_similarity(ramp, scaling(5), (100, 100), border=cv2.BORDER_REPLICATE)
    steps = np.diff(found.reshape(100, 100)[50, 10:-10].astype(int))
    assert steps.min() >= 1
    assert steps.max() <= 3


def test_border_pixels_are_carried_on(photo):
    matrix = scaling(1, x=-10, y=-5)
    found = warp_similarity(photo, matrix, (70, 90), border=cv2.BORDER_REPLICATE)
    expected = cv2.copyMakeBorder(photo, 5, 17, 10, 16, cv2.BORDER_REPLICATE)
    np.testing.assert_array_equal(found, expected)


def test_a_crop_beside_the_photograph_shows_its_edge(photo):
    found = warp_similarity(photo, scaling(1, x=500, y=10), (4, 4), border=cv2.BORDER_REPLICATE)
    np.testing.assert_array_equal(found, np.repeat(photo[10:14, -1:], 4, axis=1))


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1e3, 1e9])
def test_extreme_scales_cost_no_more_than_the_crop(photo, scale):
    found = warp_similarity(photo, scaling(scale), (8, 8), border=cv2.BORDER_REPLICATE)
    assert found.shape == (8, 8, 3)


def test_a_panorama_wider_than_opencv_counts_is_cut():
    panorama = np.zeros((4, 70_000, 3), np.uint8)
    panorama[:, 69_000:69_010] = 255
    found = warp_similarity(panorama, scaling(1, x=68_995), (4, 20), border=cv2.BORDER_REPLICATE)
    np.testing.assert_array_equal(found[0, :, 0], [0] * 5 + [255] * 10 + [0] * 5)
    whole = warp_similarity(panorama, scaling(0.001), (1, 70), border=cv2.BORDER_REPLICATE)
    assert whole[0, :, 0].argmax() == 69


def test_edges_and_centres_of_pixels_differ_by_half():
    matrix = np.array([[0.5, -0.25, 3.0], [0.25, 0.5, -2.0]])
    converted = pixel_centres_to_edges(matrix)
    point = np.array([7.0, 11.0])
    expected = matrix[:, :2] @ point + matrix[:, 2] + 0.5
    np.testing.assert_allclose(converted[:, :2] @ (point + 0.5) + converted[:, 2], expected)

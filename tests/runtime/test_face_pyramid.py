import numpy as np
import pytest

from emo_tf.runtime.area_scaler import AreaScaler
from emo_tf.runtime.face_pyramid import STRIDE, TILE, WINDOW, FacePyramid, pyramid_scales


def test_scales_fall_until_the_shorter_side_is_below_the_window():
    scales = pyramid_scales((100, 300), min_face=24, scale_factor=0.5)
    np.testing.assert_allclose(scales, [0.5, 0.25, 0.125])


@pytest.mark.parametrize("min_face", [12, 20, 40, 60.5, 300], ids=str)
def test_the_smallest_and_the_largest_face_have_a_scale(min_face):
    scales = pyramid_scales((480, 640), min_face=min_face, scale_factor=0.709)
    assert scales[0] * min_face == pytest.approx(WINDOW)
    assert WINDOW <= 480 * scales[-1] < WINDOW / 0.709 + 1


def test_a_face_that_is_all_of_the_picture_has_one_scale_whatever_its_size():
    for side in range(12, 300):
        assert len(pyramid_scales((side, side), min_face=side, scale_factor=0.709)) == 1
        assert len(pyramid_scales((side - 1, 900), min_face=side, scale_factor=0.709)) == 0


@pytest.mark.parametrize("size", [(97, 131), (40, 800), (300, 41)], ids=str)
def test_every_window_of_every_level_stands_on_a_tile_once(size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    pyramid = FacePyramid(image, min_face=20, scale_factor=0.709)
    levels = []
    scaler = AreaScaler(image, smallest_height=12)
    for scale in pyramid.scales:
        height, width = int(size[0] * scale), int(size[1] * scale)
        level = scaler.scaled(height, width)
        levels.append(np.pad(level, [(0, height % 2), (0, width % 2), (0, 0)], mode="edge"))
    seen = [np.zeros([length // STRIDE - 5 for length in level.shape[:2]]) for level in levels]
    for batch in pyramid.batches(3):
        assert batch.pixels.shape[1:] == (TILE, TILE, 3)
        assert len(batch.pixels) <= 3
        for tile, row, column in zip(*np.nonzero(batch.owners >= 0), strict=True):
            piece = pyramid.pieces[batch.owners[tile, row, column]]
            y, x = row * STRIDE, column * STRIDE
            top, left = y + piece.top - piece.y, x + piece.left - piece.x
            seen[piece.picture][top // STRIDE, left // STRIDE] += 1
            if (row + column) % 7 == 0:
                window = batch.pixels[tile, y : y + WINDOW, x : x + WINDOW] / 256
                expected = levels[piece.picture][top : top + WINDOW, left : left + WINDOW]
                np.testing.assert_allclose(window, expected, atol=1 / 256)
    assert all((windows == 1).all() for windows in seen)


def test_a_picture_below_the_smallest_face_has_no_tiles():
    pyramid = FacePyramid(np.zeros((30, 500, 3), np.uint8), min_face=40, scale_factor=0.709)
    assert len(pyramid.scales) == 0
    assert list(pyramid.batches(4)) == []

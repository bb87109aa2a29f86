"""Crops round a box of a face."""

import math

import cv2
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime.box_crops import crop_box, crop_square


@pytest.fixture(scope="module")
def scene():
    """Smooth colours that tell place and direction, uint8 RGB, shape (300, 400, 3)."""
    y, x = np.mgrid[0:300, 0:400]
    waves = [x * 0.6, y * 0.8, 127 + 100 * np.sin(x / 30) * np.cos(y / 25)]
    return np.stack(waves, axis=-1).astype(np.uint8)


def difference(a, b):
    return np.abs(a.astype(int) - b).max()


def test_a_square_box_without_margin_is_a_slice(scene):
    crop = crop_box(scene, (40, 60, 50, 50), size=(50, 50))
    np.testing.assert_array_equal(crop, scene[60:110, 40:90])


def test_an_oblong_box_becomes_a_square_of_its_area(scene):
    crop = crop_box(scene, (100, 60, 80, 20), size=(40, 40))
    np.testing.assert_array_equal(crop, scene[50:90, 120:160])


def test_a_margin_grows_the_box_about_its_middle(scene):
    crop = crop_box(scene, (100, 100, 40, 40), size=(32, 32), margin=0.5)
    np.testing.assert_array_equal(crop, crop_box(scene, (90, 90, 60, 60), size=(32, 32)))


def test_shift_y_moves_the_crop_down_by_a_fraction_of_its_side(scene):
    crop = crop_box(scene, (100, 100, 40, 40), size=(60, 60), margin=0.5, shift_y=0.1)
    np.testing.assert_array_equal(crop, scene[96:156, 90:150])


def test_a_crop_that_is_not_square_stretches_nothing(scene):
    crop = crop_box(scene, (100, 100, 60, 60), size=(90, 40))
    np.testing.assert_array_equal(crop, scene[85:175, 110:150])


@pytest.mark.parametrize("degrees", [-120, -20, 35, 90])
def test_a_leaning_face_is_put_upright(scene, degrees):
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix = np.column_stack([turn, [199.5, 149.5] - turn @ [199.5, 149.5]])
    leaning = cv2.warpAffine(scene, matrix, (400, 300), flags=cv2.INTER_CUBIC)
    box = (160, 110, 80, 80)
    upright = crop_box(leaning, box, size=(48, 48), angle_degrees=degrees)
    assert difference(upright, crop_box(scene, box, size=(48, 48))) <= 3


def test_a_box_at_the_border_carries_the_border_on(scene):
    crop = crop_box(scene, (-30, -20, 60, 60), size=(60, 60))
    np.testing.assert_array_equal(crop[:20, :30], np.broadcast_to(scene[0, 0], (20, 30, 3)))
    np.testing.assert_array_equal(crop[20:, 30:], scene[:40, :30])


@pytest.mark.parametrize(
    ("box", "settings"),
    [
        ((0, 0, 0, 10), {}),
        ((0, 0, 10, -10), {}),
        ((0, 0, 10, 10), {"margin": -1}),
        ((0, 0, 10), {}),
        ((0, 0, 10, math.inf), {}),
        ((math.nan, 0, 10, 10), {}),
        ((0, 0, 10, 10), {"shift_y": math.nan}),
        ((0, 0, 10, 10), {"margin": "0.2"}),
    ],
    ids=["flat", "negative", "margin", "three", "infinite", "nan", "nan-shift", "text"],
)
def test_a_box_that_covers_nothing_is_refused(scene, box, settings):
    with pytest.raises(EmoError, match=r"box_xywh.*: expected .* Received: "):
        crop_box(scene, box, size=(48, 48), **settings)


def test_the_square_of_the_vtt_system_grows_by_its_share_and_is_black_beyond_the_border(scene):
    # m = .5 (30 + 70) = 50, side = sqrt(80 * 120) = 97.98, about (115, 135).
    crop = crop_square(scene, (100, 100, 30, 70), size=(98, 98), k=0.5)
    assert difference(crop, scene[86:184, 66:164]) <= 1
    np.testing.assert_array_equal(
        crop_square(scene, (40, 60, 50, 50), size=(50, 50), k=0), scene[60:110, 40:90]
    )
    beyond = crop_square(scene, (-30, -20, 60, 60), size=(60, 60), k=0)
    assert not beyond[:19].any()
    assert not beyond[:, :29].any()
    np.testing.assert_array_equal(beyond[21:, 31:], scene[1:40, 1:30])


@pytest.mark.parametrize(
    ("box", "k"),
    [((0, 0, 0, 10), 0.5), ((0, 0, 10, 10), -0.1), ((0, 0, 10, 10), math.nan)],
    ids=["flat", "shrunk", "nan"],
)
def test_a_square_that_makes_no_sense_is_refused(scene, box, k):
    with pytest.raises(EmoError, match=r"k.*: expected .* Received: "):
        crop_square(scene, box, size=(48, 48), k=k)

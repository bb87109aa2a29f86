"""Where a map lies in a picture, and how it is drawn over it."""

import numpy as np
import pytest

from emo_tf.explanation.activation_map import ActivationMap
from emo_tf.explanation.panels import Panel, map_over, sheet, shrunken

HALF = ActivationMap.of("conv", np.array([[0.0, 2.0], [0.0, 2.0]], np.float32))
EVEN = ActivationMap.of("conv", np.full((3, 4), 0.5, np.float32))
EMPTY = ActivationMap.of("conv", np.zeros((3, 4), np.float32))


def test_the_largest_value_becomes_one_and_is_kept_as_the_peak():
    assert HALF.peak == 2
    assert HALF.values.tolist() == [[0, 1], [0, 1]]
    assert not HALF.is_empty
    small = ActivationMap.of("conv", np.full((2, 2), 1.5e-9, np.float32))
    assert small.to_dict() == {"layer": "conv", "peak": 1.5e-9, "map": [[1, 1], [1, 1]]}


def test_a_map_without_anything_is_empty_not_broken():
    assert EMPTY.is_empty
    assert not EMPTY.values.any()
    assert EMPTY.share_in((0, 0, 9, 9), picture_size=(9, 9), size=(8, 8)) is None
    assert EMPTY.similarity(HALF) is None


@pytest.mark.parametrize(
    ("box", "share"),
    [
        pytest.param((0, 0, 200, 100), 1, id="all"),
        pytest.param((0, 0, 100, 100), 0.5, id="half"),
        pytest.param((100, 50, 100, 50), 0.25, id="quarter"),
        pytest.param((0, 0, 7, 100), 7 / 200, id="parts of the branch's pixels"),
    ],
)
def test_the_share_in_a_box_of_an_even_map_is_that_of_its_area(box, share):
    found = EVEN.share_in(box, picture_size=(100, 200), size=(12, 16))
    assert found == pytest.approx(share)


def test_maps_are_alike_by_where_they_are_high_not_by_how_high():
    double = ActivationMap.of("conv", 2 * HALF.values)
    mirrored = ActivationMap.of("conv", HALF.values[:, ::-1])
    assert HALF.similarity(double) == pytest.approx(1)
    assert HALF.similarity(mirrored) == pytest.approx(-1)
    assert EVEN.similarity(EVEN) is None


def test_a_map_lies_over_the_picture_where_it_is_high_and_leaves_the_rest_clear(photo):
    drawn = map_over(photo, HALF.values).astype(int)
    assert drawn.shape == photo.shape
    low, high = drawn[:, :8], drawn[:, -8:]
    grey = photo @ [0.299, 0.587, 0.114]
    faded = 0.4 * photo + 0.6 * grey[..., None]
    assert abs(low - faded[:, :8]).max() <= 1
    # The brightest of the colours is a light yellow.
    assert high.min(axis=(0, 1))[0] > 200
    assert (high[..., 0] > high[..., 2]).all()


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param((2000, 10, 3), id="tall"),
        pytest.param((10, 3000, 3), id="wide"),
        pytest.param((1, 1, 3), id="one pixel"),
    ],
)
def test_pictures_of_any_shape_fit_into_panels(shape):
    small = shrunken(np.zeros(shape, np.uint8))
    assert small.shape[0] <= 320
    assert small.shape[1] <= 640
    assert sheet([[Panel(small, ["a line below"])]]).shape[0] >= small.shape[0]


def test_rows_of_different_panels_stand_below_each_other():
    wide, narrow = (Panel(np.zeros((20, width, 3), np.uint8)) for width in (60, 10))
    one, two = sheet([[wide]]), sheet([[wide, narrow], [narrow]])
    assert two.shape[0] > 2 * 20
    assert two.shape[1] == one.shape[1] + 10 + (one.shape[1] - 60) // 2
    assert (two[0] == 255).all()

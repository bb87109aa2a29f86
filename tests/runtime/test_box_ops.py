import numpy as np
import pytest

from emo_tf.runtime.box_ops import (
    areas,
    edges,
    intersection_over_smaller,
    intersection_over_union,
    shift_edges,
    square,
    suppress,
)

UNIT = np.array([[0.0, 0.0, 10.0, 10.0]])


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [([(1, 2, 10, 20), (0, 0, 5, 5)], [[1, 2, 11, 22], [0, 0, 5, 5]]), ([], np.empty((0, 4)))],
    ids=["two", "none"],
)
def test_edges_follow_from_corner_and_size(boxes, expected):
    found = edges(iter(boxes))
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == float


@pytest.mark.parametrize(
    ("other", "union", "smaller"),
    [
        pytest.param([0, 0, 10, 10], 1.0, 1.0, id="itself"),
        pytest.param([5, 0, 15, 10], 50 / 150, 0.5, id="half aside"),
        pytest.param([2, 2, 7, 6], 0.2, 1.0, id="within"),
        pytest.param([10, 0, 20, 10], 0.0, 0.0, id="touching"),
        pytest.param([30, 40, 50, 60], 0.0, 0.0, id="apart"),
        pytest.param([5, 5, 5, 5], 0.0, 0.0, id="without area"),
    ],
)
def test_overlaps_by_hand(other, union, smaller):
    other = np.array([other], float)
    assert intersection_over_union(UNIT, other)[0, 0] == pytest.approx(union)
    assert intersection_over_smaller(UNIT, other)[0, 0] == pytest.approx(smaller)


def test_the_lower_of_two_overlapping_scores_goes():
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [40, 0, 50, 10]], float)
    kept = suppress(boxes, np.array([0.8, 0.9, 0.7]), threshold=0.5)
    assert kept.tolist() == [1, 2]


def test_a_box_goes_even_if_the_better_one_goes_too():
    boxes = np.array([[0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10]], float)
    kept = suppress(boxes, np.array([0.9, 0.8, 0.7]), threshold=0.5)
    assert kept.tolist() == [0]


def test_a_small_box_within_a_large_one_goes_by_the_smaller_area_alone():
    boxes = np.array([[0, 0, 100, 100], [10, 10, 30, 30]], float)
    scores = np.array([0.9, 0.8])
    assert suppress(boxes, scores, threshold=0.7).tolist() == [0, 1]
    kept = suppress(boxes, scores, threshold=0.7, overlap=intersection_over_smaller)
    assert kept.tolist() == [0]


def test_suppression_in_blocks_is_that_of_all_boxes_at_once():
    generator = np.random.default_rng(0)
    boxes = generator.uniform(0, 200, (600, 4))
    boxes[:, 2:] = boxes[:, :2] + generator.uniform(10, 30, (600, 2))
    scores = generator.random(600)
    order = np.argsort(-scores)
    above = np.triu(intersection_over_union(boxes[order], boxes[order]) > 0.3, k=1)
    expected = order[~above.any(axis=0)]
    assert 0 < len(expected) < 600
    np.testing.assert_array_equal(suppress(boxes, scores, threshold=0.3), expected)


def test_nothing_is_suppressed_to_nothing():
    assert suppress(np.empty((0, 4)), np.empty(0), threshold=0.5).shape == (0,)
    assert square(np.empty((0, 4))).shape == (0, 4)


def test_a_square_keeps_centre_and_longer_side():
    squares = square(np.array([[10, 20, 30, 60], [0, 0, 8, 2]], float))
    np.testing.assert_allclose(squares, [[0, 20, 40, 60], [0, -3, 8, 5]])
    np.testing.assert_allclose(areas(squares), [1600, 64])


def test_edges_move_by_shares_of_the_box_whose_last_pixel_counts():
    moved = shift_edges(np.array([[10.0, 20.0, 19.0, 39.0]]), np.array([[0.1, 0.1, -0.1, 0.5]]))
    np.testing.assert_allclose(moved, [[11, 22, 18, 49]])

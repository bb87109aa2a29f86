import numpy as np
import pytest

from emo_tf.runtime.track_matching import match

A, B = (100, 100, 50, 50), (300, 100, 50, 50)


def moved(box, x, y=0, *, grown=1.0):
    left, top, width, height = box
    return left + x, top + y, width * grown, height * grown


def pairs(expected, found, unseen_s=None):
    return sorted(match(expected, unseen_s or [0.03] * len(expected), found))


def test_each_goes_to_the_one_that_is_there():
    assert pairs([A, B], [moved(B, 5), moved(A, -4)]) == [(0, 1), (1, 0)]
    assert pairs([A], [moved(B, 2), moved(A, 3)]) == [(0, 1)]
    assert pairs([A, B], [moved(B, 2)]) == [(1, 0)]


def test_together_they_lie_as_near_as_can_be():
    # Each alone would take the first box; one of them can do with the second.
    near = moved(A, 20)
    assert pairs([A, moved(A, 24)], [moved(A, 22), near]) in ([(0, 0), (1, 1)], [(0, 1), (1, 0)])
    assert pairs([A, moved(A, 10)], [moved(A, 8), moved(A, 25)]) == [(0, 0), (1, 1)]


def test_what_is_far_or_jumps_in_size_is_no_pair():
    assert pairs([A], [B]) == []
    assert pairs([A], [moved(A, 40)]) == []
    assert pairs([A], [moved(A, 0, grown=2)]) == []
    assert pairs([A], [moved(A, 0, grown=1.3)]) == [(0, 0)]


def test_the_reach_grows_with_the_time_without_a_look():
    assert pairs([A], [moved(A, 60)], [0.1]) == []
    assert pairs([A], [moved(A, 60)], [0.6]) == [(0, 0)]
    assert pairs([A], [moved(A, 90)], [100.0]) == []


def test_a_good_pair_is_not_given_up_for_two_bad_ones():
    # B could go to the first box, far away; then A would have to go to the second one.
    found = [moved(A, 1), moved(A, -65)]
    assert pairs([A, moved(A, 65)], found, [0.9, 0.9]) == [(0, 0)]


@pytest.mark.parametrize("size", [(0, 0), (0, 3), (3, 0)], ids=str)
def test_nobody_is_paired_with_nobody(size):
    assert match([A] * size[0], [0.1] * size[0], [A] * size[1]) == []


def test_hundreds_are_paired_at_once():
    rng = np.random.default_rng(0)
    boxes = [(60 * (i % 20), 60 * (i // 20), 40, 40) for i in range(300)]
    order = rng.permutation(300)
    found = [moved(boxes[i], *rng.uniform(-5, 5, 2)) for i in order]
    assert pairs(boxes, found) == sorted((int(i), place) for place, i in enumerate(order))

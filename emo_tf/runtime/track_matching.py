"""Which of the faces found in a frame is which of those that are followed."""

from collections.abc import Sequence

import numpy as np

from emo_tf.runtime.box_ops import edges, intersection_over_union

_REACH = 0.5
_REACH_PER_SECOND = 1.5
_FURTHEST = 1.5
_OVERLAP = 0.3
_GROWTH = np.log(1.7)


def match(
    expected_xywh: Sequence[Sequence[float]],
    unseen_s: Sequence[float],
    found_xywh: Sequence[Sequence[float]],
) -> list[tuple[int, int]]:
    """Pairs expected boxes with found ones, so that all together lie as near as can be.

    A pair has to overlap or lie near: within half a side of the face, and the further the longer
    it was not seen, up to one and a half sides. Nor may its size jump.

    Args:
        expected_xywh: Where motion puts those that are followed, N boxes in pixels.
        unseen_s: For how long each was not seen, N.
        found_xywh: What was found, M boxes in pixels.

    Returns:
        Pairs of places among the expected and the found ones.

    Reference:
        Kuhn 1955, "The Hungarian method for the assignment problem".
    """
    if not len(expected_xywh) or not len(found_xywh):
        return []
    expected, found = edges(expected_xywh), edges(found_xywh)
    overlap = intersection_over_union(expected, found)
    sides = np.sqrt(np.prod(expected[:, 2:] - expected[:, :2], axis=1))[:, None]
    found_sides = np.sqrt(np.prod(found[:, 2:] - found[:, :2], axis=1))[None, :]
    centres, found_centres = ((box[:, :2] + box[:, 2:]) / 2 for box in (expected, found))
    distance = np.linalg.norm(centres[:, None] - found_centres[None], axis=2) / sides
    growth = np.abs(np.log(np.maximum(found_sides, 1) / np.maximum(sides, 1)))
    reach = np.minimum(_REACH + _REACH_PER_SECOND * np.asarray(unseen_s), _FURTHEST)[:, None]
    possible = ((overlap >= _OVERLAP) | (distance <= reach)) & (growth <= _GROWTH)
    # What cannot be costs a little more than the worst that can: a good pair is never given up for
    # two bad ones.
    cost = np.where(possible, 1 - overlap + distance + growth, 2 + _FURTHEST + _GROWTH)
    if min(cost.shape) == 1:
        # The commonest case by far needs no solver, which takes half a second to import.
        pairs = [tuple(map(int, np.unravel_index(np.argmin(cost), cost.shape)))]
    else:
        from scipy.optimize import linear_sum_assignment

        pairs = [
            (int(row), int(column)) for row, column in np.transpose(linear_sum_assignment(cost))
        ]
    return [pair for pair in pairs if possible[pair]]

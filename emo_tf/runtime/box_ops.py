"""Arithmetic on boxes: float arrays of shape (N, 4) with left, top, right and bottom edge.

Two sets of boxes are called `first`, N of them, and `second`, M of them.
"""

from collections.abc import Iterable, Sequence

import numpy as np

_BLOCK = 256


def edges(boxes_xywh: Iterable[Sequence[float]]) -> np.ndarray:
    """Returns the edges of boxes that are given as x, y, width and height, float64 (N, 4)."""
    boxes = np.array(list(boxes_xywh), dtype=float).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    return boxes


def areas(boxes: np.ndarray) -> np.ndarray:
    """Returns the areas, shape (N,)."""
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def intersections(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns the areas that each of N boxes shares with each of M, shape (N, M)."""
    shared = _shared_lengths(first, second, 0)
    shared *= _shared_lengths(first, second, 1)
    return shared


def _shared_lengths(first: np.ndarray, second: np.ndarray, axis: int) -> np.ndarray:
    lengths = np.minimum(first[:, None, 2 + axis], second[None, :, 2 + axis])
    lengths -= np.maximum(first[:, None, axis], second[None, :, axis])
    return np.maximum(lengths, 0, out=lengths)


def intersection_over_union(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns the overlap of each of N boxes with each of M, 0 to 1, shape (N, M)."""
    shared = intersections(first, second)
    union = areas(first)[:, None] + areas(second)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def intersection_over_smaller(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns the shares of the smaller box that the other covers, 0 to 1, shape (N, M)."""
    shared = intersections(first, second)
    smaller = np.minimum(areas(first)[:, None], areas(second)[None, :])
    return np.divide(shared, smaller, out=np.zeros_like(shared), where=smaller > 0)


def suppress(
    boxes: np.ndarray, scores: np.ndarray, *, threshold: float, overlap=intersection_over_union
) -> np.ndarray:
    """Returns which boxes overlap none of higher score: their indices, by falling score.

    As in the `mtcnn` package, a box goes when a better one covers it, even if that one goes too;
    the usual greedy form would keep it. Memory grows with the number of boxes alone.

    Args:
        boxes: Shape (N, 4).
        scores: Shape (N,).
        threshold: Overlap above which the lower score goes.
        overlap: `intersection_over_union` or `intersection_over_smaller`.
    """
    order = np.argsort(-scores, kind="stable")
    ordered = boxes[order]
    kept = np.ones(len(order), bool)
    for start in range(0, len(order), _BLOCK):
        stop = min(start + _BLOCK, len(order))
        above = overlap(ordered[:stop], ordered[start:stop]) > threshold
        is_better = np.arange(stop)[:, None] < np.arange(start, stop)[None, :]
        kept[start:stop] = ~(above & is_better).any(axis=0)
    return order[kept]


def square(boxes: np.ndarray) -> np.ndarray:
    """Returns boxes whose shorter side is grown to the longer one about the same centre."""
    sides = boxes[:, 2:] - boxes[:, :2]
    start = boxes[:, :2] + sides / 2 - sides.max(axis=1, keepdims=True, initial=0) / 2
    return np.hstack([start, start + sides.max(axis=1, keepdims=True, initial=0)])


def shift_edges(boxes: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Returns boxes with each edge moved by an offset given in widths and heights of its box.

    The cascade was trained on boxes whose edges are whole pixels and belong to them: hence the 1.

    Args:
        boxes: Shape (N, 4).
        offsets: Left, top, right and bottom, shape (N, 4).
    """
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    return boxes + offsets * np.tile(sides, 2)

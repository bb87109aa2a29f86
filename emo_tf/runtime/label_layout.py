"""Where to put the labels of a picture so that they hide neither each other nor the faces."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# What a label costs for the part of it that covers others' labels, others' faces, its own face;
# and for each step down the list of places. One that may be shortened pays for that too.
_COST_LABEL, _COST_OTHER_FACE, _COST_OWN_FACE = 8.0, 2.0, 1.5
_COST_PLACE, _COST_SHORT = 0.05, 0.4


@dataclass(frozen=True)
class Label:
    """A text and the rectangle `[x, y, width, height]` that it was given, in whole pixels."""

    text: str
    rectangle: tuple[int, int, int, int]


def place_labels(
    boxes_xywh: np.ndarray,
    texts: Sequence[Sequence[tuple[str, tuple[int, int]]]],
    *,
    area: tuple[int, int, int, int],
    gap: int,
) -> list[Label | None]:
    """Places one label a box, the largest boxes first, each where it costs least.

    Args:
        boxes_xywh: The boxes, shape (N, 4).
        texts: For each box its text and (width, height) in pixels, the fullest wording first,
            then shorter ones; empty where a box has no label.
        area: `[x, y, width, height]` that labels may fill.
        gap: Pixels between a label and its box.

    Returns:
        One label a box, or `None` where it has no text or none that fits in the area.
    """
    labels: list[Label | None] = [None] * len(boxes_xywh)
    placed = np.empty((0, 4))
    for index in np.argsort(-boxes_xywh[:, 2:].prod(axis=1), kind="stable"):
        others = np.delete(boxes_xywh, index, axis=0)
        best = np.inf
        for wording, (text, size) in enumerate(texts[index]):
            if size[0] > area[2] or size[1] > area[3]:
                continue
            for place, corner in enumerate(_places(boxes_xywh[index], size, gap=gap)):
                start = np.clip(corner, area[:2], np.add(area[:2], area[2:]) - size)
                rectangle = (*np.round(start).astype(int).tolist(), *size)
                cost = (
                    _COST_LABEL * _covered(rectangle, placed)
                    + _COST_OTHER_FACE * _covered(rectangle, others)
                    + _COST_OWN_FACE * _covered(rectangle, boxes_xywh[index : index + 1])
                    + _COST_PLACE * place
                    + _COST_SHORT * wording
                )
                if cost < best:
                    best, labels[index] = cost, Label(text, rectangle)
        if labels[index]:
            placed = np.vstack([placed, labels[index].rectangle])
    return labels


def _places(box: np.ndarray, size: tuple[int, int], *, gap: int) -> list[tuple[float, float]]:
    """Top left corners about a box, the most natural first."""
    x, y, width, height = box
    left, right, middle = x, x + width - size[0], x + (width - size[0]) / 2
    above, below = y - size[1] - gap, y + height + gap
    inside_top, inside_bottom = y + gap, y + height - size[1] - gap
    return [
        (left, above),
        (left, below),
        (right, above),
        (right, below),
        (middle, above),
        (middle, below),
        (x + width + gap, y),
        (x - size[0] - gap, y),
        (x + width + gap, y + height - size[1]),
        (x - size[0] - gap, y + height - size[1]),
        (middle, inside_bottom),
        (middle, inside_top),
    ]


def _covered(rectangle: tuple[int, int, int, int], others: np.ndarray) -> float:
    """Returns how much of a rectangle the others cover, as a sum of fractions of its area."""
    start, size = np.array(rectangle[:2]), np.array(rectangle[2:])
    overlap = np.minimum(start + size, others[:, :2] + others[:, 2:]) - np.maximum(
        start, others[:, :2]
    )
    return float(overlap.clip(0).prod(axis=1).sum() / size.prod())

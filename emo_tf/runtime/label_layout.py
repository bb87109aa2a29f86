"""Where to put the labels of a picture so that they hide neither each other nor the faces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

# What a label costs for each step down the list of places, and down the list of wordings.
_COST_PLACE, _COST_SHORT = 0.05, 0.4

_NOTHING = np.empty((0, 4))


@dataclass(frozen=True)
class Label:
    """A `text` and the `rectangle`, `[x, y, width, height]`, that it was given, in whole pixels."""

    text: str
    rectangle: tuple[int, int, int, int]


def _about(box: np.ndarray, size: tuple[int, int], *, gap: int) -> list[tuple[float, float]]:
    """Returns top left corners about a face, the most natural first."""
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


def _within(box: np.ndarray, size: tuple[int, int], *, gap: int) -> list[tuple[float, float]]:
    """Returns top left corners in a body, from the legs upwards, then beside it."""
    x, y, width, height = box
    left, right, middle = x + gap, x + width - size[0] - gap, x + (width - size[0]) / 2
    bottom = y + height - size[1] - gap
    levels = [bottom, y + 0.6 * height, y + 0.4 * height]
    beside = [(side, level) for level in (bottom, y) for side in (x + width + gap, x - size[0])]
    above_and_below = [(middle, y + height + gap), (middle, y - size[1] - gap)]
    inside = [(side, level) for level in levels for side in (middle, left, right)]
    return [*inside, *beside, *above_and_below]


@dataclass(frozen=True)
class Manner:
    """How labels belong to their boxes.

    Attributes:
        places: From a box, a label's size and the gap to the corners to try, the best first.
        covered: What a label costs for the part of it that covers labels or what is to be kept
            clear.
        own: For the part that covers its own box.
        other: For the part that covers other boxes.
        dearest: Cost above which a label is left out.
    """

    places: Callable[..., list[tuple[float, float]]]
    covered: float
    own: float
    other: float
    dearest: float = np.inf


BY_FACES = Manner(_about, covered=8.0, own=1.5, other=2.0)
"""Beside faces, which labels should not hide."""

IN_BODIES = Manner(_within, covered=20.0, own=0.0, other=0.5, dearest=1.5)
"""In bodies, whose lower part may be hidden; no label rather than one on faces or labels."""


def place_labels(
    boxes_xywh: np.ndarray,
    texts: Sequence[Sequence[tuple[str, tuple[int, int]]]],
    *,
    area: tuple[int, int, int, int],
    gap: int,
    manner: Manner = BY_FACES,
    keep_clear: np.ndarray = _NOTHING,
) -> list[Label | None]:
    """Places one label a box, the largest boxes first, each where it costs least.

    Args:
        boxes_xywh: The boxes, shape (N, 4).
        texts: For each box its text and (width, height) in pixels, the fullest wording first,
            then shorter ones; empty where a box has no label.
        area: `[x, y, width, height]` that labels may fill.
        gap: Pixels between a label and its box.
        manner: How labels belong to their boxes.
        keep_clear: Rectangles that are not to be covered either, shape (K, 4).

    Returns:
        One label a box, or `None` where it has no text, none that fits in the area or none that
        is cheap enough.
    """
    labels: list[Label | None] = [None] * len(boxes_xywh)
    placed = keep_clear
    for index in np.argsort(-boxes_xywh[:, 2:].prod(axis=1), kind="stable"):
        others = np.delete(boxes_xywh, index, axis=0)
        best = manner.dearest
        for wording, (text, size) in enumerate(texts[index]):
            if size[0] > area[2] or size[1] > area[3]:
                continue
            for place, corner in enumerate(manner.places(boxes_xywh[index], size, gap=gap)):
                cost = _COST_PLACE * place + _COST_SHORT * wording
                if cost >= best:
                    break  # The places after it cost more, whatever they cover.
                start = np.clip(corner, area[:2], np.add(area[:2], area[2:]) - size)
                rectangle = (*np.round(start).astype(int).tolist(), *size)
                cost += (
                    manner.covered * _covered(rectangle, placed)
                    + manner.other * _covered(rectangle, others)
                    + manner.own * _covered(rectangle, boxes_xywh[index : index + 1])
                )
                if cost < best:
                    best, labels[index] = cost, Label(text, rectangle)
        if labels[index]:
            placed = np.vstack([placed, labels[index].rectangle])
    return labels


def _covered(rectangle: tuple[int, int, int, int], others: np.ndarray) -> float:
    """Returns how much of a rectangle the others cover, as a sum of fractions of its area."""
    if not len(others):
        return 0.0
    start, size = np.array(rectangle[:2]), np.array(rectangle[2:])
    overlap = np.minimum(start + size, others[:, :2] + others[:, 2:]) - np.maximum(
        start, others[:, :2]
    )
    return float(overlap.clip(0).prod(axis=1).sum() / size.prod())

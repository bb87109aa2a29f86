"""Smooth filled shapes on a picture, in place.

Every function changes `picture`, uint8 RGB of shape (H, W, 3), and clips to it. Points are
`(x, y)` in pixels, floats welcome.

A `colour` is red, green and blue, 0 to 255; `radii`, `thickness` and the sides of `box_xywh` are in
pixels.
"""

from collections.abc import Sequence

import cv2
import numpy as np

Colour = tuple[int, int, int]
Point = tuple[float, float]

_FRACTION_BITS = 4  # OpenCV places points at 1/16 pixel


def polygon(picture: np.ndarray, points: Sequence[Point], colour: Colour) -> None:
    """Fills a polygon with the corners `points`."""
    cv2.fillPoly(picture, [_fixed(points)], colour, cv2.LINE_AA, _FRACTION_BITS)


def rectangle(picture: np.ndarray, box_xywh: Sequence[float], colour: Colour) -> None:
    """Fills an upright rectangle."""
    x, y, width, height = box_xywh
    polygon(picture, [(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour)


def ellipse(
    picture: np.ndarray,
    centre: Point,
    radii: tuple[float, float],
    colour: Colour,
    *,
    angle_deg: float = 0,
) -> None:
    """Fills an ellipse round `centre`, turned clockwise by `angle_deg`."""
    fixed = tuple(map(int, _fixed([centre, radii]).ravel()))
    cv2.ellipse(
        picture, fixed[:2], fixed[2:], angle_deg, 0, 360, colour, -1, cv2.LINE_AA, _FRACTION_BITS
    )


def stroke(
    picture: np.ndarray, points: Sequence[Point], colour: Colour, *, thickness: float
) -> None:
    """Draws a line through `points`, round at the ends and at the bends."""
    whole = max(1, round(thickness))
    cv2.polylines(picture, [_fixed(points)], False, colour, whole, cv2.LINE_AA, _FRACTION_BITS)
    if whole > 2:
        for point in points:
            ellipse(picture, point, (thickness / 2, thickness / 2), colour)


def mix(colour: Colour, other: Colour, share: float) -> Colour:
    """Returns `colour` with a `share`, 0 to 1, of the `other`."""
    return tuple(round(own + (its - own) * share) for own, its in zip(colour, other, strict=True))


def _fixed(points: Sequence[Point]) -> np.ndarray:
    return np.round(np.asarray(points, dtype=float) * 2**_FRACTION_BITS).astype(np.int32)

"""Pictures beside each other with a line or two below: how explanations are drawn."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import cv2
import numpy as np
from PIL import ImageFont

from emo_tf.results import Face, Person
from emo_tf.runtime.drawing import write

PANEL_HEIGHT = 320
WIDEST_PANEL = 640
"""The most that a picture has in a row of panels, in pixels."""

MOST_ROWS = 100
"""Rows that are drawn of one picture: a JPEG holds no more than about 170."""

_FONT = 15
_LINE = 21
_MARGIN = 12
_PAPER, _INK = (255, 255, 255), (32, 36, 42)
_STRONGEST = 0.85  # how much of the picture the largest value covers
_GREY_BELOW = 0.6  # how much of its colour the picture loses


@dataclass(frozen=True, eq=False)
class Panel:
    """A picture with lines of text below it.

    Attributes:
        image: uint8 RGB (H, W, 3), as `shrunken` makes it.
        lines: The text.
    """

    image: np.ndarray
    lines: Sequence[str] = ()


def map_over(image: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Lays a map over a picture, which stays the clearer the less the map says.

    Args:
        image: uint8 RGB (H, W, 3).
        values: float32 (h, w), 0 to 1, stretched over the picture by the bilinear rule.

    Returns:
        uint8 RGB (H, W, 3).
    """
    height, width = image.shape[:2]
    stretched = cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR)
    shades = np.rint(255 * stretched).astype(np.uint8)
    # Its lightness rises evenly, so that equal steps of the map look equal.
    colours = cv2.cvtColor(cv2.applyColorMap(shades, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None]
    faded = image * np.float32(1 - _GREY_BELOW) + grey * np.float32(_GREY_BELOW)
    cover = _STRONGEST * np.sqrt(stretched)[..., None]
    return np.rint(faded * (1 - cover) + colours * cover).astype(np.uint8)


def shrunken(image: np.ndarray) -> np.ndarray:
    """Returns a picture (H, W, 3) at the size that it has in a panel, a copy in any case."""
    height, width = image.shape[:2]
    scale = min(PANEL_HEIGHT / height, WIDEST_PANEL / width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def scaled(found: Face | Person, scale: float) -> Face | Person:
    """Returns a face or a person whose box is that of a picture of another size.

    Args:
        found: The face or the person.
        scale: Size of the other picture, as a multiple of this one's.
    """
    return replace(found, box_xywh=tuple(scale * value for value in found.box_xywh))


def sheet(rows: Iterable[Sequence[Panel]]) -> np.ndarray:
    """Puts panels beside and below each other on white.

    Args:
        rows: One or more rows of one or more panels, of which the first `MOST_ROWS` are drawn.

    Returns:
        uint8 RGB (H, W, 3).
    """
    drawn = [[_drawn(panel) for panel in row] for row in islice(rows, MOST_ROWS)]
    widths = [
        max((row[column].shape[1] for row in drawn if column < len(row)), default=0)
        for column in range(max(map(len, drawn)))
    ]
    heights = [max(panel.shape[0] for panel in row) for row in drawn]
    size = [sum(sides) + (len(sides) + 1) * _MARGIN for sides in (heights, widths)]
    canvas = np.full((*size, 3), _PAPER, np.uint8)
    top = _MARGIN
    for row, height in zip(drawn, heights, strict=True):
        left = _MARGIN
        for panel, width in zip(row, widths, strict=False):
            canvas[top : top + panel.shape[0], left : left + panel.shape[1]] = panel
            left += width + _MARGIN
        top += height + _MARGIN
    return canvas


def _drawn(panel: Panel) -> np.ndarray:
    height, width = panel.image.shape[:2]
    font = ImageFont.load_default(size=_FONT)
    longest = max((math.ceil(font.getlength(line)) for line in panel.lines), default=0)
    size = (height + _LINE * len(panel.lines), max(width, longest), 3)
    canvas = np.full(size, _PAPER, np.uint8)
    canvas[:height, :width] = panel.image
    for number, line in enumerate(panel.lines):
        write(canvas, line, (0, height + _LINE * (number + 0.6)), font, _INK)
    return canvas

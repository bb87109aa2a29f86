"""Smooth shapes and letters on an array of pixels, in place.

Every function changes `canvas`, uint8 RGB of shape (H, W, 3), and clips to it. A `rectangle` is
`[x, y, width, height]` in pixels, a `centre` or `position` `(x, y)`. A `colour` is red, green and
blue, 0 to 255; `radius` and `line_width` are in pixels, `opacity` is 0 to 1; `text` is one line in
`font`.
"""

import math
from collections.abc import Collection, Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from emo_tf.colours import Colour

_FRACTION_BITS = 4  # OpenCV places points at 1/16 pixel
_CORNER_POINTS = 8
_CAPITAL_HEIGHT = 0.72  # of the font's size


def fit_font(
    texts: Collection[str], *, width: float, largest: float, smallest: float
) -> ImageFont.FreeTypeFont | None:
    """Returns the font of at most `largest` pixels in which every text fits the width.

    `None` where that would be smaller than `smallest`.

    Args:
        texts: The lines.
        width: Pixels that each of them may take.
        largest: Size of the font in pixels, at most.
        smallest: At least.
    """
    size = largest
    while size >= smallest and width > 0:
        font = ImageFont.load_default(size=size)
        longest = max(map(font.getlength, texts), default=0)
        if longest <= width:
            return font
        # Letters are whole pixels wide, so the length does not quite follow the size.
        size = min(size * width / longest, size - 0.5)
    return None


def fill(
    canvas: np.ndarray,
    rectangle: Sequence[float],
    colour: Colour,
    *,
    radius: float = 0,
    opacity: float = 1,
) -> None:
    """Fills a rectangle with rounded corners."""
    x, y, width, height = rectangle
    left, top = math.floor(x), math.floor(y)
    rows = np.arange(top, math.ceil(y + height))[:, None] + 0.5 - (y + height / 2)
    columns = np.arange(left, math.ceil(x + width))[None] + 0.5 - (x + width / 2)
    # Signed distance to the edge: half a pixel either side of it is the smooth step.
    beyond_y = np.abs(rows) - height / 2 + radius
    beyond_x = np.abs(columns) - width / 2 + radius
    outside = np.hypot(beyond_x.clip(0), beyond_y.clip(0))
    distance = outside + np.minimum(np.maximum(beyond_x, beyond_y), 0) - radius
    _blend(canvas, (0.5 - distance).clip(0, 1) * opacity, (left, top), colour)


def outline(
    canvas: np.ndarray,
    rectangle: Sequence[float],
    colour: Colour,
    *,
    line_width: int,
    radius: float,
    opacity: float = 1,
) -> None:
    """Draws the rounded edge of a rectangle, the line's middle on the edge."""
    x, y, width, height = rectangle
    radius = min(radius, width / 2, height / 2)
    angles = np.linspace(0, math.pi / 2, _CORNER_POINTS)
    corners = [
        (x + width - radius, y + height - radius, 0),
        (x + radius, y + height - radius, 1),
        (x + radius, y + radius, 2),
        (x + width - radius, y + radius, 3),
    ]
    points = [
        np.stack([cx + radius * np.cos(turned), cy + radius * np.sin(turned)], axis=1)
        for cx, cy, quarter in corners
        for turned in [angles + quarter * math.pi / 2]
    ]
    reach = line_width + 1
    start = np.maximum([math.floor(x) - reach, math.floor(y) - reach], 0)
    part = canvas[
        start[1] : max(0, math.ceil(y + height) + reach),
        start[0] : max(0, math.ceil(x + width) + reach),
    ]
    if not part.size:
        return
    drawn = part.copy()
    # OpenCV counts from pixel centres.
    fixed = np.round((np.concatenate(points) - start - 0.5) * 2**_FRACTION_BITS).astype(np.int32)
    cv2.polylines(
        drawn, [fixed], True, colour, line_width, lineType=cv2.LINE_AA, shift=_FRACTION_BITS
    )
    part[:] = drawn if opacity == 1 else cv2.addWeighted(drawn, opacity, part, 1 - opacity, 0)


def dot(canvas: np.ndarray, centre: Sequence[float], colour: Colour, *, radius: float) -> None:
    """Draws a filled circle."""
    square = (centre[0] - radius, centre[1] - radius, 2 * radius, 2 * radius)
    fill(canvas, square, colour, radius=radius)


def write(
    canvas: np.ndarray,
    text: str,
    position: tuple[float, float],
    font: ImageFont.FreeTypeFont,
    colour: Colour,
) -> None:
    """Writes a line; `position` is its left end, at half the height of its capitals."""
    baseline = position[1] + font.size * _CAPITAL_HEIGHT / 2
    left, bottom = math.floor(position[0]), math.floor(baseline)
    mask = letters(text, font, offset=(position[0] - left, baseline - bottom))
    _blend(canvas, mask, (left, bottom - font.getmetrics()[0]), colour)


def letters(
    text: str, font: ImageFont.FreeTypeFont, *, offset: tuple[float, float] = (0, 0)
) -> np.ndarray:
    """Returns how much of each pixel a line covers, 0..1, for `stamp` to draw again and again.

    Args:
        text: The line.
        font: Of its letters.
        offset: Fractions of a pixel by which it is moved to the right and down.
    """
    ascent, descent = font.getmetrics()
    tile = Image.new("L", (math.ceil(font.getlength(text)) + 2, ascent + descent + 1))
    place = (offset[0], ascent + offset[1])
    ImageDraw.Draw(tile).text(place, text, fill=255, font=font, anchor="ls")
    return np.asarray(tile) / 255


def stamp(
    canvas: np.ndarray,
    mask: np.ndarray,
    position: tuple[float, float],
    font: ImageFont.FreeTypeFont,
    colour: Colour,
) -> None:
    """Writes `mask`, what `letters` returned, at `position` as `write` does, to whole pixels."""
    bottom = round(position[1] + font.size * _CAPITAL_HEIGHT / 2)
    _blend(canvas, mask, (round(position[0]), bottom - font.getmetrics()[0]), colour)


def _blend(canvas: np.ndarray, mask: np.ndarray, corner: tuple[int, int], colour: Colour) -> None:
    """Mixes a colour into the canvas by a mask of 0..1 whose top left lies at `corner`."""
    left, top = corner
    skip_x, skip_y = max(0, -left), max(0, -top)
    part = canvas[top + skip_y : max(0, top + mask.shape[0]), left + skip_x :]
    part = part[:, : max(0, mask.shape[1] - skip_x)]
    mask = mask[skip_y : skip_y + part.shape[0], skip_x : skip_x + part.shape[1], None]
    part[:] = np.round(part + (np.array(colour) - part) * mask)

"""Draws people onto a picture: the box of the body and what the person appears to go through."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import ImageFont

from emo_tf.labels import VAD
from emo_tf.results import Person, Vad
from emo_tf.runtime.drawing import Colour, fill, fit_font, write
from emo_tf.runtime.label_layout import IN_BODIES, Label, place_labels

PERSON_COLOURS: tuple[Colour, ...] = (
    (126, 203, 255),
    (255, 171, 145),
    (174, 234, 155),
    (225, 177, 255),
    (255, 226, 130),
    (150, 236, 226),
)
"""Which one a person has says nothing: box and label of one person go together."""

MOST_CATEGORIES = 3
_DARK: Colour = (16, 18, 22)
_WHITE: Colour = (255, 255, 255)
_GREY: Colour = (92, 98, 108)

# Lengths in units of the font's size, font sizes in pixels.
_LINE, _PADDING, _STRIPE, _BAR, _COLUMN_GAP = 1.25, 0.45, 0.22, 0.18, 0.6
_SMALLEST_FONT = 8


def draw_bodies(canvas: np.ndarray, people: Sequence[Person]) -> None:
    """Draws the boxes of people, in place, as thin lines with square corners.

    Args:
        canvas: uint8 RGB of shape (H, W, 3).
        people: P people.
    """
    line_width = max(1, round(math.sqrt(canvas.shape[0] * canvas.shape[1]) / 500))
    inner = kept_inside(boxes_of(people), canvas.shape, inset=line_width + 1)
    for index, (x, y, width, height) in enumerate(np.round(inner)):
        for reach, colour, opacity in ((line_width + 1, _DARK, 0.4), (line_width, None, 1)):
            outer = (x - reach, y - reach, width + 2 * reach, height + 2 * reach)
            _frame(canvas, outer, colour or _colour(index), line_width=reach, opacity=opacity)


def draw_people_labels(
    canvas: np.ndarray,
    people: Sequence[Person],
    *,
    area: tuple[int, int, int, int],
    keep_clear: np.ndarray,
) -> None:
    """Writes the categories, highest score first, and valence, arousal and dominance of people.

    Up to `MOST_CATEGORIES` of those above their thresholds; fewer where there is less room, and
    nothing where it could only be written over a face or another label.

    Args:
        canvas: uint8 RGB of shape (H, W, 3), changed in place.
        people: P people.
        area: `[x, y, width, height]` that labels may fill.
        keep_clear: Rectangles of faces and their labels, shape (K, 4).
    """
    if not people:
        return
    wordings = [_wordings(person) for person in people]
    boxes = boxes_of(people)
    extent = math.sqrt(canvas.shape[0] * canvas.shape[1])
    wide = 0.09 * float(np.median(boxes[:, 2]))
    size = min(max(wide, 10, 0.012 * extent), max(12, 0.018 * extent))
    dimensions = {wording[-1] for wording in wordings}
    room = area[2] - (2 * _PADDING + _STRIPE + 2 * _COLUMN_GAP) * size
    font = fit_font(dimensions, width=room, largest=size, smallest=_SMALLEST_FONT)
    if font is None:
        return
    texts = [[(text, _size(text, font)) for text in wording] for wording in wordings]
    labels = place_labels(
        kept_inside(boxes, canvas.shape, inset=0),
        texts,
        area=area,
        gap=max(2, round(font.size / 2)),
        manner=IN_BODIES,
        keep_clear=keep_clear,
    )
    for index, (person, label) in enumerate(zip(people, labels, strict=True)):
        if label is not None:
            _draw_label(canvas, label, person.vad, font=font, colour=_colour(index))


def boxes_of(found: Sequence) -> np.ndarray:
    """Returns the boxes of faces or people, float64 (N, 4)."""
    return np.array([one.box_xywh for one in found], dtype=float).reshape(-1, 4)


def kept_inside(boxes: np.ndarray, shape: tuple[int, ...], *, inset: float) -> np.ndarray:
    """Returns boxes cut off so far inside the picture that their lines can be seen whole.

    Args:
        boxes: `[x, y, width, height]` in pixels, shape (N, 4).
        shape: That of the picture, (H, W, ...).
        inset: Pixels between the edge and a line.
    """
    limits = np.array(shape[1::-1], dtype=float)
    inset = np.minimum(inset, limits / 2)
    start = np.clip(boxes[:, :2], inset, limits - inset)
    stop = np.clip(boxes[:, :2] + boxes[:, 2:], inset, limits - inset)
    return np.hstack([start, stop - start])


def _frame(
    canvas: np.ndarray,
    rectangle: Sequence[float],
    colour: Colour,
    *,
    line_width: int,
    opacity: float,
) -> None:
    """Draws lines along the inner side of a rectangle's edges, sharp where it has whole pixels."""
    x, y, width, height = rectangle
    for top in (y, y + height - line_width):
        fill(canvas, (x, top, width, line_width), colour, opacity=opacity)
    for left in (x, x + width - line_width):
        sides = (left, y + line_width, line_width, height - 2 * line_width)
        fill(canvas, sides, colour, opacity=opacity)


def _colour(index: int) -> Colour:
    return PERSON_COLOURS[index % len(PERSON_COLOURS)]


def _wordings(person: Person) -> list[str]:
    """Words a label, the fullest first: a line a category, then the line of the dimensions."""
    highest = sorted(person.shown, key=lambda category: -category.score)[:MOST_CATEGORIES]
    names = [category.label for category in highest]
    dimensions = " ".join(_dimensions(person.vad))
    return ["\n".join([*names[:count], dimensions]) for count in range(len(names), -1, -1)]


def _dimensions(vad: Vad) -> list[str]:
    return [f"{name[0].upper()}{getattr(vad, name):.1f}" for name in VAD]


def _size(text: str, font: ImageFont.FreeTypeFont) -> tuple[int, int]:
    """Returns width and height of a label in pixels."""
    *names, dimensions = text.split("\n")
    widths = [font.getlength(name) for name in names]
    widths.append(font.getlength(dimensions) + 2 * _COLUMN_GAP * font.size)
    width = max(widths) + (2 * _PADDING + _STRIPE) * font.size
    height = ((len(names) + 1) * _LINE + _PADDING + 2 * _BAR) * font.size
    return math.ceil(width), math.ceil(height)


def _draw_label(
    canvas: np.ndarray, label: Label, vad: Vad, *, font: ImageFont.FreeTypeFont, colour: Colour
) -> None:
    """Draws a card: the person's colour at its left, names, and a bar below each dimension."""
    x, y, width, height = label.rectangle
    fill(canvas, label.rectangle, _DARK, opacity=0.8)
    fill(canvas, (x, y, _STRIPE * font.size, height), colour)
    left = x + (_STRIPE + _PADDING) * font.size
    line = y + (_LINE + _PADDING) / 2 * font.size
    for name in label.text.split("\n")[:-1]:
        write(canvas, name, (left, line), font, _WHITE)
        line += _LINE * font.size
    gap = _COLUMN_GAP * font.size
    column = (x + width - _PADDING * font.size - left - 2 * gap) / len(VAD)
    bar, bar_top = max(1, round(_BAR * font.size)), round(line + 0.6 * font.size)
    for text, name in zip(_dimensions(vad), VAD, strict=True):
        write(canvas, text, (left, line), font, colour)
        share = min(max((getattr(vad, name) - 1) / 9, 0), 1)
        fill(canvas, (left, bar_top, column, bar), _GREY)
        fill(canvas, (left, bar_top, share * column, bar), colour)
        left += column + gap

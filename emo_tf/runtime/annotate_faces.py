"""Draws faces onto a picture: boxes coloured by expression, bars in them, labels beside them.

`canvas` is uint8 RGB of shape (H, W, 3), drawn on in place; `box` is `[x, y, width, height]` in
pixels, shape (4,); `colour` is red, green and blue; `line_width` is in pixels, `opacity` 0 to 1.
"""

import math
from collections.abc import Sequence

import numpy as np
from PIL import ImageFont

from emo_tf.colours import EXPRESSION_COLOURS, ink_on
from emo_tf.results import Face
from emo_tf.runtime.drawing import Colour, fill, fit_font, outline, write
from emo_tf.runtime.label_layout import Label, place_labels
from emo_tf.video_results import TrackedFace

_WITHOUT_LABEL: Colour = (255, 255, 255)
_DARK: Colour = (16, 18, 22)
_PALE: Colour = (205, 209, 216)

# Lengths in units of the font's size, font sizes in pixels.
_LABEL_HEIGHT, _LABEL_PADDING = 1.45, 0.4
_SMALLEST_FONT = 7


def face_colour(face: Face | TrackedFace) -> Colour:
    """Returns the colour of a face's expression, white where it has none."""
    if face.expression is None:
        return _WITHOUT_LABEL
    return EXPRESSION_COLOURS.get(face.expression.label, _WITHOUT_LABEL)


def expression_wordings(face: Face | TrackedFace) -> list[str]:
    """Returns `happy 81%` and `happy`, or nothing where a face has no expression."""
    if face.expression is None:
        return []
    label = face.expression.label
    return [f"{label} {face.expression.probabilities[label]:.0%}", label]


def draw_face_box(
    canvas: np.ndarray, box: np.ndarray, colour: Colour, *, line_width: int, opacity: float = 1
) -> None:
    """Draws the edge of a box with round corners and a shadow, in place."""
    line_width = max(1, min(line_width, round(box[2:].min() / 16)))
    radius = min(3.0 * line_width, 0.12 * box[2:].min())
    shadow = line_width + max(2, round(0.5 * line_width))
    outline(canvas, box, _DARK, line_width=shadow, radius=radius, opacity=0.4 * opacity)
    outline(canvas, box, colour, line_width=line_width, radius=radius, opacity=opacity)


def draw_face_bar(
    canvas: np.ndarray, box: np.ndarray, colour: Colour, *, length: float, line_width: int
) -> None:
    """Draws a bar inside a box, above its lower line; `length` is a share of the box's width."""
    x, y, width, height = box
    inset = min(1.5 * line_width, 0.1 * box[2:].min())
    thickness = min(max(2, 1.6 * line_width), 0.1 * height)
    track = (x + inset, y + height - inset - thickness, width - 2 * inset, thickness)
    margin = 0.4 * thickness
    around = (track[0] - margin, track[1] - margin, track[2] + 2 * margin, track[3] + 2 * margin)
    fill(canvas, around, _DARK, radius=thickness / 2, opacity=0.7)
    fill(canvas, (*track[:2], length * track[2], thickness), colour, radius=thickness / 4)


def place_face_labels(
    wordings: Sequence[Sequence[str]],
    boxes: np.ndarray,
    *,
    area: tuple[int, int, int, int],
    font_size: float,
    widest: float = math.inf,
) -> tuple[ImageFont.FreeTypeFont | None, list[Label | None]]:
    """Finds letters in which every label's shortest wording fits, and where each will stand.

    Args:
        wordings: What each of F labels may say, the fullest wording first; may be empty.
        boxes: Of the faces with their lines, shape (F, 4).
        area: `[x, y, width, height]` that labels may fill.
        font_size: Of the letters where there is room for them, in pixels.
        widest: How many times as wide as its box the fullest wording may be.

    Returns:
        The font, or `None` where no label fits; and a label or `None` for each face.
    """
    font = fit_font(
        {texts[-1] for texts in wordings if texts},
        width=area[2] - 2 * _LABEL_PADDING * font_size,
        largest=font_size,
        smallest=_SMALLEST_FONT,
    )
    if font is None:
        return None, [None] * len(wordings)
    padding, height = _LABEL_PADDING * font.size, round(_LABEL_HEIGHT * font.size)

    def sized(text: str) -> tuple[str, tuple[int, int]]:
        return text, (math.ceil(font.getlength(text) + 2 * padding), height)

    texts = [[sized(text) for text in of_face] for of_face in wordings]
    for of_face, box in zip(texts, boxes, strict=True):
        if len(of_face) > 1 and of_face[0][1][0] > widest * box[2]:
            del of_face[0]
    return font, place_labels(boxes, texts, area=area, gap=max(1, round(font.size / 4)))


def draw_face_labels(
    canvas: np.ndarray,
    faces: Sequence[Face | TrackedFace],
    labels: Sequence[Label | None],
    *,
    font: ImageFont.FreeTypeFont | None,
    faint: np.ndarray,
) -> None:
    """Draws labels where `place_face_labels` put them, in place.

    Args:
        canvas: uint8 RGB of shape (H, W, 3).
        faces: F faces.
        labels: A label or `None` for each.
        font: Of the letters.
        faint: Whose label is to be dark, bool of shape (F,).
    """
    for face, label, is_faint in zip(faces, labels, faint, strict=True):
        if label is None:
            continue
        x, y, width, height = label.rectangle
        ground, opacity = (_DARK, 0.7) if is_faint else (face_colour(face), 1)
        fill(canvas, (x, y, width, height), ground, radius=0.3 * height, opacity=opacity)
        ink = _PALE if is_faint else ink_on(face_colour(face))
        padding = _LABEL_PADDING * font.size
        write(canvas, label.text, (x + padding, y + height / 2), font, ink)

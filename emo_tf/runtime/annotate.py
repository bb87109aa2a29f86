"""Draws what was recognised onto a picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import ImageFont

from emo_tf.errors import EmoError
from emo_tf.results import Face, PhotoResult
from emo_tf.runtime.annotate_people import (
    boxes_of,
    draw_bodies,
    draw_people_labels,
    kept_inside,
)
from emo_tf.runtime.drawing import Colour, dot, fill, fit_font, ink_on, outline, write
from emo_tf.runtime.label_layout import Label, place_labels

EXPRESSION_COLOURS: dict[str, Colour] = {
    "angry": (214, 45, 45),
    "disgust": (92, 126, 22),
    "fear": (146, 72, 214),
    "happy": (255, 196, 46),
    "sad": (30, 104, 214),
    "surprise": (44, 212, 194),
    "neutral": (226, 229, 234),
}
GROUP_COLOURS: dict[str, Colour] = {
    "negative": (226, 62, 62),
    "neutral": (226, 229, 234),
    "positive": (64, 190, 112),
}
_WITHOUT_LABEL: Colour = (255, 255, 255)
_DARK: Colour = (16, 18, 22)

# Lengths in units of the font's size, font sizes in pixels.
_LABEL_HEIGHT, _LABEL_PADDING = 1.45, 0.4
_BAND_HEIGHT, _BAND_PADDING = 2.0, 0.7
_SMALLEST_FONT = 7


@dataclass(frozen=True)
class _Band:
    """The line at the picture's edge."""

    text: str
    font: ImageFont.FreeTypeFont
    height: int
    at_top: bool


class PhotoAnnotator:
    """Draws boxes coloured by expression, labels, the group's verdict, and people in context.

    Lines and letters grow with the picture. Labels make room for each other, lose their
    percentage where there is no room for it, and stay inside the picture.

    Args:
        labels: Whether to write the expression and its probability at each face, and a person's
            categories and dimensions at each body.
        landmarks: Whether to mark eyes, nose and mouth corners with dots.
        group: Whether to write the group's verdict, or why nothing was found, on a line at the
            picture's edge.

    Example:
        >>> image = read_image("family.jpg")
        >>> drawn = PhotoAnnotator().annotate(image, Analyzer().analyze(image))
        >>> write_image("family-annotated.jpg", drawn)
    """

    def __init__(self, *, labels: bool = True, landmarks: bool = False, group: bool = True):
        self._labels = labels
        self._landmarks = landmarks
        self._group = group

    def annotate(self, image: np.ndarray, result: PhotoResult) -> np.ndarray:
        """Returns a new picture with the result drawn onto it.

        Args:
            image: uint8 RGB pixels of shape (H, W, 3), the picture that was analysed.
            result: What was recognised in it.

        Returns:
            uint8 RGB pixels of shape (H, W, 3).

        Raises:
            EmoError: Pixels of another type or shape.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise EmoError(
                "image: expected uint8 pixels of shape (H, W, 3). "
                f"Received: {image.dtype} of shape {image.shape}"
            )
        canvas = image.copy()
        boxes = boxes_of(result.faces)
        font_size = _label_font_size(boxes, image.shape)
        line_width = max(1, round(font_size / 7))
        boxes = kept_inside(boxes, image.shape, inset=line_width)

        draw_bodies(canvas, result.people)
        # The smallest last, so that no face's box is hidden by a larger one's.
        for index in np.argsort(-boxes[:, 2:].prod(axis=1)):
            face, box = result.faces[index], boxes[index]
            _draw_box(canvas, box, _colour(face), line_width=line_width)
            if self._landmarks:
                _draw_landmarks(canvas, face, _colour(face), line_width=line_width)

        band = _plan_band(result, boxes, image.shape) if self._group else None
        height, width = image.shape[:2]
        area = (0, 0, width, height)
        if band:
            area = (0, band.height if band.at_top else 0, width, height - band.height)
        if self._labels:
            outer = boxes + np.array([-0.5, -0.5, 1, 1]) * line_width
            font, labels = _place_labels(result.faces, outer, area=area, font_size=font_size)
            written = [label.rectangle for label in labels if label]
            keep_clear = np.vstack([outer, *written])
            draw_people_labels(canvas, result.people, area=area, keep_clear=keep_clear)
            _draw_labels(canvas, result.faces, labels, font=font)
        if band:
            _draw_band(canvas, band, result)
        return canvas


def _colour(face: Face) -> Colour:
    if face.expression is None:
        return _WITHOUT_LABEL
    return EXPRESSION_COLOURS.get(face.expression.label, _WITHOUT_LABEL)


def _label_font_size(boxes: np.ndarray, shape: tuple[int, ...]) -> float:
    """Letters that suit the faces, within what can be read when the whole picture is shown."""
    extent = math.sqrt(shape[0] * shape[1])
    smallest, largest = max(11, 0.014 * extent), max(14, 0.03 * extent)
    faces = 0.16 * float(np.median(boxes[:, 2])) if len(boxes) else 0
    return min(max(faces, smallest), largest)


def _draw_box(canvas: np.ndarray, box: np.ndarray, colour: Colour, *, line_width: int) -> None:
    line_width = max(1, min(line_width, round(box[2:].min() / 16)))
    radius = min(3.0 * line_width, 0.12 * box[2:].min())
    shadow = line_width + max(2, round(0.5 * line_width))
    outline(canvas, box, _DARK, line_width=shadow, radius=radius, opacity=0.4)
    outline(canvas, box, colour, line_width=line_width, radius=radius)


def _draw_landmarks(canvas: np.ndarray, face: Face, colour: Colour, *, line_width: int) -> None:
    radius = min(max(0.018 * face.box_xywh[2], 0.8), 1.4 * line_width)
    for point in face.landmarks:
        dot(canvas, point, _DARK, radius=radius * 1.45)
        dot(canvas, point, colour, radius=radius)


def _place_labels(
    faces: Sequence[Face],
    boxes: np.ndarray,
    *,
    area: tuple[int, int, int, int],
    font_size: float,
) -> tuple[ImageFont.FreeTypeFont | None, list[Label | None]]:
    """Words each face's expression and decides where it will stand."""
    expressions = [face.expression for face in faces]
    shortest = {expression.label for expression in expressions if expression}
    font = fit_font(
        shortest,
        width=area[2] - 2 * _LABEL_PADDING * font_size,
        largest=font_size,
        smallest=_SMALLEST_FONT,
    )
    if font is None:
        return None, [None] * len(faces)
    padding, height = _LABEL_PADDING * font.size, round(_LABEL_HEIGHT * font.size)

    def sized(text: str) -> tuple[str, tuple[int, int]]:
        return text, (math.ceil(font.getlength(text) + 2 * padding), height)

    texts = [
        [sized(f"{e.label} {e.probabilities[e.label]:.0%}"), sized(e.label)] if e else []
        for e in expressions
    ]
    return font, place_labels(boxes, texts, area=area, gap=max(1, round(font.size / 4)))


def _draw_labels(
    canvas: np.ndarray,
    faces: Sequence[Face],
    labels: Sequence[Label | None],
    *,
    font: ImageFont.FreeTypeFont | None,
) -> None:
    for face, label in zip(faces, labels, strict=True):
        if label is None:
            continue
        x, y, width, height = label.rectangle
        fill(canvas, (x, y, width, height), _colour(face), radius=0.3 * height)
        ink = ink_on(_colour(face))
        padding = _LABEL_PADDING * font.size
        write(canvas, label.text, (x + padding, y + height / 2), font, ink)


def _plan_band(result: PhotoResult, boxes: np.ndarray, shape: tuple[int, ...]) -> _Band | None:
    """Words the line, and puts it where it covers less of the faces."""
    if result.group:
        label = result.group.label
        percentage = f"{result.group.probabilities[label]:.0%}"
        appears = "The group appears" if len(result.faces) > 1 else "Appears"
        wordings = [f"{appears} {label} ({percentage})", f"{label} {percentage}", label]
    elif result.reason:
        wordings = [result.reason[:1].upper() + result.reason[1:]]
    else:
        return None
    height, width = shape[:2]
    size = min(max(12, 0.024 * math.sqrt(height * width)), 0.25 * height / _BAND_HEIGHT)
    for wording in wordings:
        room = width - (2 * _BAND_PADDING + 1) * size
        smallest = max(_SMALLEST_FONT, 0.7 * size)
        font = fit_font([wording], width=room, largest=size, smallest=smallest)
        if font:
            band_height = round(_BAND_HEIGHT * font.size)
            at_top = _covered_rows(boxes, 0, band_height) < _covered_rows(
                boxes, height - band_height, height
            )
            return _Band(wording, font, band_height, at_top)
    return None


def _covered_rows(boxes: np.ndarray, top: float, bottom: float) -> float:
    """Returns the area of boxes between two rows."""
    stop = np.minimum(boxes[:, 1] + boxes[:, 3], bottom)
    return float(((stop - np.maximum(boxes[:, 1], top)).clip(0) * boxes[:, 2]).sum())


def _draw_band(canvas: np.ndarray, band: _Band, result: PhotoResult) -> None:
    """Draws the line's ground, its text and, for a group, the share of each class as a strip."""
    height, width = canvas.shape[:2]
    top = 0 if band.at_top else height - band.height
    middle, x = top + band.height / 2, _BAND_PADDING * band.font.size
    fill(canvas, (0, top, width, band.height), _DARK, opacity=0.78)
    if result.group:
        strip = max(2, round(0.12 * band.height))
        start = 0.0
        strip_top = top + band.height - strip if band.at_top else top
        for label, probability in result.group.probabilities.items():
            colour = GROUP_COLOURS.get(label, _WITHOUT_LABEL)
            fill(canvas, (start, strip_top, probability * width, strip), colour)
            start += probability * width
        middle += strip / 2 if not band.at_top else -strip / 2
        radius = 0.3 * band.font.size
        colour = GROUP_COLOURS.get(result.group.label, _WITHOUT_LABEL)
        dot(canvas, (x + radius, middle), colour, radius=radius)
        x += band.font.size
    write(canvas, band.text, (x, middle), band.font, (255, 255, 255))

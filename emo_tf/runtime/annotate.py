"""Draws what was recognised onto a picture."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import ImageFont

from emo_tf.errors import EmoError
from emo_tf.results import Face, PhotoResult
from emo_tf.runtime.annotate_group import draw_band, passed_over, plan_band, unequal_shares
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
_WITHOUT_LABEL: Colour = (255, 255, 255)
_DARK: Colour = (16, 18, 22)
_PALE: Colour = (205, 209, 216)

# Lengths in units of the font's size, font sizes in pixels.
_LABEL_HEIGHT, _LABEL_PADDING = 1.45, 0.4
_SMALLEST_FONT = 7
_FAINT = 0.45  # opacity of the boxes of faces that were not looked at
_WIDEST = 3  # of a label that says how much a face counts, in widths of the face


class PhotoAnnotator:
    """Draws boxes coloured by expression, labels, the group's verdict, and people in context.

    Lines and letters grow with the picture. Labels make room for each other, lose their
    percentage where there is no room for it, and stay inside the picture.

    Args:
        labels: Whether to write the expression and its probability at each face, and a person's
            categories and dimensions at each body.
        landmarks: Whether to mark eyes, nose and mouth corners with dots.
        group: Whether to write the group's verdict, or why nothing was found, in a band at the
            picture's edge, and to show at each face how much it counts where faces differ in that;
            faces that were not looked at are faint.

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
        shares = unequal_shares(result) if self._group else None
        faint = passed_over(result) if self._group else np.zeros(len(boxes), bool)

        draw_bodies(canvas, result.people)
        # The smallest last, so that no face's box is hidden by a larger one's.
        for index in np.argsort(-boxes[:, 2:].prod(axis=1)):
            face, box = result.faces[index], boxes[index]
            opacity = _FAINT if faint[index] else 1
            _draw_box(canvas, box, _colour(face), line_width=line_width, opacity=opacity)
            if self._landmarks:
                _draw_landmarks(canvas, face, _colour(face), line_width=line_width)
            if shares is not None and not faint[index]:
                length = shares[index] / shares.max()
                _draw_bar(canvas, box, _colour(face), length=length, line_width=line_width)

        band = plan_band(result, boxes, image.shape) if self._group else None
        height, width = image.shape[:2]
        area = (0, 0, width, height)
        if band:
            area = (0, band.height if band.at_top else 0, width, height - band.height)
        if self._labels:
            outer = boxes + np.array([-0.5, -0.5, 1, 1]) * line_width
            wordings = _wordings(result.faces, shares, faint=faint)
            font, labels = _place_labels(
                wordings,
                outer,
                area=area,
                font_size=font_size,
                widest=math.inf if shares is None else _WIDEST,
            )
            written = [label.rectangle for label in labels if label]
            keep_clear = np.vstack([outer, *written])
            draw_people_labels(canvas, result.people, area=area, keep_clear=keep_clear)
            _draw_labels(canvas, result.faces, labels, font=font, faint=faint)
        if band:
            draw_band(canvas, band, result.group)
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


def _draw_box(
    canvas: np.ndarray, box: np.ndarray, colour: Colour, *, line_width: int, opacity: float
) -> None:
    line_width = max(1, min(line_width, round(box[2:].min() / 16)))
    radius = min(3.0 * line_width, 0.12 * box[2:].min())
    shadow = line_width + max(2, round(0.5 * line_width))
    outline(canvas, box, _DARK, line_width=shadow, radius=radius, opacity=0.4 * opacity)
    outline(canvas, box, colour, line_width=line_width, radius=radius, opacity=opacity)


def _draw_landmarks(canvas: np.ndarray, face: Face, colour: Colour, *, line_width: int) -> None:
    radius = min(max(0.018 * face.box_xywh[2], 0.8), 1.4 * line_width)
    for point in face.landmarks:
        dot(canvas, point, _DARK, radius=radius * 1.45)
        dot(canvas, point, colour, radius=radius)


def _draw_bar(
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


def _wordings(
    faces: Sequence[Face], shares: np.ndarray | None, *, faint: np.ndarray
) -> list[list[str]]:
    """Words each face's label, the fullest wording first; none where there is nothing to say."""
    counts = [""] * len(faces) if shares is None else [*map(_count, shares)]
    wordings = []
    for face, count, is_faint in zip(faces, counts, faint, strict=True):
        expression, texts = face.expression, []
        if expression:
            probability = f"{expression.probabilities[expression.label]:.0%}"
            texts = [f"{expression.label} {probability}", expression.label]
        if count and not is_faint:
            texts.insert(0, f"{texts[0]} · {count}" if texts else count)
        wordings.append(texts)
    return wordings


def _count(share: float) -> str:
    # A face that counts little still counts.
    return f"counts {share:.0%}" if share >= 0.005 or share == 0 else "counts <1%"


def _place_labels(
    wordings: Sequence[Sequence[str]],
    boxes: np.ndarray,
    *,
    area: tuple[int, int, int, int],
    font_size: float,
    widest: float,
) -> tuple[ImageFont.FreeTypeFont | None, list[Label | None]]:
    """Finds letters in which every label's shortest wording fits, and where each will stand.

    The fullest wording is left out where it would be wider than so many times its box.
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


def _draw_labels(
    canvas: np.ndarray,
    faces: Sequence[Face],
    labels: Sequence[Label | None],
    *,
    font: ImageFont.FreeTypeFont | None,
    faint: np.ndarray,
) -> None:
    for face, label, is_faint in zip(faces, labels, faint, strict=True):
        if label is None:
            continue
        x, y, width, height = label.rectangle
        ground, opacity = (_DARK, 0.7) if is_faint else (_colour(face), 1)
        fill(canvas, (x, y, width, height), ground, radius=0.3 * height, opacity=opacity)
        ink = _PALE if is_faint else ink_on(_colour(face))
        padding = _LABEL_PADDING * font.size
        write(canvas, label.text, (x + padding, y + height / 2), font, ink)

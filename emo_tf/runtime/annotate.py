"""Draws what was recognised onto a picture."""

import math
from collections.abc import Sequence

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.results import Face, PhotoResult
from emo_tf.runtime.annotate_faces import (
    draw_face_bar,
    draw_face_box,
    draw_face_labels,
    expression_wordings,
    face_colour,
    place_face_labels,
)
from emo_tf.runtime.annotate_group import draw_band, passed_over, plan_band, unequal_shares
from emo_tf.runtime.annotate_people import (
    boxes_of,
    draw_bodies,
    draw_people_labels,
    kept_inside,
)
from emo_tf.runtime.drawing import Colour, dot

_DARK: Colour = (16, 18, 22)

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
            draw_face_box(canvas, box, face_colour(face), line_width=line_width, opacity=opacity)
            if self._landmarks:
                _draw_landmarks(canvas, face, face_colour(face), line_width=line_width)
            if shares is not None and not faint[index]:
                length = shares[index] / shares.max()
                draw_face_bar(canvas, box, face_colour(face), length=length, line_width=line_width)

        band = plan_band(result, boxes, image.shape) if self._group else None
        height, width = image.shape[:2]
        area = (0, 0, width, height)
        if band:
            area = (0, band.height if band.at_top else 0, width, height - band.height)
        if self._labels:
            outer = boxes + np.array([-0.5, -0.5, 1, 1]) * line_width
            wordings = _wordings(result.faces, shares, faint=faint)
            font, labels = place_face_labels(
                wordings,
                outer,
                area=area,
                font_size=font_size,
                widest=math.inf if shares is None else _WIDEST,
            )
            written = [label.rectangle for label in labels if label]
            keep_clear = np.vstack([outer, *written])
            draw_people_labels(canvas, result.people, area=area, keep_clear=keep_clear)
            draw_face_labels(canvas, result.faces, labels, font=font, faint=faint)
        if band:
            draw_band(canvas, band, result.group)
        return canvas


def _label_font_size(boxes: np.ndarray, shape: tuple[int, ...]) -> float:
    """Letters that suit the faces, within what can be read when the whole picture is shown."""
    extent = math.sqrt(shape[0] * shape[1])
    smallest, largest = max(11, 0.014 * extent), max(14, 0.03 * extent)
    faces = 0.16 * float(np.median(boxes[:, 2])) if len(boxes) else 0
    return min(max(faces, smallest), largest)


def _draw_landmarks(canvas: np.ndarray, face: Face, colour: Colour, *, line_width: int) -> None:
    radius = min(max(0.018 * face.box_xywh[2], 0.8), 1.4 * line_width)
    for point in face.landmarks:
        dot(canvas, point, _DARK, radius=radius * 1.45)
        dot(canvas, point, colour, radius=radius)


def _wordings(
    faces: Sequence[Face], shares: np.ndarray | None, *, faint: np.ndarray
) -> list[list[str]]:
    """Words each face's label, the fullest wording first; none where there is nothing to say."""
    counts = [""] * len(faces) if shares is None else [*map(_count, shares)]
    wordings = []
    for face, count, is_faint in zip(faces, counts, faint, strict=True):
        texts = expression_wordings(face)
        if count and not is_faint:
            texts.insert(0, f"{texts[0]} · {count}" if texts else count)
        wordings.append(texts)
    return wordings


def _count(share: float) -> str:
    # A face that counts little still counts.
    return f"counts {share:.0%}" if share >= 0.005 or share == 0 else "counts <1%"

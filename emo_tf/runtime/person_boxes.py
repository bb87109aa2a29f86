"""Where people are in a picture: boxes of whole bodies, and bodies guessed from faces."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.results import Face

BODY_WIDTH = 2.75
BODY_HEIGHT = 7.75
ABOVE_FACE = 0.25
"""A body's width, its height and the part above the face's box, in widths and heights of that box.

A standing adult is 7 to 8 heads tall and 2 to 3 heads wide at the shoulders. The detector's box of
a face reaches from the hairline to the chin, four fifths of the head, and is as wide as the head:
that would be a body of 9 boxes. But people in photographs also sit, lean and turn sideways, and
children are only 4 to 6 heads tall; most bodies end at the picture's edge anyway. The numbers lie
between.
"""


@dataclass(frozen=True)
class PersonBox:
    """Where a person is: `box_xywh` in pixels, and the detection's `score` if any."""

    box_xywh: tuple[float, float, float, float]
    score: float | None = None


def whole_pixels(
    box_xywh: Sequence[float], *, width: int, height: int
) -> tuple[int, int, int, int]:
    """Returns the part of a picture that a person's box covers, as a model is shown it.

    What lies outside the picture is cut off, then edges are cut to whole pixels, as EMOTIC's are.

    Args:
        box_xywh: The box in pixels.
        width: Of the picture.
        height: Of the picture.

    Returns:
        x, y, width and height; the box has an area.

    Raises:
        EmoError: The box is not four finite numbers, or has no area in the picture.
    """
    box = np.asarray(box_xywh, float)
    if box.shape != (4,) or not np.isfinite(box).all():
        raise EmoError(
            f"box_xywh: expected four numbers, x, y, width and height. Received: {box_xywh}"
        )
    start, stop = _edges_in_picture(box, width=width, height=height).astype(int)
    if (start >= stop).any():
        raise EmoError(
            f"box_xywh: expected a box with an area in the picture of {width} x {height} pixels. "
            f"Received: [{', '.join(f'{value:g}' for value in box)}]"
        )
    return (*start.tolist(), *(stop - start).tolist())


def cut_off(found: Iterable[PersonBox], *, width: int, height: int) -> tuple[PersonBox, ...]:
    """Cuts boxes off at the picture's edges and leaves out those without an area in the picture.

    Args:
        found: The boxes.
        width: Of the picture.
        height: Of the picture.

    Returns:
        What is left of each, in the order of the others.
    """
    inside = []
    for person in found:
        box = np.asarray(person.box_xywh, float)
        start, stop = _edges_in_picture(box, width=width, height=height)
        if (start.astype(int) < stop.astype(int)).all():
            inside.append(PersonBox((*start.tolist(), *(stop - start).tolist()), person.score))
    return tuple(inside)


def bodies_from_faces(faces: Sequence[Face], *, width: int, height: int) -> tuple[PersonBox, ...]:
    """Guesses each person's body from the face: `BODY_WIDTH` by `BODY_HEIGHT` faces.

    Args:
        faces: The faces of a picture.
        width: Of the picture.
        height: Of the picture.

    Returns:
        The bodies in the order of the faces, with their scores, cut off at the picture's edges.
    """
    bodies = []
    for face in faces:
        x, y, face_width, face_height = face.box_xywh
        left = x + (1 - BODY_WIDTH) / 2 * face_width
        top = y - ABOVE_FACE * face_height
        box = (left, top, BODY_WIDTH * face_width, BODY_HEIGHT * face_height)
        bodies.append(PersonBox(box, face.score))
    return cut_off(bodies, width=width, height=height)


def _edges_in_picture(box: np.ndarray, *, width: int, height: int) -> np.ndarray:
    """Returns the corners of a box inside the picture, shape (2, 2)."""
    return np.clip([box[:2], box[:2] + box[2:]], 0, [width, height])

"""Boxes of people as the answers file keeps them: within their picture."""

from collections.abc import Iterable, Sequence

import numpy as np

from emo_tf.annotation.answer_records import Box
from emo_tf.annotation.picture_folder import PictureEntry
from emo_tf.errors import EmoError
from emo_tf.runtime.person_boxes import PersonBox, cut_off, whole_pixels


def box_in_picture(box_xywh: Sequence[float], picture: PictureEntry) -> Box:
    """Returns the part of a box that lies in a picture.

    Args:
        box_xywh: Four numbers in pixels.
        picture: The picture, for its size.

    Raises:
        EmoError: It is not four finite numbers, or has no area there.
    """
    try:
        with np.errstate(over="ignore"):  # of edges that lie beyond all numbers
            whole_pixels(box_xywh, width=picture.width, height=picture.height)
            (inside,) = boxes_in_picture([box_xywh], picture)
    except EmoError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        raise EmoError(
            f"box_xywh: expected four numbers, x, y, width and height. Received: {box_xywh!r}"
        ) from error
    return inside


def boxes_in_picture(boxes: Iterable[Sequence[float]], picture: PictureEntry) -> list[Box]:
    """Returns the parts of boxes that lie in a picture, without those that have no area there.

    Args:
        boxes: N boxes `[x, y, width, height]` in pixels.
        picture: The picture, for its size.
    """
    found = (PersonBox(tuple(box)) for box in boxes)
    cut = cut_off(found, width=picture.width, height=picture.height)
    return [person.box_xywh for person in cut]

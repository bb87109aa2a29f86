"""Reads a picture and cuts a box in it to what can be seen, or says why it cannot be used."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow_datasets.public_api as tfds

from emo_tf.corpora.pictures import Picture, UnreadableError, decode

MISSING_IMAGE = "missing image"
UNREADABLE_IMAGE = "unreadable image"
EMPTY_BOX = "empty box"
BOX_OUTSIDE = "box outside the image"

Corners = tuple[float, float, float, float]
"""x1, y1, x2, y2 in pixels; x2 and y2 lie just outside."""


class UnusableError(ValueError):
    """An item that has to be left out: the message says what was found.

    Args:
        reason: A few words, the same for all like it: `"missing image"`.
        detail: What was found.

    Attributes:
        reason: As given.
    """

    def __init__(self, reason: str, detail: str):
        super().__init__(detail)
        self.reason = reason


def read_picture(path: Path) -> Picture:
    """Reads and decodes a picture file.

    Raises:
        UnusableError: It is missing or unreadable.
    """
    try:
        return decode(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnusableError(MISSING_IMAGE, "image is missing") from error
    except UnreadableError as error:
        raise UnusableError(UNREADABLE_IMAGE, f"image cannot be read: {error}") from error
    except OSError as error:
        raise UnusableError(UNREADABLE_IMAGE, f"image cannot be read: {error.strerror}") from error


def cut_box(corners: Sequence[float], picture: Picture) -> Corners:
    """Returns the part of a box that lies in a picture; whole numbers stay whole.

    Args:
        corners: Left, top, right and bottom edge in pixels.
        picture: The picture, for its size.

    Raises:
        UnusableError: The box is empty, or lies outside.
    """
    x1, y1, x2, y2 = corners
    if x2 <= x1 or y2 <= y1:
        raise UnusableError(EMPTY_BOX, f"box is empty: {_in_words(corners)}")
    x1, x2 = max(x1, 0), min(x2, picture.width)
    y1, y2 = max(y1, 0), min(y2, picture.height)
    if x2 <= x1 or y2 <= y1:
        size = f"{picture.width} x {picture.height} pixels"
        raise UnusableError(
            BOX_OUTSIDE, f"box lies outside the image of {size}: {_in_words(corners)}"
        )
    return x1, y1, x2, y2


def box_features(corners: Corners, picture: Picture, *, dtype: type) -> dict[str, object]:
    """Returns a box in a picture as two features of an example.

    Args:
        corners: What `cut_box` returned.
        picture: The picture that it lies in.
        dtype: Of `box_xywh`.

    Returns:
        `box_xywh`, (4,): left, top, width, height in pixels; `bbox`: the same box as ymin, xmin,
        ymax, xmax, 0 to 1.
    """
    x1, y1, x2, y2 = corners
    return {
        "box_xywh": np.array([x1, y1, x2 - x1, y2 - y1], dtype),
        "bbox": tfds.features.BBox(
            ymin=y1 / picture.height,
            xmin=x1 / picture.width,
            ymax=y2 / picture.height,
            xmax=x2 / picture.width,
        ),
    }


def _in_words(corners: Sequence[float]) -> str:
    return f"[{', '.join(f'{value:g}' for value in corners)}]"

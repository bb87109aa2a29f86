"""Crops round a box: the surroundings of a face as models of expressions see them."""

import math
from collections.abc import Mapping, Sequence
from numbers import Real

import cv2
import numpy as np

from emo_tf.errors import EmoError
from emo_tf.runtime.image_warp import warp_similarity


def crop_box(
    image: np.ndarray,
    box_xywh: Sequence[float],
    *,
    size: tuple[int, int],
    margin: float = 0.0,
    shift_y: float = 0.0,
    angle_degrees: float = 0.0,
) -> np.ndarray:
    """Cuts the surroundings of a box out of a photograph, its border pixels carried on outwards.

    The crop is centred on the box and covers `((1 + margin) ** 2) * width * height` pixels of the
    photograph: a square of side `(1 + margin) * sqrt(width * height)` where `size` is square. It
    has the proportions of `size`, so that nothing is stretched.

    Args:
        image: uint8, shape (H, W, 3).
        box_xywh: x, y, width, height in pixels of the photograph; may reach beyond it.
        size: Height and width of the crop.
        margin: Growth over the box, as a fraction of its side; above -1.
        shift_y: How far the crop moves down the face, as a fraction of the crop's side.
        angle_degrees: How far the face leans clockwise as seen; the crop undoes it by turning
            about the middle of the box.

    Returns:
        uint8 crop of shape (*size, 3).

    Raises:
        EmoError: A box without area, or numbers that are not finite.
    """
    x, y, width, height = _box_with_area(
        box_xywh, {"margin": margin, "shift_y": shift_y, "angle_degrees": angle_degrees}
    )
    if margin <= -1:
        raise EmoError(
            "box_xywh, margin: expected a margin above -1. "
            f"Received: {list(box_xywh)}, margin={margin}"
        )
    side = (1 + margin) * math.sqrt(width * height)
    scale = math.sqrt(size[0] * size[1]) / side
    angle = math.radians(angle_degrees)
    turn = scale * np.array(
        [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]
    )
    target = [size[1] / 2, size[0] / 2 - shift_y * side * scale]
    matrix = np.column_stack([turn, target - turn @ [x + width / 2, y + height / 2]])
    return warp_similarity(image, matrix, size, border=cv2.BORDER_REPLICATE)


def crop_square(
    image: np.ndarray, box_xywh: Sequence[float], *, size: tuple[int, int], k: float
) -> np.ndarray:
    """Cuts a square round the centre of a box out of a photograph, black beyond its border.

    The square has the area of the box whose sides both grew by `k` times their sum: its side is
    `sqrt((width + m) * (height + m))` for `m = k * (width + height)`.

    Args:
        image: uint8, shape (H, W, 3).
        box_xywh: x, y, width, height in pixels of the photograph; may reach beyond it.
        size: Height and width of the crop; where they differ, it has the square's area.
        k: Growth, 0 or more: .3 in the clips of Friends that the system learnt from, .5 elsewhere.

    Returns:
        uint8 crop of shape (*size, 3).

    Raises:
        EmoError: A box without area, numbers that are not finite, or `k` is below 0.

    Reference:
        JanghoonChoi/VTT_vid_emotion.
    """
    x, y, width, height = _box_with_area(box_xywh, {"k": k})
    if k < 0:
        raise EmoError(f"k: expected 0 or more. Received: {k}")
    margin = k * (width + height)
    scale = math.sqrt(size[0] * size[1] / ((width + margin) * (height + margin)))
    matrix = np.array(
        [
            [scale, 0, size[1] / 2 - scale * (x + width / 2)],
            [0, scale, size[0] / 2 - scale * (y + height / 2)],
        ]
    )
    return warp_similarity(image, matrix, size, border=cv2.BORDER_CONSTANT)


def _box_with_area(
    box_xywh: Sequence[float], settings: Mapping[str, float]
) -> tuple[float, float, float, float]:
    numbers = [*box_xywh, *settings.values()]
    finite = (isinstance(number, Real) and math.isfinite(number) for number in numbers)
    if len(box_xywh) != 4 or not all(finite) or min(box_xywh[2:]) <= 0:
        received = ", ".join(f"{name}={value}" for name, value in settings.items())
        raise EmoError(
            f"box_xywh, {', '.join(settings)}: expected finite numbers, four for the box, its "
            f"width and height above 0. Received: {list(box_xywh)}, {received}"
        )
    return tuple(map(float, box_xywh))

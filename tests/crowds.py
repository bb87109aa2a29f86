"""Pictures of many people, made of one portrait."""

from pathlib import Path

import cv2
import numpy as np

from emo_tf.runtime.image_io import read_image

# Of the astronaut: her face with the hair, rows then columns.
_HEAD = slice(20, 220), slice(125, 325)
_COLUMNS = 8


def crowd(astronaut: Path, count: int, *, side: int = 120) -> np.ndarray:
    """Sets a face side by side, each larger than the last and the right ones brighter.

    Args:
        astronaut: The portrait of scikit-image.
        count: How many faces.
        side: Pixels of the largest head; a face is about a third of that wide.

    Returns:
        uint8 RGB (H, W, 3).
    """
    head = read_image(astronaut)[_HEAD]
    rows = -(-count // _COLUMNS)
    picture = np.full((rows * side, min(count, _COLUMNS) * side, 3), 120, np.uint8)
    for index in range(count):
        length = round(side * (1 + (index + 1) / count) / 2)
        small = cv2.resize(head, (length, length), interpolation=cv2.INTER_AREA)
        y, x = (side * place for place in divmod(index, _COLUMNS))
        picture[y : y + length, x : x + length] = small
    light = np.linspace(0.5, 1, picture.shape[1])[:, None]
    return np.rint(picture * light).astype(np.uint8)

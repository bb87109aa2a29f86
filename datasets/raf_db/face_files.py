"""Reads the files that RAF-DB keeps for each picture: the box and the landmarks of the face."""

from pathlib import Path

import numpy as np

from emo_tf import tables
from emo_tf.corpora.boxes import Corners
from emo_tf.errors import EmoError, in_place

_CODES = 3  # gender, race and age, one a line


def read_box(path: Path) -> Corners:
    """Returns what `<stem>_boundingbox.txt` holds: x1, y1, x2, y2 in pixels between blanks.

    Raises:
        EmoError: The file cannot be read, or holds anything but four numbers.
    """
    rows = list(tables.text_rows(path))
    if len(rows) != 1:
        raise EmoError(f"{path}: expected one line x1 y1 x2 y2. Received: {len(rows)} lines")
    ((line, cells),) = rows
    with in_place(tables.place(path, line)):
        if len(cells) != 4:
            raise EmoError(f"expected x1 y1 x2 y2. Received: {len(cells)} cells")
        return tuple(tables.numbers(cells, name="the box"))


def read_landmarks(path: Path) -> np.ndarray:
    """Reads `<stem>_manu_ldmk.txt` or `<stem>_manu_attri.txt`.

    Each line is a point x, y in pixels, between blanks or tabs. Three lines of one cell may follow
    that are no points: codes of gender, race and age.

    Returns:
        The points, float32 (N, 2).

    Raises:
        EmoError: The file cannot be read, or holds anything else.
    """
    points, codes = [], 0
    for line, cells in tables.text_rows(path):
        with in_place(tables.place(path, line)):
            if len(cells) == 1 and points:
                codes += 1
            elif len(cells) != 2 or codes:
                raise EmoError(f"expected a point x y. Received: {' '.join(cells)[:40]!r}")
            values = tables.numbers(cells, name="a landmark")
            if not codes:
                points.append(values)
    if not points or codes not in (0, _CODES):
        raise EmoError(
            f"{path}: expected points x y, and after them {_CODES} codes or none. "
            f"Received: {len(points)} points and {codes} codes"
        )
    return np.array(points, np.float32)


def box_round(landmarks: np.ndarray) -> Corners:
    """Returns the extent of points grown by half its width and height on each side.

    Args:
        landmarks: (N, 2), one or more.
    """
    low, high = landmarks.min(axis=0).astype(float), landmarks.max(axis=0).astype(float)
    margin = (high - low) / 2
    return tuple(np.concatenate([low - margin, high + margin]).tolist())

"""Frames in which faces walk about, and where each of them is."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from emo_tf.runtime.image_io import read_image

WIDTH, HEIGHT = 640, 240
RATE = 30

# Of the astronaut: her face with the hair, rows then columns; and the oval of her head in it.
_HEAD = slice(20, 260), slice(110, 340)
_OVAL = (0.62, 0.8)


class WalkingFaces:
    """Draws frames with faces at given places over a blurred background.

    Args:
        astronaut: The portrait of scikit-image.
        seed: Of the background.
    """

    def __init__(self, astronaut: Path, *, seed: int = 0):
        head = read_image(astronaut)[_HEAD]
        self._head = cv2.resize(head, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        height, width = self._head.shape[:2]
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        self._oval = (x / _OVAL[0]) ** 2 + ((y + 0.1) / _OVAL[1]) ** 2 < 1
        spots = np.random.default_rng(seed).integers(60, 190, (12, 32, 3), np.uint8)
        self._background = cv2.resize(spots, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)

    def draw(self, centres_xy: Sequence[tuple[float, float]]) -> np.ndarray:
        """Returns a frame, uint8 RGB; of faces that overlap the first one is in front.

        Every second face is mirrored and darker.

        Args:
            centres_xy: Middles of the heads, in pixels; they may lie beyond the frame.
        """
        frame = self._background.copy()
        for index, centre in reversed(list(enumerate(centres_xy))):
            head, oval = self._head, self._oval
            if index % 2:
                head, oval = (head[:, ::-1] * 0.8).astype(np.uint8), oval[:, ::-1]
            height, width = oval.shape
            left, top = round(centre[0] - width / 2), round(centre[1] - height / 2)
            x = slice(max(0, left), max(0, min(WIDTH, left + width)))
            y = slice(max(0, top), max(0, min(HEIGHT, top + height)))
            part = slice(y.start - top, y.stop - top), slice(x.start - left, x.stop - left)
            frame[y, x][oval[part]] = head[part][oval[part]]
        return frame

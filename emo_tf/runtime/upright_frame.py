"""Decoded frames as upright RGB pixels of one size."""

import av
import cv2
import numpy as np

# (a, b, c, d) of a display matrix, as signs: a pixel (x, y) is shown at (a x + c y, b x + d y).
# How OpenCV brings it there: whether to transpose, then which flip.
_WAYS = {
    (1, 0, 0, 1): (False, None),
    (-1, 0, 0, -1): (False, -1),
    (-1, 0, 0, 1): (False, 1),
    (1, 0, 0, -1): (False, 0),
    (0, 1, 1, 0): (True, None),
    (0, 1, -1, 0): (True, 1),
    (0, -1, 1, 0): (True, 0),
    (0, -1, -1, 0): (True, -1),
}


class UprightFrame:
    """Turns frames as the first one's display matrix says and brings all to its size.

    Args:
        first: The first frame.

    Attributes:
        width: Width of every picture, in pixels.
        height: Height of every picture, in pixels.
        is_turned: Whether what was stored as width is the height.
    """

    def __init__(self, first: av.VideoFrame):
        self.is_turned, self._flip = _way(first)
        size = first.width, first.height
        self.width, self.height = size[::-1] if self.is_turned else size

    def __call__(self, frame: av.VideoFrame) -> np.ndarray:
        """Returns uint8 RGB pixels of shape (H, W, 3)."""
        pixels = frame.to_ndarray(format="rgb24")
        if self.is_turned:
            pixels = cv2.transpose(pixels)
        if self._flip is not None:
            pixels = cv2.flip(pixels, self._flip)
        if pixels.shape[:2] != (self.height, self.width):
            pixels = cv2.resize(pixels, (self.width, self.height), interpolation=cv2.INTER_AREA)
        return pixels


def _way(frame: av.VideoFrame) -> tuple[bool, int | None]:
    """Returns how to bring a frame upright: whether to transpose it, then how to flip it."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return _WAYS[1, 0, 0, 1]
    a, b, _, c, d = np.frombuffer(matrix, np.int32)[:5].astype(np.float64)
    if a == b == 0:
        return _WAYS[1, 0, 0, 1]
    # Players turn by quarters; of another angle the nearest is taken.
    steep = abs(b) > abs(a)
    signs = (0, np.sign(b), np.sign(c), 0) if steep else (np.sign(a), 0, 0, np.sign(d))
    return _WAYS.get(tuple(map(int, signs)), _WAYS[1, 0, 0, 1])

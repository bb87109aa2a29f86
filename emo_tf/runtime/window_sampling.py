"""Reads square windows out of a picture, as the face detector's networks expect them."""

import numpy as np

# The networks' zero: what lies beyond the picture.
_BEYOND = 127.5


def sample_windows(image: np.ndarray, boxes: np.ndarray, side: int) -> np.ndarray:
    """Samples each box at `side` x `side` points by bilinear interpolation, without averaging.

    The arithmetic is that of TensorFlow's `crop_and_resize` for boxes in shares of the picture:
    the first and last point lie on the edges, and the picture spans its pixels' centres.

    Args:
        image: uint8 (H, W, 3).
        boxes: Left, top, right and bottom edge, shape (N, 4); they may reach beyond the picture.
        side: Points along each side, 2 or more.

    Returns:
        256ths of a grey level, uint16 (N, side, side, 3).
    """
    height, width = image.shape[:2]
    top, bottom, y_shares, inside_y = _axis(boxes[:, 1], boxes[:, 3], height, side)
    left, right, x_shares, inside_x = _axis(boxes[:, 0], boxes[:, 2], width, side)
    pixels = image.reshape(-1, 3)
    # Once a channel, so that all arithmetic runs along rows of side * 3 numbers.
    x_shares = np.repeat(x_shares, 3, axis=1)[:, None, :]  # (N, 1, side * 3)

    def row(y: np.ndarray) -> np.ndarray:
        starts = (y * width)[:, :, None]
        first, second = (
            np.take(pixels, starts + x[:, None, :], axis=0).reshape(len(y), side, side * 3)
            for x in (left, right)
        )
        values = first.astype(np.float32)
        values += (second - values) * x_shares
        return values  # (N, side, side * 3)

    values = row(top)
    values += (row(bottom) - values) * y_shares[:, :, None]
    values = values.reshape(-1, side, side, 3)
    inside = inside_y[:, :, None] & inside_x[:, None, :]
    if not inside.all():
        values[~inside] = _BEYOND
    return np.rint(values * 256).astype(np.uint16)


def _axis(start: np.ndarray, stop: np.ndarray, length: int, side: int):
    """Returns neighbours, shares of the later one and whether inside, each (N, side)."""
    points = start[:, None] + (stop - start)[:, None] * np.linspace(0, 1, side)
    points *= (length - 1) / length
    inside = (points >= 0) & (points <= length - 1)
    points = np.clip(points, 0, length - 1)
    before = np.floor(points).astype(np.int64)
    after = np.minimum(before + 1, length - 1)
    return before, after, (points - before).astype(np.float32), inside

"""Pictures at another size, as TensorFlow makes them in training and in served models."""

import math
from collections.abc import Iterator

import numpy as np


def resize(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Changes the size of a picture by the bilinear rule, as in training.

    Half-pixel centres, no antialiasing; computed in floats and rounded, half to even.

    Args:
        image: uint8 (H, W, 3).
        size: Height and width in pixels.

    Returns:
        uint8 (*size, 3).
    """
    (top, bottom, y_shares), (left, right, x_shares) = map(_taps, size, image.shape[:2])

    def row(pixels: np.ndarray) -> np.ndarray:
        first = pixels[:, left].astype(np.float32)
        return first + (pixels[:, right] - first) * x_shares[:, None]

    # Only the pixels that count become floats: a whole photograph would be 12 bytes a pixel.
    above = row(image[top])  # (H', W', 3)
    resized = above + (row(image[bottom]) - above) * y_shares[:, None, None]
    return np.rint(resized).astype(np.uint8)


def _taps(count: int, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns neighbours and the share of the later one along an axis, each (count,)."""
    points = (np.arange(count, dtype=np.float32) + 0.5) * np.float32(length / count) - 0.5
    before = np.floor(points)
    first, second = (np.clip(before + step, 0, length - 1).astype(int) for step in (0, 1))
    return first, second, points - before


def resize_averaged(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Changes the size of a grey picture by the bilinear rule with antialiasing.

    Half-pixel centres; where the picture shrinks, each pixel is the average of those around it,
    weighted by a triangle as wide as two of the new pixels. Computed in floats and rounded, half
    to even.

    Args:
        image: uint8 (H, W).
        size: Height and width in pixels.

    Returns:
        uint8 (*size,).
    """
    if image.shape == size:
        return image
    # Slice by slice: a whole photograph in floats would be 4 bytes a pixel.
    rows = [
        weights @ image[first : first + len(weights)].astype(np.float32)
        for first, weights in _triangles(size[0], image.shape[0])
    ]
    across = np.stack(rows, axis=1)  # (W, H')
    columns = [
        weights @ across[first : first + len(weights)]
        for first, weights in _triangles(size[1], image.shape[1])
    ]
    return np.rint(np.stack(columns, axis=1)).astype(np.uint8)


def _triangles(count: int, length: int) -> Iterator[tuple[int, np.ndarray]]:
    """Returns the first pixel and the weights, float32, of each of `count` averages on an axis."""
    scale = length / count
    reach = max(scale, 1.0)
    taps = min(math.ceil(2 * reach) + 1, length)
    centres = (np.arange(count) + 0.5) * scale
    first = np.clip(np.floor(centres - reach), 0, length - taps)
    pixels = first[:, None] + np.arange(taps) + 0.5  # (count, taps)
    weights = np.maximum(1 - np.abs(pixels - centres[:, None]) / reach, 0)
    weights /= weights.sum(axis=1, keepdims=True)
    return zip(first.astype(int).tolist(), weights.astype(np.float32), strict=True)

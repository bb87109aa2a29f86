"""Resampling of photographs under similarity transforms, without aliasing.

A matrix here is 2x3 and maps points of the photograph to points of the crop.
"""

import math

import cv2
import numpy as np

_FINEST_GRID = 4


def pixel_centres_to_edges(matrix: np.ndarray) -> np.ndarray:
    """Returns a matrix (2, 3) for pixels that span n to n + 1, from one for centres at n."""
    return _shifted(matrix, -0.5)


def warp_similarity(
    image: np.ndarray, matrix: np.ndarray, size: tuple[int, int], *, border: int
) -> np.ndarray:
    """Returns the crop that a similarity transform cuts out of a photograph.

    When shrinking, every pixel of the crop is the mean of a grid of samples no further apart than
    the pixels that they are taken from: an area average that also holds for turned crops and for
    fractions of a pixel. When enlarging it is bicubic.

    Args:
        image: uint8, shape (H, W, C).
        matrix: Rotation, scale and shift, shape (2, 3); a pixel spans n to n + 1 on both sides.
        size: Height and width of the crop.
        border: OpenCV's code for what lies beyond the photograph.

    Returns:
        uint8 crop of shape (*size, C).
    """
    height, width = size
    # Source pixels to one of the crop; rounded, or noise in the last digit would soften a crop
    # at its own scale.
    step = round(1 / math.hypot(matrix[0, 0], matrix[1, 0]), 6)
    # Large reductions go part of the way in whole blocks, so that the cost stays with the crop.
    block = max(1, int(step // _FINEST_GRID))
    grid = max(1, math.ceil(step / block))

    # Only the part that is needed: OpenCV's coordinates end at 32767. The bicubic kernel reaches
    # two pixels beyond it.
    corners = np.array([[0, width, 0, width], [0, 0, height, height]])
    source = np.linalg.solve(matrix[:, :2], corners - matrix[:, 2:])
    limits = np.array(image.shape[1::-1])
    reach = 2.0 * block
    start = np.clip(np.floor(source.min(axis=1) - reach), 0, limits - 1).astype(int)
    stop = np.clip(np.ceil(source.max(axis=1) + reach), start + 1, limits).astype(int)
    part = image[start[1] : stop[1], start[0] : stop[0]]
    fine = grid * matrix
    fine[:, 2] += fine[:, :2] @ start
    if block > 1:
        reduced = [math.ceil(length / block) for length in stop - start]
        part = cv2.resize(part, reduced, interpolation=cv2.INTER_AREA)
        fine[:, :2] *= (stop - start) / reduced

    warped = cv2.warpAffine(
        part,
        _shifted(fine, 0.5),
        (width * grid, height * grid),
        flags=cv2.INTER_CUBIC if grid == 1 else cv2.INTER_LINEAR,
        borderMode=border,
    )
    return cv2.resize(warped, (width, height), interpolation=cv2.INTER_AREA)


def _shifted(matrix: np.ndarray, centre: float) -> np.ndarray:
    """Moves the origin by `centre` of a pixel on both sides."""
    shifted = np.array(matrix, dtype=np.float64)
    shifted[:, 2] += shifted[:, :2] @ [centre, centre] - centre
    return shifted

"""Pictures of which a part is painted over, to see what a network makes of the rest."""

import cv2
import numpy as np


def painted_over(image: np.ndarray, region: np.ndarray) -> np.ndarray:
    """Returns a picture with a region in the mean colour of what is outside it.

    Args:
        image: uint8 (H, W, C).
        region: bool (H, W); if it is everything, there is no outside, and its own colour counts.

    Returns:
        uint8 (H, W, C).
    """
    seen = image.reshape(-1, image.shape[-1]) if region.all() else image[~region]
    return np.where(region[..., None], np.rint(seen.mean(axis=0)).astype(np.uint8), image)


def strongest_part(values: np.ndarray, size: tuple[int, int], *, share: float) -> np.ndarray:
    """Returns where in a picture a map is strongest.

    Args:
        values: float32 (h, w), stretched over the picture as `panels.map_over` does.
        size: Height and width of the picture.
        share: How much of the picture counts, 0 to 1; of equal values the upper left ones.

    Returns:
        bool (*size).
    """
    stretched = cv2.resize(values, size[::-1], interpolation=cv2.INTER_LINEAR)
    region = np.zeros(stretched.size, bool)
    falling = np.argsort(-stretched, axis=None, kind="stable")
    region[falling[: round(share * region.size)]] = True
    return region.reshape(size)

"""What the writers of the twins share."""

from pathlib import Path

import numpy as np
from PIL import Image

from emo_tf.errors import EmoError

_JPEG_QUALITY = 92


def check_size(size: int, *, smallest: int, unit: str) -> None:
    """Raises `EmoError` where a twin is to be smaller than it can be.

    Args:
        size: How large it is to be.
        smallest: How small it can be.
        unit: What the size counts, for messages.
    """
    if size < smallest:
        raise EmoError(f"size: expected {smallest} {unit} or more. Received: {size}")


def save_jpeg(canvas: np.ndarray, path: Path) -> None:
    """Writes a picture as JPEG, its folder too where it is missing.

    Args:
        canvas: uint8 RGB of shape (H, W, 3).
        path: Where.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(canvas).save(path, quality=_JPEG_QUALITY)

"""Pictures as files in memory, no larger than they need be."""

from io import BytesIO

import cv2
import numpy as np
from PIL import Image

SAVE_OPTIONS = {"JPEG": {"quality": 92}, "PNG": {"compress_level": 3}}
"""What Pillow is told of each format."""


def encode_image(image: np.ndarray, *, longest_side: int, format_name: str = "JPEG") -> bytes:
    """Returns a file of a picture, which is shrunk if it is larger than wanted.

    Args:
        image: uint8 RGB pixels of shape (H, W, 3).
        longest_side: Pixels of the longer side at most.
        format_name: `"JPEG"` or `"PNG"`.

    Returns:
        The bytes; they hold pixels alone, no metadata.
    """
    height, width = image.shape[:2]
    scale = longest_side / max(height, width)
    if scale < 1:
        size = max(1, round(scale * width)), max(1, round(scale * height))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    stream = BytesIO()
    Image.fromarray(image).save(stream, format_name, **SAVE_OPTIONS[format_name])
    return stream.getvalue()

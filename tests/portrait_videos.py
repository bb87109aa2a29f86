"""Videos of a face that moves, is covered for a moment and is there again."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from emo_tf.runtime.image_io import read_image
from tests.made_up_videos import write_video

RATE = 20
HIDDEN = range(26, 38)
"""Frames in which something is held before the face, for 0.6 s."""


def portrait_frames(portrait: Path, count: int = 60) -> Iterator[np.ndarray]:
    """Yields frames of 320 x 240 in which a portrait moves to and fro, uint8 RGB."""
    picture = cv2.resize(read_image(portrait), (320, 320), interpolation=cv2.INTER_AREA)
    for number in range(count):
        shift = round(12 * np.sin(number / 8))
        frame = np.roll(picture, shift, axis=1)[:240].copy()
        if number % 60 in HIDDEN:
            frame[20:150, 80:220] = (60, 90, 60)
        yield frame


def write_portrait_video(path: Path, portrait: Path, *, count: int = 60, **options) -> Path:
    """Writes such frames, 20 a second."""
    return write_video(path, portrait_frames(portrait, count), rate=RATE, **options)

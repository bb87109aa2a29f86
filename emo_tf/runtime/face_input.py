"""What a model is given of a face."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.model_metadata import ImageInput
from emo_tf.results import Face
from emo_tf.runtime.face_align import ALIGNMENTS, crop_face

FINER = 6
"""How many times as fine a crop is that is made to be looked at."""


class FaceInput:
    """Cuts faces out of pictures as a model was trained to see them.

    Args:
        image: The model's input; of a clip, what holds for each of its frames.
        crop: How to cut, see `face_align.crop_face`.
        path: The model's file, for messages.

    Raises:
        EmoError: The input has no fixed size.
    """

    def __init__(self, image: ImageInput, crop: Mapping[str, object], *, path: Path):
        if image.height is None or image.width is None:
            raise EmoError(f"{path}: expected an image of fixed size. Received: {image}")
        self._image = image
        self._crop = crop

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a crop."""
        return self._image.height, self._image.width, self._image.channels

    def crop(self, image: np.ndarray, faces: Sequence[Face]) -> np.ndarray:
        """Cuts faces out.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            faces: Its faces, F of them.

        Returns:
            uint8 (F, *shape).
        """
        crops = np.empty((len(faces), *self.shape), np.uint8)
        for crop, face in zip(crops, faces, strict=True):
            crop[:] = crop_face(
                image, face, self._crop, size=self.shape[:2], colour=self._image.colour
            )
        return crops

    def crop_to_show(self, image: np.ndarray, face: Face) -> np.ndarray:
        """Cuts one face out for people to look at: the same part of the picture, in colour.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            face: The face.

        Returns:
            uint8 RGB, `FINER` times as high and wide as `shape` where the crop is of any size.
        """
        times = 1 if self._crop.get("preset") in ALIGNMENTS else FINER
        size = (times * self.shape[0], times * self.shape[1])
        return crop_face(image, face, self._crop, size=size, colour="rgb")

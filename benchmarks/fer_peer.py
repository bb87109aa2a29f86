"""The peer's way from a photograph to an expression: MTCNN, its own crop, and its network."""

import cv2
import numpy as np

from benchmarks.fer_net import FerNet
from benchmarks.mtcnn_package import mtcnn_package
from emo_tf.labels import EXPRESSIONS

# What the package puts round a picture before cropping, and round a box within it, in pixels.
PADDING = 40
OFFSET = 10


class MtcnnFer:
    """Does what `FER(mtcnn=True)` of the package `fer` does, crops to the pixel.

    The detector is the package `mtcnn` at its default settings, as in the releases of `fer` before
    it changed to a port of the same cascade to PyTorch. It is given RGB, as it asks for.
    """

    def __init__(self):
        self._detector = mtcnn_package()
        self._network = FerNet()

    def label(self, image: np.ndarray) -> str | None:
        """Returns the label of a picture's largest face.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).

        Returns:
            One of `labels.EXPRESSIONS`, or `None` where no face is found.
        """
        boxes = [face["box"] for face in self._detector.detect_faces(image)]
        if not boxes:
            return None
        largest = max(boxes, key=lambda box: box[2] * box[3])
        crop = crop_like_fer(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), largest)
        return EXPRESSIONS[int(self._network.predict(crop[np.newaxis])[0].argmax())]


def crop_like_fer(grey: np.ndarray, box_xywh: tuple[float, float, float, float]) -> np.ndarray:
    """Returns the crop that `fer` takes of a face: a square and ten pixels more on each side.

    Args:
        grey: Grey picture, uint8 (H, W).
        box_xywh: The face's box in pixels.

    Returns:
        uint8 (side, side), cut off only where it would reach over 40 pixels out of the picture.
        Outside the picture lies the mean grey of its last two rows.
    """
    x, y, width, height = (int(value) for value in box_xywh)
    side = max(width, height)
    x -= (side - width) // 2
    y -= (side - height) // 2
    mean = cv2.mean(grey[-2:])[0]
    padded = cv2.copyMakeBorder(
        grey, PADDING, PADDING, PADDING, PADDING, cv2.BORDER_CONSTANT, value=mean
    )
    left, top = max(0, x - OFFSET + PADDING), max(0, y - OFFSET + PADDING)
    right, bottom = x + side + OFFSET + PADDING, y + side + OFFSET + PADDING
    return padded[top:bottom, left:right]

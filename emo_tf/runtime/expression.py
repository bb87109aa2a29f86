"""From a face to its apparent expression."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.results import Expression, Face
from emo_tf.runtime.face_align import crop_face
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.runtime.model_task import check_task
from emo_tf.weights import weight_path

DEFAULT_MODEL = "expression_float16"
BATCH = 32
TASK = "expression"


class ExpressionClassifier:
    """Recognises the apparent expression of faces with a model file of the task `expression`.

    How a face is cut out of a picture (size, colour, alignment, margin) is read from the file.

    Args:
        model: A `.tflite` file that carries its metadata; the shipped one if `None`.
        threads: Threads for the network; the machine's number of cores if `None`.

    Raises:
        EmoError: The file cannot be read, or holds a model that does something else.
    """

    def __init__(self, model: Path | None = None, *, threads: int | None = None):
        path = weight_path(DEFAULT_MODEL) if model is None else Path(model)
        self._network = LiteRTModel(path, threads=threads)
        metadata = self._network.metadata
        check_task(path, metadata, task=TASK, labels=EXPRESSIONS)
        if set(metadata.inputs) != {"image"} or "probabilities" not in metadata.outputs:
            raise EmoError(
                f"{path}: expected the input image and the output probabilities. Received: "
                f"{', '.join(metadata.inputs)} and {', '.join(metadata.outputs)}"
            )
        self._image = metadata.inputs["image"]
        if None in self.crop_shape:
            raise EmoError(f"{path}: expected an image of fixed size. Received: {self._image}")
        self._crop = metadata.crop
        self._labels = metadata.labels

    @property
    def crop_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the crops that `classify` takes."""
        return self._image.height, self._image.width, self._image.channels

    def crop(self, image: np.ndarray, faces: Sequence[Face]) -> np.ndarray:
        """Cuts faces out as the model was trained to see them.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            faces: Its faces, F of them.

        Returns:
            uint8 (F, *crop_shape).
        """
        crops = np.empty((len(faces), *self.crop_shape), np.uint8)
        for crop, face in zip(crops, faces, strict=True):
            crop[:] = crop_face(
                image,
                face,
                self._crop,
                size=(self._image.height, self._image.width),
                colour=self._image.colour,
            )
        return crops

    def classify(self, crops: np.ndarray) -> list[Expression]:
        """Classifies cropped faces, at most `BATCH` at a time.

        Args:
            crops: uint8 (F, *crop_shape), F may be 0.

        Returns:
            F expressions, their probabilities in the order of `labels.EXPRESSIONS`.

        Raises:
            EmoError: The crops have another shape or type.
        """
        if crops.dtype != np.uint8 or crops.shape[1:] != self.crop_shape:
            raise EmoError(
                f"crops: expected uint8 of shape (F, {', '.join(map(str, self.crop_shape))}). "
                f"Received: {crops.dtype} of shape {crops.shape}"
            )
        expressions = []
        for start in range(0, len(crops), BATCH):
            outputs = self._network(image=crops[start : start + BATCH])
            expressions += [self._expression(row) for row in outputs["probabilities"]]
        return expressions

    def _expression(self, probabilities: np.ndarray) -> Expression:
        # A quantised softmax comes in steps of 1/256, so that its sum can miss 1.
        shares = np.clip(probabilities.astype(np.float64), 0, None)
        by_label = dict(zip(self._labels, (shares / shares.sum()).tolist(), strict=True))
        ordered = {label: by_label[label] for label in EXPRESSIONS}
        return Expression(label=max(ordered, key=ordered.__getitem__), probabilities=ordered)

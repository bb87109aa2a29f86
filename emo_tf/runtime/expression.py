"""From a face to its apparent expression."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.model_metadata import EXPRESSION, ModelMetadata
from emo_tf.results import Expression, Face
from emo_tf.runtime.face_input import FaceInput
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.runtime.model_task import check_task
from emo_tf.weights import weight_path

DEFAULT_MODEL = "expression_float16"
BATCH = 32


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
        self._input = open_face_input(self._network.metadata, path=path)
        self._labels = self._network.metadata.labels

    @property
    def crop_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the crops that `classify` takes."""
        return self._input.shape

    def crop(self, image: np.ndarray, faces: Sequence[Face]) -> np.ndarray:
        """Cuts faces out as the model was trained to see them.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            faces: Its faces, F of them.

        Returns:
            uint8 (F, *crop_shape).
        """
        return self._input.crop(image, faces)

    def classify(self, crops: np.ndarray) -> list[Expression]:
        """Classifies cropped faces, at most `BATCH` at a time.

        Args:
            crops: uint8 (F, *crop_shape), F may be 0.

        Returns:
            F expressions, their probabilities in the order of `labels.EXPRESSIONS`.

        Raises:
            EmoError: The crops have another shape or type.
        """
        return [to_expression(row) for row in self.probabilities(crops)]

    def probabilities(self, crops: np.ndarray) -> np.ndarray:
        """As `classify`, as an array: float64 (F, 7).

        Raises:
            EmoError: The crops are not of the model's size or not uint8.
        """
        if crops.dtype != np.uint8 or crops.shape[1:] != self.crop_shape:
            raise EmoError(
                f"crops: expected uint8 of shape (F, {', '.join(map(str, self.crop_shape))}). "
                f"Received: {crops.dtype} of shape {crops.shape}"
            )
        found = [np.empty((0, len(EXPRESSIONS)))]
        for start in range(0, len(crops), BATCH):
            outputs = self._network(image=crops[start : start + BATCH])
            found.append(ordered_probabilities(outputs["probabilities"], self._labels))
        return np.concatenate(found)


def open_face_input(metadata: ModelMetadata, *, path: Path) -> FaceInput:
    """Returns what cuts faces out for a model of expressions.

    Args:
        metadata: What the model says about itself.
        path: Its file, for messages.

    Raises:
        EmoError: The model is of another task, or takes or returns something else.
    """
    check_task(path, metadata, task=EXPRESSION, labels=EXPRESSIONS)
    if set(metadata.inputs) != {"image"} or "probabilities" not in metadata.outputs:
        raise EmoError(
            f"{path}: expected the input image and the output probabilities. Received: "
            f"{', '.join(metadata.inputs)} and {', '.join(metadata.outputs)}"
        )
    return FaceInput(metadata.inputs["image"], metadata.crop, path=path)


def ordered_probabilities(probabilities: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """Brings a model's probabilities into the order of `labels.EXPRESSIONS`.

    Args:
        probabilities: What it returned, (F, 7).
        labels: Its labels in its order.

    Returns:
        float64 (F, 7), each row with a sum of 1.
    """
    # A quantised softmax comes in steps of 1/256, so that its sum can miss 1.
    shares = np.clip(probabilities.astype(np.float64), 0, None)
    shares /= shares.sum(axis=1, keepdims=True)
    return shares[:, [labels.index(label) for label in EXPRESSIONS]]


def to_expression(probabilities: np.ndarray) -> Expression:
    """Makes an expression of probabilities (7,) in the order of `labels.EXPRESSIONS`."""
    by_label = dict(zip(EXPRESSIONS, probabilities.tolist(), strict=True))
    return Expression(label=max(by_label, key=by_label.__getitem__), probabilities=by_label)

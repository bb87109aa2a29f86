"""From a whole picture to the verdict of one model on its group."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.results import GROUP_EVIDENCE
from emo_tf.runtime.context import resize
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.runtime.model_task import check_task

BATCH = 16
TASK = "group"
ENSEMBLE = "ensemble"
"""What the verdict of several models together is called."""

TAKEN_NAMES = (*GROUP_EVIDENCE, ENSEMBLE)


class GroupClassifier:
    """Tells the class of a picture of people with a model file of the task `group`.

    The model looks at the whole picture at a fixed size, which is read from the file.

    Args:
        path: A `.tflite` file that carries its metadata.
        threads: Threads for the network; the machine's number of cores if `None`.

    Attributes:
        path: The file.
        name: The model's name, by which its verdict goes.

    Raises:
        EmoError: The file cannot be read, or holds a model that does something else, wants more
            than a whole picture in colour, or is called as another verdict is.

    Example:
        >>> classifier = GroupClassifier("global.tflite")
        >>> classifier.classify(classifier.crop(read_image("team.jpg"))[None])
        array([[0.05, 0.15, 0.8 ]])
    """

    def __init__(self, path: Path, *, threads: int | None = None):
        self.path = Path(path)
        self._network = LiteRTModel(self.path, threads=threads)
        metadata = self._network.metadata
        check_task(self.path, metadata, task=TASK, labels=GROUP_EMOTIONS)
        taken = [*metadata.inputs, *metadata.arrays]
        if taken != ["image"] or "probabilities" not in metadata.outputs:
            raise EmoError(
                f"{self.path}: expected the input image and the output probabilities. Received: "
                f"{', '.join(taken)} and {', '.join(metadata.outputs)}"
            )
        image = metadata.inputs["image"]
        if None in image.shape or image.shape[2:] != (3,) or metadata.crop:
            raise EmoError(
                f"{self.path}: expected a whole picture in colour and of fixed size. "
                f"Received: {image}, crop={dict(metadata.crop)}"
            )
        if metadata.name in (*TAKEN_NAMES, ""):
            raise EmoError(
                f"{self.path}: expected a name other than {', '.join(TAKEN_NAMES)}. "
                f"Received: {metadata.name!r}"
            )
        self.name = metadata.name
        self._size = image.height, image.width
        self._order = [metadata.labels.index(emotion) for emotion in GROUP_EMOTIONS]

    def crop(self, image: np.ndarray) -> np.ndarray:
        """Brings a picture to the size that the model takes.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).

        Returns:
            uint8 (H', W', 3).
        """
        return resize(image, self._size)

    def classify(self, crops: np.ndarray) -> np.ndarray:
        """Classifies pictures, at most `BATCH` at a time.

        Args:
            crops: N pictures that `crop` returned, uint8 (N, H', W', 3); N may be 0.

        Returns:
            Probabilities in the order of `labels.GROUP_EMOTIONS`, (N, 3), rows that add up to 1.

        Raises:
            EmoError: The pictures have another shape or type.
        """
        answers = [np.empty((0, len(GROUP_EMOTIONS)))]
        for start in range(0, len(crops), BATCH):
            outputs = self._network(image=crops[start : start + BATCH])
            # A quantised softmax comes in steps of 1/256, so that its sum can miss 1.
            shares = np.clip(outputs["probabilities"].astype(float), 0, None)[:, self._order]
            answers.append(shares / shares.sum(axis=1, keepdims=True))
        return np.concatenate(answers)


def open_group_models(
    paths: Sequence[Path], *, threads: int | None = None
) -> tuple[GroupClassifier, ...]:
    """Opens models whose verdicts stand side by side.

    Raises:
        EmoError: A file is not what `GroupClassifier` takes, or two models are called alike.
    """
    by_name: dict[str, GroupClassifier] = {}
    for path in paths:
        model = GroupClassifier(path, threads=threads)
        other = by_name.setdefault(model.name, model)
        if other is not model:
            raise EmoError(
                f"group models: expected models of different names. "
                f"Received: {model.name!r} for {other.path} and {model.path}"
            )
    return tuple(by_name.values())

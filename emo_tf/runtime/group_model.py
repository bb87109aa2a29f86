"""From a picture of people to the verdict of one model on their group."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.model_metadata import GROUP
from emo_tf.results import GROUP_EVIDENCE
from emo_tf.runtime.group_answer import GroupAnswer
from emo_tf.runtime.group_inputs import GroupInputs
from emo_tf.runtime.group_picture import GroupPicture
from emo_tf.runtime.group_view import GroupView
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.runtime.model_task import check_task

BATCH = 16
"""Pictures that go through a model together, at most."""

FACE_BATCH = 32
"""Faces that go through a model together; a picture's faces are never parted."""

ENSEMBLE = "ensemble"
"""What the verdict of several models together is called."""

TAKEN_NAMES = (*GROUP_EVIDENCE, ENSEMBLE)
_PROBABILITIES, _FACE_WEIGHTS = "probabilities", "face_weights"


class GroupClassifier:
    """Tells the class of a picture of people with a model file of the task `group`.

    A model looks at the whole picture, at its largest faces, or at both; what it takes, at which
    size and how faces are cut out is read from the file. A model that looks at faces alone has
    nothing to say about a picture without any.

    Args:
        path: A `.tflite` file that carries its metadata.
        threads: Threads for the network; the machine's number of cores if `None`.

    Attributes:
        path: The file.
        name: The model's name, by which its verdict goes.
        inputs: What it takes.
        min_face: Length in pixels of the smallest faces that it learnt from; `None` if unknown.

    Raises:
        EmoError: The file cannot be read, or holds a model that does something else, takes
            something else, or is called as another verdict is.

    Example:
        >>> classifier = GroupClassifier("attention.tflite")
        >>> faces, features = find_faces_with_features(detector, image)
        >>> (answer,) = classifier.classify([classifier.look(GroupPicture(image, faces))])
        >>> answer.probabilities
        array([0.05, 0.15, 0.8 ])
    """

    def __init__(self, path: Path, *, threads: int | None = None):
        self.path = Path(path)
        self._network = LiteRTModel(self.path, threads=threads)
        metadata = self._network.metadata
        check_task(self.path, metadata, task=GROUP, labels=GROUP_EMOTIONS)
        if _PROBABILITIES not in metadata.outputs:
            raise EmoError(
                f"{self.path}: expected the output {_PROBABILITIES}. "
                f"Received: {', '.join(metadata.outputs)}"
            )
        self.inputs = GroupInputs.of(metadata, source=str(self.path))
        if metadata.name in (*TAKEN_NAMES, ""):
            raise EmoError(
                f"{self.path}: expected a name other than {', '.join(TAKEN_NAMES)}. "
                f"Received: {metadata.name!r}"
            )
        self.name = metadata.name
        self.min_face = metadata.detection.get("min_face")
        self._order = [metadata.labels.index(emotion) for emotion in GROUP_EMOTIONS]
        crops = self.inputs.faces if self.inputs.face_size else 0
        self._batch = max(1, min(BATCH, FACE_BATCH // crops)) if crops else BATCH

    def look(self, picture: GroupPicture) -> GroupView:
        """Takes from a picture what the model is given of it.

        Args:
            picture: With the features of its faces where `inputs.features` is not 0.

        Raises:
            EmoError: A face cannot be cut out.
        """
        return self.inputs.look(picture)

    def classify(self, views: Sequence[GroupView]) -> list[GroupAnswer | None]:
        """Classifies pictures, so many at a time that the network's memory stays bounded.

        Args:
            views: What `look` took from each of N pictures; N may be 0.

        Returns:
            N answers, `None` where there is nothing to look at.

        Raises:
            EmoError: The views are another model's.
        """
        seen = [i for i, view in enumerate(views) if self.inputs.image_size or len(view.looked_at)]
        answers: list[GroupAnswer | None] = [None] * len(views)
        for start in range(0, len(seen), self._batch):
            numbers = seen[start : start + self._batch]
            together = [views[i] for i in numbers]
            outputs = self._network(**self.inputs.batched(together))
            for row, (number, view) in enumerate(zip(numbers, together, strict=True)):
                answers[number] = self._answer(
                    {n: array[row] for n, array in outputs.items()}, view
                )
        return answers

    def _answer(self, outputs: Mapping[str, np.ndarray], view: GroupView) -> GroupAnswer:
        # A quantised softmax comes in steps of 1/256, so that its sum can miss 1.
        probabilities = _shares(outputs[_PROBABILITIES][self._order])
        if not self.inputs.faces:
            return GroupAnswer(probabilities)
        weights = None
        if _FACE_WEIGHTS in outputs:
            shares = _shares(outputs[_FACE_WEIGHTS][: len(view.looked_at)])
            weights = view.for_all_faces(shares)
        passed_over = view.face_count - len(view.looked_at)
        return GroupAnswer(probabilities, weights, passed_over)


def _shares(values: np.ndarray) -> np.ndarray:
    """Returns values that add up to 1 to the last bit, but for those that are all 0."""
    values = np.clip(values.astype(float), 0, None)
    total = values.sum()
    return values / total if total else values

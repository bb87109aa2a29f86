"""What a model says of the groups in the pictures of a split, beside their labels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf

from emo_tf import models
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.layers.faces_by_picture import FacesByPicture
from emo_tf.layers.mean_verdict import MeanVerdict
from emo_tf.metrics.classification import classification_report, confusion_matrix
from emo_tf.softmax import softmax
from emo_tf.training.calibrate import fit_temperature
from emo_tf.training.replicas import Gathered

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from emo_tf.data.group_pictures import GroupPictures

_CLASSES = len(GROUP_EMOTIONS)


@dataclass(frozen=True, eq=False)
class GroupPredictions:
    """Labels and predictions of N pictures, in the order of their split.

    Attributes:
        labels: Class indices, int32 of shape (N,).
        logits: float32 of shape (N, 3), in the order of `GROUP_EMOTIONS`; NaN in the row of a
            picture without a verdict: one without faces, where the model looks at faces alone.
        faces: How many faces the model was shown in each picture, int32 of shape (N,); `None` for
            a model that looks at no faces.
    """

    labels: np.ndarray
    logits: np.ndarray
    faces: np.ndarray | None = None

    @property
    def judged(self) -> np.ndarray:
        """Which pictures have a verdict, bool of shape (N,)."""
        return ~np.isnan(self.logits).any(axis=1)

    def fit_temperature(self) -> float:
        """Returns the temperature that suits these pictures; 1 where none has a verdict."""
        if not self.judged.any():
            return 1.0
        return fit_temperature(self.logits[self.judged], self.labels[self.judged])

    def probabilities(self, *, temperature: float = 1.0) -> np.ndarray:
        """Returns probabilities of shape (N, 3), NaN in the row of a picture without a verdict."""
        probabilities = np.full(self.logits.shape, np.nan)
        probabilities[self.judged] = softmax(self.logits[self.judged] / temperature)
        return probabilities

    @property
    def accuracy(self) -> float:
        """The share of all pictures whose verdict is right; none is a wrong one."""
        # Not a number is never the greatest, and equals no label.
        tops = np.where(self.judged, np.nan_to_num(self.logits).argmax(axis=1), -1)
        return float((tops == self.labels).mean())

    def report(self, *, temperature: float = 1.0) -> dict:
        """Returns the figures of these pictures, plain types as JSON takes them.

        Args:
            temperature: What the logits are divided by.

        Returns:
            `pictures`, those `without_faces` and `without_verdict`; `accuracy`, no verdict being a
            wrong one; and of the pictures with a verdict, where there are any, what
            `classification_report` returns, under `verdicts`.
        """
        judged = self.judged
        figures: dict[str, object] = {
            "pictures": len(self.labels),
            "without_verdict": int((~judged).sum()),
            "accuracy": round(self.accuracy, 5),
        }
        if self.faces is not None:
            figures["without_faces"] = int((self.faces == 0).sum())
        if judged.any():
            probabilities = self.probabilities(temperature=temperature)[judged]
            figures["verdicts"] = classification_report(
                probabilities, self.labels[judged], names=GROUP_EMOTIONS
            )
        return figures

    def figures(self, title: str) -> "dict[str, Figure]":
        """Returns figures of what the verdicts are worth, by name.

        Args:
            title: What stands above them.
        """
        from emo_tf.plots import class_confusion_figure, reliability_figure

        verdicts = np.where(self.judged, np.nan_to_num(self.logits).argmax(axis=1), _CLASSES)
        counts = confusion_matrix(self.labels, verdicts, classes=_CLASSES + 1)[:_CLASSES]
        probabilities = self.probabilities()[self.judged]
        return {
            "confusion": class_confusion_figure(
                counts,
                actual=GROUP_EMOTIONS,
                predicted=(*GROUP_EMOTIONS, "no verdict"),
                title=title,
            ),
            "reliability": reliability_figure(probabilities, self.labels[self.judged], title=title),
        }


class GroupPredictor:
    """Predicts the pictures of a split over all devices, without computing padded faces.

    Args:
        model: The model as it is saved; its weights are read anew with every call.
        packed: Its twin that takes the faces of all pictures one after another, made in the
            strategy's scope; `model` itself where it takes no crops of faces.
        strategy: The devices.
    """

    def __init__(
        self, model: keras.Model, packed: keras.Model, *, strategy: tf.distribute.Strategy
    ):
        self._model, self._packed = model, packed
        self._gathered = Gathered(strategy, self._run, any_length="faces" in packed.input)

    def __call__(
        self, pictures: "GroupPictures", *, advance: Callable[[], None] = lambda: None
    ) -> GroupPredictions:
        """Returns what the model says of a split; the same on every worker.

        Args:
            pictures: The split.
            advance: Called after every batch.
        """
        if self._packed is not self._model:
            self._packed.set_weights(self._model.get_weights())
        found = self._gathered(pictures.evaluation, advance=advance)
        found = {name: values[found["weight"] > 0] for name, values in found.items()}
        faces, logits = found.get("faces"), found["logits"]
        if "image" not in self._packed.input:
            logits = np.where(faces[:, np.newaxis] > 0, logits, np.nan)
        return GroupPredictions(labels=found["label"], logits=logits, faces=faces)

    def _run(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        found = {name: batch[name] for name in ("label", "weight")}
        found["logits"] = picture_logits(self._packed, batch, training=False)
        if "face_mask" in batch:
            found["faces"] = tf.cast(tf.reduce_sum(batch["face_mask"], axis=1), tf.int32)
        return found


def packed_form(model: keras.Model, name: str, arguments: Mapping[str, object]) -> keras.Model:
    """Returns the twin of a model that takes the faces of all pictures one after another.

    Args:
        model: A model of pictures.
        name: Its name in the model registry.
        arguments: Those that it was made with.

    Returns:
        A model with the same weights in the same order; `model` itself if it takes no crops.
    """
    if "faces" not in model.input:
        return model
    packed = models.create(name, **{**arguments, "packed": True})
    packed.set_weights(model.get_weights())
    return packed


def picture_logits(
    model: keras.Model, batch: Mapping[str, tf.Tensor], *, training: bool
) -> tf.Tensor:
    """Returns the logits of the pictures of a batch, shape (B, 3).

    Those of a model of single faces are joined as its other form joins them.

    Args:
        model: A model, the packed form where it takes crops of faces.
        batch: What `GroupPictures` gives, by picture.
        training: Whether the model is being trained.
    """
    batch = {**batch}
    if "faces" in batch:
        batch["faces"] = _of_any_length(batch["faces"])
    of_faces = "faces" in model.input and "face_mask" not in model.input
    if of_faces:
        counts = tf.cast(tf.reduce_sum(batch["face_mask"], axis=1), tf.int32)
        labels = tf.repeat(batch["label"], counts)
        # Where no picture has a face there is still one of no picture.
        spare = tf.shape(batch["faces"])[0] - tf.size(labels)
        batch["labels"] = tf.pad(labels, [[0, spare]])
    logits = model({name: batch[name] for name in model.input}, training=training)["logits"]
    if not of_faces:
        return logits
    mask = batch["face_mask"]
    return MeanVerdict()(FacesByPicture()(logits, mask), mask)[0]


def _of_any_length(faces: tf.Tensor) -> tf.Tensor:
    """Returns the faces without their number being known while a graph is made.

    Devices whose graphs knew it and devices whose graphs did not would not exchange the same in
    batch normalisation.
    """
    return tf.raw_ops.PlaceholderWithDefault(input=faces, shape=[None, *faces.shape[1:]])

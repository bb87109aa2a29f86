"""What a model says of faces in clips, beside their labels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf

from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.classification import (
    classification_report,
    confusion_matrix,
    negative_log_likelihood,
    recalls,
)
from emo_tf.metrics.clip_labels import clip_labels
from emo_tf.softmax import softmax
from emo_tf.training.calibrate import fit_temperature

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from emo_tf.data.clip_splits import MeasuredClips

_CLASSES = len(EXPRESSIONS)


@dataclass(frozen=True, eq=False)
class VideoPredictions:
    """Labels and predictions of N clips of T frames.

    Attributes:
        labels: Class indices of the frames, int32 of shape (N, T).
        frame_logits: float32 of shape (N, T, 7), in the order of `EXPRESSIONS`.
        logits: Of the decision on each clip, float32 of shape (N, 7).
    """

    labels: np.ndarray
    frame_logits: np.ndarray
    logits: np.ndarray

    @property
    def clip_labels(self) -> np.ndarray:
        """The label of most of a clip's frames, see `metrics.clip_labels`; (N,)."""
        return clip_labels(self.labels, classes=_CLASSES)

    @property
    def accuracy(self) -> float:
        """The share of the clips whose decision is right."""
        return float((self.logits.argmax(axis=1) == self.clip_labels).mean())

    @property
    def frame_accuracy(self) -> float:
        """The share of the frames whose own logits are right."""
        return float((self.frame_logits.argmax(axis=2) == self.labels).mean())

    @property
    def mean_recall(self) -> float:
        """The mean over the classes that occur of the share of their clips that is recognised."""
        found = self.logits.argmax(axis=1)
        return float(np.nanmean(recalls(_confusion(self.clip_labels, found))))

    def fit_temperature(self, *, frame_by_frame: bool) -> float:
        """Returns the temperature that suits these clips.

        Args:
            frame_by_frame: Whether the model will say something of each frame, all that went
                before known, as the last frame of a clip tells; if not, of whole clips.
        """
        if frame_by_frame:
            return fit_temperature(self.frame_logits[:, -1], self.labels[:, -1])
        return fit_temperature(self.logits, self.clip_labels)

    def report(self, *, temperature: float = 1.0) -> dict:
        """Returns the figures of these clips, plain types as JSON takes them.

        Args:
            temperature: What the logits are divided by.

        Returns:
            What `classification_report` returns of the decisions, and of clips of several frames
            the accuracy of single frames as `frame_accuracy` and the report of the last frames
            under `last_frame`.
        """

        def figures(logits: np.ndarray, labels: np.ndarray) -> dict:
            return classification_report(softmax(logits / temperature), labels, names=EXPRESSIONS)

        report = figures(self.logits, self.clip_labels)
        if self.labels.shape[1] > 1:
            report["frame_accuracy"] = round(self.frame_accuracy, 5)
            report["last_frame"] = figures(self.frame_logits[:, -1], self.labels[:, -1])
        return report

    def negative_log_likelihood(self) -> float:
        """Returns the mean of -ln p(label) of the decisions."""
        return negative_log_likelihood(softmax(self.logits), self.clip_labels)

    def figures(self, title: str) -> "dict[str, Figure]":
        """Returns figures of what the decisions are worth, by name.

        Args:
            title: What stands above them.
        """
        from emo_tf.plots import class_confusion_figure, reliability_figure

        labels = self.clip_labels
        counts = _confusion(labels, self.logits.argmax(axis=1))
        return {
            "confusion": class_confusion_figure(
                counts, actual=EXPRESSIONS, predicted=EXPRESSIONS, title=title
            ),
            "reliability": reliability_figure(softmax(self.logits), labels, title=title),
        }


class VideoPredictor:
    """Predicts clips, on one device of each worker.

    Args:
        model: A `tsm` model; its weights are read anew with every call.
    """

    def __init__(self, model: keras.Model):
        self._run = tf.function(
            lambda clip: model({"clip": clip}, training=False),
            autograph=False,
            reduce_retracing=True,
        )

    def __call__(
        self, clips: "MeasuredClips", *, advance: Callable[[], None] = lambda: None
    ) -> VideoPredictions:
        """Returns what the model says of clips; the same on every worker.

        Args:
            clips: The clips.
            advance: Called after every batch.

        Raises:
            EmoError: A file is missing or damaged, or a picture in it cannot be decoded.
        """
        parts = []
        with clips.errors_named():
            for batch in clips.batches():
                parts.append(self._predicted(batch))
                advance()
        return VideoPredictions(*(np.concatenate(values) for values in zip(*parts, strict=True)))

    def _predicted(self, batch: Mapping[str, tf.Tensor]) -> tuple[np.ndarray, ...]:
        found = self._run(batch["clip"])
        values = batch["label"], found["frame_logits"], found["logits"]
        counted = batch["weight"].numpy() > 0 if "weight" in batch else slice(None)
        return tuple(value.numpy()[counted] for value in values)


def _confusion(labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    return confusion_matrix(labels, predictions, classes=_CLASSES)

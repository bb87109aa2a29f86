"""What a run tells TensorBoard."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from tensorboard.plugins.pr_curve import metadata

from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES, VAD
from emo_tf.metrics.average_precision import average_precision, mean_over_categories
from emo_tf.metrics.thresholds import predictions as above_threshold
from emo_tf.metrics.vad import mean_absolute_error
from emo_tf.plots import calibration_figure, confusion_figure, figure_pixels
from emo_tf.training.emotic_predictions import EmoticPredictions

CURVE_POINTS = 201
"""Points of each curve in TensorBoard's tab PR CURVES."""


class Summaries:
    """Writes the TensorBoard log of a run.

    What a call has written is on disk when it returns: a run that is killed loses nothing of it.

    Args:
        folder: Folder of the log; made if need be. A run that goes on adds a file of its own.
        enabled: Whether to write at all; else nothing is written, not even the folder. For the
            workers of which only one may write.
        first_step: The first step that will be written. TensorBoard then drops what former files
            of the folder have of this step and later ones, which a killed run wrote after its
            last checkpoint. By default everything stays.

    Example:
        >>> with Summaries(run / "logs", first_step=0) as summaries:
        ...     summaries.scalars({"loss/categories": 2.5, "learning_rate": 1e-3}, step=1)
    """

    def __init__(self, folder: Path, *, enabled: bool = True, first_step: int | None = None):
        self._writer = None
        if enabled:
            # Of the two kinds of writers this is the one that shows its handle.
            self._writer = tf.summary.create_file_writer(str(folder), experimental_trackable=True)
            if first_step is not None:
                self._drop_from(first_step)

    def __enter__(self) -> "Summaries":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; nothing can be written any more."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def scalars(self, values: Mapping[str, float], *, step: int) -> None:
        """Writes numbers by name; what stands before a slash groups them, as `loss/categories`.

        Args:
            values: Numbers by name.
            step: Steps trained.
        """
        if self._writer is not None:
            with self._writer.as_default(step):
                for name, value in values.items():
                    tf.summary.scalar(name, value)

    def emotic(self, predictions: EmoticPredictions, *, step: int) -> None:
        """Writes how well a split is predicted.

        As numbers `mean_average_precision`, `average_precision/<category>` and
        `vad_mean_absolute_error/<dimension>`; as curves for the tab PR CURVES
        `precision_recall/<category>`; as pictures `calibration` and `confusion`, the latter at
        the thresholds of the split itself. A category without a positive example has neither
        number nor curve.

        Args:
            predictions: Of the whole split.
            step: Steps trained.

        Raises:
            EmoError: The predictions are not finite, or hold nobody.
        """
        if self._writer is None:
            return
        labels, scores = predictions.labels, predictions.scores
        areas = average_precision(labels, scores)
        by_category = zip(EMOTIC_CATEGORIES, areas, strict=True)
        known = {name: area for name, area in by_category if not np.isnan(area)}
        errors = mean_absolute_error(predictions.vad_labels, predictions.vad)
        numbers = {f"average_precision/{name}": area for name, area in known.items()} | {
            f"vad_mean_absolute_error/{name}": error
            for name, error in zip(VAD, errors, strict=True)
        }
        if known:
            numbers["mean_average_precision"] = mean_over_categories(areas)
        self.scalars(numbers, step=step)
        with self._writer.as_default(step):
            for name, positive, score in zip(EMOTIC_CATEGORIES, labels.T, scores.T, strict=True):
                if name in known:
                    _write_curve(f"precision_recall/{name}", positive > 0, score)
        predicted = above_threshold(scores, predictions.thresholds)
        confusion = confusion_figure(labels, predicted, names=EMOTIC_CATEGORIES)
        self.figure("confusion", confusion, step=step)
        calibration = calibration_figure(predictions.vad_labels, predictions.vad)
        self.figure("calibration", calibration, step=step)

    def figure(self, name: str, figure: Figure, *, step: int) -> None:
        """Writes a figure as a picture.

        Args:
            name: What TensorBoard calls it.
            figure: The figure.
            step: Steps trained.
        """
        if self._writer is not None:
            with self._writer.as_default(step):
                tf.summary.image(name, figure_pixels(figure)[np.newaxis])

    def graph(self, function: Callable, *arguments) -> None:
        """Writes the graph that a function is traced into, for the tab GRAPHS.

        Args:
            function: A `tf.function`. It is traced, not run.
            *arguments: What it would be called with, or their `tf.TensorSpec`.

        Raises:
            EmoError: The function is no `tf.function`.
        """
        if self._writer is None:
            return
        if not hasattr(function, "get_concrete_function"):
            raise EmoError(f"function: expected a tf.function. Received: {function!r}")
        with self._writer.as_default():
            tf.summary.graph(function.get_concrete_function(*arguments).graph)

    def _drop_from(self, step: int) -> None:
        # A second START is a restart: TensorBoard drops what it has read of its step and later
        # ones. The very first that it reads drops nothing, hence two: the log may have none yet.
        for _ in range(2):
            start = tf.compat.v1.Event(
                wall_time=time.time(),
                step=step,
                session_log=tf.compat.v1.SessionLog(status=tf.compat.v1.SessionLog.START),
            )
            tf.raw_ops.ImportEvent(
                writer=self._writer.resource_handle, event=start.SerializeToString()
            )
        self._writer.flush()


def _write_curve(name: str, positive: np.ndarray, scores: np.ndarray) -> None:
    """Writes the curve of a category with a positive example.

    TensorBoard wants thresholds that divide 0 to 1 evenly, whatever the scores. So a person's
    score is replaced by the share of the positives that score no more, which keeps the order. At
    a threshold of `t` about the share `t` of the positives is missed, so the points divide the
    recall evenly; each of them is a point of the exact curve.

    Args:
        name: The tag.
        positive: bool of shape (N,).
        scores: Shape (N,).
    """
    found, others = np.sort(scores[positive]), np.sort(scores[~positive])
    at_most = -(-np.arange(CURVE_POINTS) * len(found) // (CURVE_POINTS - 1))  # rounded up
    cuts = np.where(at_most == 0, -np.inf, found[at_most - 1])
    true_positives = len(found) - np.searchsorted(found, cuts)
    false_positives = len(others) - np.searchsorted(others, cuts)
    rows = (
        true_positives,
        false_positives,
        len(others) - false_positives,
        len(found) - true_positives,
        true_positives / (true_positives + false_positives),
        true_positives / len(found),
    )
    tf.summary.write(
        name,
        tf.constant(np.stack(rows), tf.float32),
        metadata=metadata.create_summary_metadata(
            display_name=name,
            description="A threshold is the share of the positives that it misses, not a score.",
            num_thresholds=CURVE_POINTS,
        ),
    )

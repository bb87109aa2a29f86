"""What slices are measured by: classes, and the people of EMOTIC."""

from collections.abc import Sequence

import numpy as np

from emo_tf.labels import EMOTIC_CATEGORIES, VAD
from emo_tf.metrics.average_precision_figure import AveragePrecisionFigure
from emo_tf.metrics.mean_figure import MeanFigure
from emo_tf.metrics.sliced_figure import SlicedFigure
from emo_tf.metrics.thresholds import predictions


def class_figures(
    labels: np.ndarray, predicted: np.ndarray, *, names: Sequence[str]
) -> tuple[SlicedFigure, ...]:
    """Returns accuracy and the recall of each class.

    Args:
        labels: True class indices of shape (N,).
        predicted: Predicted ones of shape (N,); any other number for none, which is a wrong one.
        names: The C class names.
    """
    places = np.arange(len(names))
    actual = labels[:, np.newaxis] == places  # (N, C)
    right = (labels == predicted)[:, np.newaxis]  # (N, 1)
    return (
        MeanFigure("accuracy", ["all"], values=right),
        MeanFigure("recall", names, values=predicted[:, np.newaxis] == places, counted=actual),
    )


def emotic_figures(
    labels: np.ndarray,
    scores: np.ndarray,
    vad_labels: np.ndarray,
    vad: np.ndarray,
    *,
    thresholds: np.ndarray,
) -> tuple[SlicedFigure, ...]:
    """Returns average precision and recall of each category, and the error of each dimension.

    Args:
        labels: 0 and 1 of shape (N, 26), in the order of `EMOTIC_CATEGORIES`.
        scores: Any finite numbers of shape (N, 26), larger for the more certain.
        vad_labels: True valence, arousal and dominance of shape (N, 3), 1 to 10.
        vad: Predicted ones of shape (N, 3), 1 to 10.
        thresholds: Shape (26,), above which a category is predicted; NaN for never, where its
            recall is left out.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.
    """
    predicted = predictions(scores, thresholds)
    return (
        AveragePrecisionFigure(labels, scores, names=EMOTIC_CATEGORIES),
        MeanFigure(
            "recall",
            EMOTIC_CATEGORIES,
            values=predicted,
            counted=(np.asarray(labels) == 1) & ~np.isnan(thresholds),
        ),
        MeanFigure("vad_absolute_error", VAD, values=np.abs(vad_labels - vad)),
    )

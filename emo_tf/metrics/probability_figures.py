"""What class probabilities are worth, in four figures with their intervals, in numpy."""

from collections.abc import Mapping

import numpy as np

from emo_tf.metrics.classification import (
    confusion_matrix,
    expected_calibration_error,
    negative_log_likelihood,
    recalls,
)

RESAMPLES = 1000
_SEED = 0
_UNBOUNDED = "log_loss"


def probability_figures(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Returns accuracy, balanced accuracy, log loss and expected calibration error.

    Balanced accuracy is the mean of the recalls of the classes that occur; log loss is in nats,
    probabilities below 1e-12 counted as that; calibration is over 15 bins.

    Args:
        probabilities: Shape (N, C), rows that add up to 1; N at least 1.
        labels: True class indices of shape (N,).

    Returns:
        Figures by the names `accuracy`, `balanced_accuracy`, `log_loss`, `ece`.
    """
    predictions = probabilities.argmax(axis=1)
    confusion = confusion_matrix(labels, predictions, classes=probabilities.shape[1])
    return {
        "accuracy": float((predictions == labels).mean()),
        "balanced_accuracy": float(np.nanmean(recalls(confusion))),
        "log_loss": negative_log_likelihood(probabilities, labels),
        "ece": expected_calibration_error(probabilities, labels),
    }


def bootstrap_intervals(
    probabilities: np.ndarray, labels: np.ndarray, *, resamples: int = RESAMPLES
) -> Mapping[str, tuple[float, float]]:
    """Returns 95 % intervals of `probability_figures` by resampling examples with replacement.

    The percentiles of the resamples, from a fixed seed, moved by the bootstrap's estimate of bias:
    the calibration error of a resample is larger than that of the sample, for each bin's gap is
    taken without its sign.

    Args:
        probabilities: Shape (N, C), rows that add up to 1; N at least 1.
        labels: True class indices of shape (N,).
        resamples: How often to draw N examples.

    Returns:
        The lower and upper end by name of a figure.

    Reference:
        Efron and Tibshirani 1993, "An introduction to the bootstrap", chapters 10 and 13.
    """
    rng = np.random.default_rng(_SEED)
    drawn = (rng.integers(len(labels), size=len(labels)) for _ in range(resamples))
    figures = [probability_figures(probabilities[rows], labels[rows]) for rows in drawn]
    intervals = {}
    for name, value in probability_figures(probabilities, labels).items():
        of_resamples = np.array([one[name] for one in figures])
        ends = np.percentile(of_resamples, [2.5, 97.5]) - (of_resamples.mean() - value)
        low, high = np.clip(ends, 0, np.inf if name == _UNBOUNDED else 1)
        intervals[name] = (float(low), float(high))
    return intervals

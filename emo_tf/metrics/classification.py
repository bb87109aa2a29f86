"""Figures of a classifier from its class probabilities, in numpy."""

from collections.abc import Sequence

import numpy as np


def confusion_matrix(labels: np.ndarray, predictions: np.ndarray, *, classes: int) -> np.ndarray:
    """Returns counts of shape (C, C): rows are the true classes, columns the predicted ones.

    Args:
        labels: True class indices of shape (N,).
        predictions: Predicted class indices of shape (N,).
        classes: Number of classes C.
    """
    pairs = np.asarray(labels) * classes + np.asarray(predictions)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def recalls(confusion: np.ndarray) -> np.ndarray:
    """Returns the recall of each class, NaN for a class without examples.

    Args:
        confusion: Counts of shape (C, C), rows the true classes.
    """
    confusion = np.asarray(confusion, float)
    totals = confusion.sum(axis=1)
    hits = np.diag(confusion)
    return np.divide(hits, totals, out=np.full(len(totals), np.nan), where=totals > 0)


def negative_log_likelihood(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Returns the mean of -ln p(label).

    Args:
        probabilities: Shape (N, C), rows that add up to 1.
        labels: True class indices of shape (N,).
    """
    picked = np.asarray(probabilities)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(picked, 1e-12)).mean())


def expected_calibration_error(
    probabilities: np.ndarray, labels: np.ndarray, *, bins: int = 15
) -> float:
    """Returns the expected calibration error over equal bins of the top probability.

    The mean over bins of |accuracy - confidence|, each bin weighted by its share of the examples.

    Args:
        probabilities: Shape (N, C), rows that add up to 1.
        labels: True class indices of shape (N,).
        bins: Number of equal bins on 0 to 1.

    Reference:
        Guo et al. 2017, "On calibration of modern neural networks", eq. 3.
    """
    _, confidence, correct = reliability_bins(probabilities, labels, bins=bins)
    return float(np.abs(correct - confidence).sum() / len(labels))


def reliability_bins(
    probabilities: np.ndarray, labels: np.ndarray, *, bins: int = 15
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns what equal bins of the top probability hold, as a reliability diagram shows it.

    Args:
        probabilities: Shape (N, C), rows that add up to 1.
        labels: True class indices of shape (N,).
        bins: Number of equal bins on 0 to 1; what lies on an edge belongs to the lower one.

    Returns:
        The numbers of examples, the sums of their top probabilities and the numbers of those that
        were right, each of shape (bins,).
    """
    probabilities = np.asarray(probabilities)
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    bin_of = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    return tuple(
        np.bincount(bin_of, weights=weights, minlength=bins)
        for weights in (None, confidence, correct)
    )


def classification_report(
    probabilities: np.ndarray, labels: np.ndarray, *, names: Sequence[str]
) -> dict:
    """Returns accuracy, mean recall, calibration, recall by class and the confusion counts.

    Args:
        probabilities: Shape (N, C), rows that add up to 1.
        labels: True class indices of shape (N,).
        names: The C class names.
    """
    predictions = probabilities.argmax(axis=1)
    confusion = confusion_matrix(labels, predictions, classes=len(names))
    by_class = recalls(confusion)
    return {
        "examples": len(labels),
        "accuracy": round(float((predictions == labels).mean()), 5),
        "mean_recall": round(float(np.nanmean(by_class)), 5),
        "expected_calibration_error": round(expected_calibration_error(probabilities, labels), 5),
        "negative_log_likelihood": round(negative_log_likelihood(probabilities, labels), 5),
        "recall": {
            name: None if np.isnan(recall) else round(float(recall), 5)
            for name, recall in zip(names, by_class, strict=True)
        },
        "confusion": confusion.tolist(),
    }

"""What a classifier reaches on a labelled set, as plain numbers for `metrics.json`."""

from collections.abc import Sequence

import numpy as np

from emo_tf.metrics.classification import (
    confusion_matrix,
    expected_calibration_error,
    negative_log_likelihood,
    recalls,
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

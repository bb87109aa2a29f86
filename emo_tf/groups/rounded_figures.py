"""What probabilities over the three classes are worth, as plain types for JSON."""

import numpy as np

from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.metrics.classification import confusion_matrix
from emo_tf.metrics.probability_figures import bootstrap_intervals, probability_figures

DIGITS = 5


def rounded_figures(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, object]:
    """Returns figures with their 95 % intervals, and the confusion counts.

    Args:
        probabilities: Shape (N, 3), rows that add up to 1; N at least 1.
        labels: True class indices of shape (N,).

    Returns:
        `accuracy`, `balanced_accuracy`, `log_loss` and `ece` of `probability_figures`, their
        `intervals`, and `confusion` (3, 3), rows the true classes.
    """
    predictions = probabilities.argmax(axis=1)
    return {
        **{
            name: round(value, DIGITS)
            for name, value in probability_figures(probabilities, labels).items()
        },
        "intervals": {
            name: [round(end, DIGITS) for end in ends]
            for name, ends in bootstrap_intervals(probabilities, labels).items()
        },
        "confusion": confusion_matrix(labels, predictions, classes=len(GROUP_EMOTIONS)).tolist(),
    }

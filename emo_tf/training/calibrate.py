"""Calibration of a classifier's probabilities by one temperature."""

import numpy as np

from emo_tf.softmax import softmax

TEMPERATURES = (0.05, 20.0)
"""The least and the greatest that `fit_temperature` returns."""


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Returns the temperature T for which softmax(logits / T) is as certain as it is right.

    The mean probability of the answer given then equals the share of right answers: on noisy
    labels the T of least log loss leaves answers too certain, since it serves the unlikely classes
    too.

    Args:
        logits: Shape (N, C), of examples that the model was not trained on.
        labels: True class indices of shape (N,).

    Returns:
        T between 0.05 and 20; the nearer end where none between them will do.

    Reference:
        Clarté et al. 2023, "Expectation consistency for calibration of neural networks".
    """
    from scipy.optimize import brentq

    logits = np.asarray(logits, float)
    accuracy = (logits.argmax(axis=1) == labels).mean()

    def excess(log_temperature):
        return softmax(logits / np.exp(log_temperature)).max(axis=1).mean() - accuracy

    coldest, hottest = np.log(TEMPERATURES)
    if excess(coldest) <= 0:
        return TEMPERATURES[0]
    if excess(hottest) >= 0:
        return TEMPERATURES[1]
    return float(np.exp(brentq(excess, coldest, hottest)))

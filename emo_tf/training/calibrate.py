"""Calibration of a classifier's probabilities by one temperature."""

import numpy as np

from emo_tf.metrics.classification import negative_log_likelihood


def softmax(logits: np.ndarray) -> np.ndarray:
    """Returns probabilities over the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Returns the temperature T for which softmax(logits / T) has the least log loss.

    Args:
        logits: Shape (N, C), of examples that the model was not trained on.
        labels: True class indices of shape (N,).

    Reference:
        Guo et al. 2017, "On calibration of modern neural networks", section 4.2.
    """
    from scipy.optimize import minimize_scalar

    def loss(log_temperature):
        scaled = np.asarray(logits, float) / np.exp(log_temperature)
        return negative_log_likelihood(softmax(scaled), labels)

    found = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20.0)), method="bounded")
    return float(np.exp(found.x))

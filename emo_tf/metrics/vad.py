"""Agreement on valence, arousal and dominance, in numpy."""

import numpy as np

from emo_tf.metrics.checks import check_same_shape, matrix


def mean_absolute_error(vad_labels: np.ndarray, vad: np.ndarray) -> np.ndarray:
    """Returns the mean absolute error of each dimension, shape (D,), on the scale of the labels.

    Args:
        vad_labels: True values of shape (N, D), 1 to 10 in EMOTIC.
        vad: Predicted values of shape (N, D), on the same scale.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.
    """
    vad_labels, vad = _checked(vad_labels, vad)
    return np.abs(vad_labels - vad).mean(axis=0)


def concordance_correlation_coefficient(vad_labels: np.ndarray, vad: np.ndarray) -> np.ndarray:
    """Returns the concordance of each dimension, shape (D,): 1 for equal, 0 for unrelated values.

    2 covariance / (variance + variance + (difference of the means)^2), with moments divided by
    N. Unlike a correlation it falls with a shift or a wrong scale too. Where the predictions or
    the labels are all the same, nothing varies together: 0, even if both are equal.

    Args:
        vad_labels: True values of shape (N, D).
        vad: Predicted values of shape (N, D), on the same scale.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.

    Reference:
        Lin 1989, "A concordance correlation coefficient to evaluate reproducibility", section 2.
    """
    vad_labels, vad = _checked(vad_labels, vad)
    varies = (np.ptp(vad_labels, axis=0) > 0) & (np.ptp(vad, axis=0) > 0)
    label_mean, mean = vad_labels.mean(axis=0), vad.mean(axis=0)
    covariance = ((vad_labels - label_mean) * (vad - mean)).mean(axis=0)
    spread = vad_labels.var(axis=0) + vad.var(axis=0) + (label_mean - mean) ** 2
    known = varies & (spread > 0)  # a spread can underflow
    return np.divide(2 * covariance, spread, out=np.zeros(spread.shape), where=known)


def _checked(vad_labels: np.ndarray, vad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    vad_labels, vad = matrix("vad_labels", vad_labels), matrix("vad", vad)
    check_same_shape(vad_labels=vad_labels, vad=vad)
    return vad_labels, vad

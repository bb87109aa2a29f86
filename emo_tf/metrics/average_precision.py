"""Average precision of each category from the scores of all people, in numpy."""

from typing import NamedTuple

import numpy as np

from emo_tf.metrics.checks import binary_matrix, check_same_shape, matrix


class PrecisionRecall(NamedTuple):
    """Precision and recall of one category at its T distinct scores.

    Attributes:
        precision: Shape (T + 1,): right ones among the people who score at least the threshold;
            at the end 1, for nobody.
        recall: Shape (T + 1,): the share of the positives among those people; at the end 0.
        thresholds: Shape (T,): the distinct scores, increasing.
    """

    precision: np.ndarray
    recall: np.ndarray
    thresholds: np.ndarray


def precision_recall_curves(labels: np.ndarray, scores: np.ndarray) -> list[PrecisionRecall | None]:
    """Returns the curve of each category, None for one without a positive example.

    Args:
        labels: 0 and 1 of shape (N, C).
        scores: Any finite numbers of shape (N, C), larger for the more certain.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.
    """
    from sklearn.metrics import precision_recall_curve

    labels, scores = binary_matrix("labels", labels), matrix("scores", scores)
    check_same_shape(labels=labels, scores=scores)
    return [
        PrecisionRecall(*precision_recall_curve(positive, score)) if positive.any() else None
        for positive, score in zip(labels.T, scores.T, strict=True)
    ]


def average_precision(
    labels: np.ndarray, scores: np.ndarray, *, interpolated: bool = False
) -> np.ndarray:
    """Returns the average precision of each category, shape (C,).

    By default that of scikit-learn: the sum over thresholds of precision times gain in recall.
    Interpolated, precision is first raised to the best one at the same or a higher recall, as
    Kosti et al. have it; it is never lower. People of equal score count as one step in both.

    A category without a positive example has no average precision: NaN. (scikit-learn says 0,
    which pulls the mean down for categories that could not be tested.)

    Args:
        labels: 0 and 1 of shape (N, C).
        scores: Any finite numbers of shape (N, C), larger for the more certain.
        interpolated: Whether precision is made monotone first, at all points.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.

    Reference:
        Kosti et al. 2020, "Context based emotion recognition using EMOTIC dataset";
        Everingham et al. 2010, "The Pascal visual object classes challenge", section 4.2, with
        all points instead of eleven.
    """
    curves = precision_recall_curves(labels, scores)
    return np.array([np.nan if curve is None else _area(curve, interpolated) for curve in curves])


def mean_over_categories(values: np.ndarray) -> float:
    """Returns the mean over the categories whose value is not NaN; NaN if there is none.

    Args:
        values: Shape (C,), NaN for a category without a positive example.
    """
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def mean_average_precision(
    labels: np.ndarray, scores: np.ndarray, *, interpolated: bool = False
) -> float:
    """Returns the mean of `average_precision` over the categories that have a positive example.

    Args:
        labels: 0 and 1 of shape (N, C).
        scores: Any finite numbers of shape (N, C), larger for the more certain.
        interpolated: Whether precision is made monotone first, at all points.

    Returns:
        The mean, 0 to 1; NaN if no category has a positive example.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.
    """
    return mean_over_categories(average_precision(labels, scores, interpolated=interpolated))


def _area(curve: PrecisionRecall, interpolated: bool) -> float:
    # Recall falls along the curve, so what lies before a point has the same or a higher one.
    precision = np.maximum.accumulate(curve.precision) if interpolated else curve.precision
    return -float(np.sum(np.diff(curve.recall) * precision[:-1]))

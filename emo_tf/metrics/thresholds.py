"""From which score on a category is predicted, in numpy."""

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.metrics.average_precision import PrecisionRecall, precision_recall_curves
from emo_tf.metrics.checks import matrix

_SAME_GAP = 1e-12  # far above the rounding of a difference, far below what people can make


def break_even_thresholds(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Returns the threshold of each category at which precision equals recall, shape (C,).

    Choose thresholds on the validation split and use them on the test split: chosen on the
    people they are tested on, they flatter.

    The two are equal where as many people score at least the threshold as are positive, so the
    threshold is the score of one of them. Where people of equal score leave no such place, it
    is the score with the least difference between the two; of several, the lowest, which finds
    more. Scores at which nobody is found rightly do not count, though precision and recall are
    both 0 there.

    `predictions` wants scores strictly above the threshold, as the published implementation
    does. On the split they were chosen on, the thresholds therefore leave out the people who
    score exactly that, most often one a category; on another split it makes no difference.

    Args:
        labels: 0 and 1 of shape (N, C).
        scores: Any finite numbers of shape (N, C), larger for the more certain.

    Returns:
        float64, scores that occur; NaN for a category without a positive example.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.

    Reference:
        Kosti et al. 2020, "Context based emotion recognition using EMOTIC dataset".
    """
    curves = precision_recall_curves(labels, scores)
    return np.array([np.nan if curve is None else _break_even(curve) for curve in curves])


def predictions(scores: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Returns which categories each person is said to show, bool of shape (N, C).

    A category is predicted where its score is strictly above its threshold; where the threshold
    is NaN, never.

    Args:
        scores: Any finite numbers of shape (N, C).
        thresholds: Shape (C,), as `break_even_thresholds` chose them on the validation split.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.
    """
    scores = matrix("scores", scores)
    return scores > check_thresholds(thresholds, scores.shape[1])


def check_thresholds(thresholds: np.ndarray, categories: int) -> np.ndarray:
    """Returns thresholds as float64 of shape (C,), finite or NaN.

    Args:
        thresholds: A number for each category.
        categories: Number of categories C.

    Raises:
        EmoError: They are not that.
    """
    try:
        thresholds = np.asarray(thresholds, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise EmoError(f"thresholds: expected numbers. Received: {thresholds!r}") from error
    if thresholds.shape != (categories,):
        raise EmoError(
            f"thresholds: expected one for each of {categories} categories. "
            f"Received: shape {thresholds.shape}"
        )
    if np.isinf(thresholds).any():
        raise EmoError("thresholds: expected finite numbers or NaN. Received: an infinite one")
    return thresholds


def _break_even(curve: PrecisionRecall) -> float:
    precision, recall = curve.precision[:-1], curve.recall[:-1]
    gaps = np.where(precision > 0, np.abs(precision - recall), np.inf)
    return float(curve.thresholds[np.argmax(gaps <= gaps.min() + _SAME_GAP)])

"""How far predicted sets of categories agree with the true ones, in numpy."""

import numpy as np

from emo_tf.metrics.checks import binary_matrix, check_same_shape


def f1_by_category(labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Returns the F1 score of each category, shape (C,), NaN for one without a positive example.

    The harmonic mean of precision and recall: 2 hits / (positives + predicted). The macro F1 is
    `mean_over_categories` of it.

    Args:
        labels: 0 and 1 of shape (N, C).
        predictions: 0 and 1 of shape (N, C).

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.
    """
    labels, predictions = _checked(labels, predictions)
    hits = (labels & predictions).sum(axis=0)
    total = labels.sum(axis=0) + predictions.sum(axis=0)
    return _where_positive(labels, 2 * hits, total)


def f1_of_all(labels: np.ndarray, predictions: np.ndarray) -> float:
    """Returns the micro F1: one F1 score over the people and categories taken together.

    Args:
        labels: 0 and 1 of shape (N, C).
        predictions: 0 and 1 of shape (N, C).

    Returns:
        The score, 0 to 1; NaN if there is no positive label at all.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.
    """
    labels, predictions = _checked(labels, predictions)
    return float(f1_by_category(labels.reshape(-1, 1), predictions.reshape(-1, 1))[0])


def jaccard_by_category(labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Returns the Jaccard coefficient of each category, shape (C,).

    Of the people who show the category or are said to show it, the share for whom both hold.

    Args:
        labels: 0 and 1 of shape (N, C).
        predictions: 0 and 1 of shape (N, C).

    Returns:
        Shape (C,), NaN for a category without a positive example.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.
    """
    labels, predictions = _checked(labels, predictions)
    hits, union = (labels & predictions).sum(axis=0), (labels | predictions).sum(axis=0)
    return _where_positive(labels, hits, union)


def jaccard_of_people(labels: np.ndarray, predictions: np.ndarray) -> float:
    """Returns the mean over people of |true and predicted| / |true or predicted| categories.

    A person who shows no category and is said to show none is described perfectly and counts 1,
    as scikit-learn's `jaccard_score(average="samples", zero_division=1.0)` has it (its default
    warns and counts 0). In EMOTIC everybody shows at least one, so no choice changes a figure.

    Args:
        labels: 0 and 1 of shape (N, C).
        predictions: 0 and 1 of shape (N, C).

    Returns:
        The mean, 0 to 1; NaN if there is no positive label at all.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.

    Reference:
        Kosti et al. 2020, "Context based emotion recognition using EMOTIC dataset".
    """
    labels, predictions = _checked(labels, predictions)
    if not labels.any():
        return float("nan")
    hits, union = (labels & predictions).sum(axis=1), (labels | predictions).sum(axis=1)
    return float(np.where(union == 0, 1.0, hits / np.maximum(union, 1)).mean())


def _checked(labels: np.ndarray, predictions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    labels = binary_matrix("labels", labels)
    predictions = binary_matrix("predictions", predictions)
    check_same_shape(labels=labels, predictions=predictions)
    return labels, predictions


def _where_positive(labels: np.ndarray, over: np.ndarray, under: np.ndarray) -> np.ndarray:
    return np.divide(over, under, out=np.full(over.shape, np.nan), where=labels.any(axis=0))

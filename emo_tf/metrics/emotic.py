"""The figures of an EMOTIC model: 26 categories, and valence, arousal and dominance."""

from collections.abc import Sequence

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES, VAD
from emo_tf.metrics.average_precision import average_precision, mean_over_categories
from emo_tf.metrics.checks import binary_matrix, matrix
from emo_tf.metrics.label_sets import (
    f1_by_category,
    f1_of_all,
    jaccard_by_category,
    jaccard_of_people,
)
from emo_tf.metrics.rounding import rounded
from emo_tf.metrics.thresholds import check_thresholds, predictions
from emo_tf.metrics.vad import concordance_correlation_coefficient, mean_absolute_error


def emotic_report(
    labels: np.ndarray,
    scores: np.ndarray,
    vad_labels: np.ndarray,
    vad: np.ndarray,
    *,
    thresholds: np.ndarray,
) -> dict:
    """Returns the figures of a split as JSON takes them: rounded to 5 digits, None for none.

    What cannot be told of a category without a positive example is None, and the means are over
    the other categories; of a split without a positive label, only VAD can be told.

    Args:
        labels: 0 and 1 of shape (N, 26), in the order of `EMOTIC_CATEGORIES`.
        scores: Any finite numbers of shape (N, 26), larger for the more certain.
        vad_labels: True valence, arousal and dominance of shape (N, 3), 1 to 10.
        vad: Predicted ones of shape (N, 3), 1 to 10.
        thresholds: Shape (26,), as `break_even_thresholds` chose them on the validation split.
            A category is predicted strictly above its threshold, never where that is NaN.

    Returns:
        `people`; `mean_average_precision` and `mean_average_precision_interpolated`; `f1_macro`
        and `f1_micro`; `jaccard`, the mean over people; `average_precision`,
        `average_precision_interpolated`, `f1`, `jaccard_by_category`, `thresholds` and
        `positives`, each a dictionary by category; `vad_mean_absolute_error` on the 1 to 10
        scale and `vad_concordance`, each a dictionary by dimension with the `mean`.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.
    """
    labels = binary_matrix("labels", labels)
    vad_labels = matrix("vad_labels", vad_labels)
    _check_columns("labels", labels, EMOTIC_CATEGORIES)
    _check_columns("vad_labels", vad_labels, VAD)
    if len(vad_labels) != len(labels):
        raise EmoError(
            f"vad_labels: expected {len(labels)} people, as labels has. Received: {len(vad_labels)}"
        )
    thresholds = check_thresholds(thresholds, len(EMOTIC_CATEGORIES))
    exact = average_precision(labels, scores)
    interpolated = average_precision(labels, scores, interpolated=True)
    predicted = predictions(scores, thresholds)
    f1 = f1_by_category(labels, predicted)
    error = mean_absolute_error(vad_labels, vad)
    concordance = concordance_correlation_coefficient(vad_labels, vad)
    return {
        "people": len(labels),
        "mean_average_precision": rounded(mean_over_categories(exact)),
        "mean_average_precision_interpolated": rounded(mean_over_categories(interpolated)),
        "f1_macro": rounded(mean_over_categories(f1)),
        "f1_micro": rounded(f1_of_all(labels, predicted)),
        "jaccard": rounded(jaccard_of_people(labels, predicted)),
        "average_precision": _by_name(EMOTIC_CATEGORIES, exact),
        "average_precision_interpolated": _by_name(EMOTIC_CATEGORIES, interpolated),
        "f1": _by_name(EMOTIC_CATEGORIES, f1),
        "jaccard_by_category": _by_name(EMOTIC_CATEGORIES, jaccard_by_category(labels, predicted)),
        "thresholds": _by_name(EMOTIC_CATEGORIES, thresholds),
        "positives": dict(zip(EMOTIC_CATEGORIES, labels.sum(axis=0).tolist(), strict=True)),
        "vad_mean_absolute_error": _by_name((*VAD, "mean"), [*error, error.mean()]),
        "vad_concordance": _by_name((*VAD, "mean"), [*concordance, concordance.mean()]),
    }


def _check_columns(name: str, values: np.ndarray, columns: Sequence[str]) -> None:
    if values.shape[1] != len(columns):
        raise EmoError(
            f"{name}: expected {len(columns)} columns, {columns[0]} to {columns[-1]}. "
            f"Received: {values.shape[1]}"
        )


def _by_name(names: Sequence[str], values: Sequence[float]) -> dict[str, float | None]:
    return {name: rounded(value) for name, value in zip(names, values, strict=True)}

"""Figures of slices that are means over examples: accuracy, recall, absolute error."""

from collections.abc import Sequence

import numpy as np

from emo_tf.metrics.checks import check_same_shape


class MeanFigure:
    """A mean over those examples that count for a label; a `SlicedFigure`.

    The recall of each class is the mean of `found` over the examples of that class, accuracy that
    of `right` over all.

    Args:
        name: What it is called in reports.
        labels: Names of the C labels.
        values: What is averaged, bool or numbers of shape (N, C).
        counted: Which examples count for which label, bool (N, C); all of them by default.

    Raises:
        EmoError: The arrays differ in shape.

    Example:
        >>> right = np.array([[True], [False], [True]])
        >>> figure = MeanFigure("accuracy", ["all"], values=right)
        >>> figure.values(np.array([0, 1]), np.array([[1.0, 1.0], [0.0, 2.0]])).tolist()
        [[0.5], [0.0]]
    """

    def __init__(
        self,
        name: str,
        labels: Sequence[str],
        *,
        values: np.ndarray,
        counted: np.ndarray | None = None,
    ):
        self._values = np.asarray(values)
        self._counted = np.ones(self._values.shape) if counted is None else np.asarray(counted)
        check_same_shape(values=self._values, counted=self._counted)
        self.name, self.labels = name, tuple(labels)
        self.are_shares = self._values.dtype == bool

    def examples(self, rows: np.ndarray) -> np.ndarray:
        """Returns how many of the examples count for each label; see `SlicedFigure`."""
        return self._counted[rows].sum(axis=0)

    def values(self, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Returns weighted means, shape (R, C); see `SlicedFigure`."""
        counted = self._counted[rows].astype(float)
        total = weights @ counted
        summed = weights @ (counted * self._values[rows])
        return np.divide(summed, total, out=np.full(total.shape, np.nan), where=total > 0)

"""Average precision of slices, from many samples of the same people at once."""

from collections.abc import Sequence

import numpy as np

from emo_tf.metrics.checks import binary_matrix, check_same_shape, matrix


class AveragePrecisionFigure:
    """Average precision of each category, as `average_precision` has it; a `SlicedFigure`.

    It rises with the share of people who show the category: between slices compare the positives
    too.

    Args:
        labels: 0 and 1 of shape (N, C).
        scores: Any finite numbers of shape (N, C), larger for the more certain.
        names: Names of the C categories.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.
    """

    name = "average_precision"
    are_shares = False

    def __init__(self, labels: np.ndarray, scores: np.ndarray, *, names: Sequence[str]):
        self._positive, self._scores = binary_matrix("labels", labels), matrix("scores", scores)
        check_same_shape(labels=self._positive, scores=self._scores)
        self.labels = tuple(names)

    def examples(self, rows: np.ndarray) -> np.ndarray:
        """Returns how many people show each category; see `SlicedFigure`."""
        return self._positive[rows].sum(axis=0)

    def values(self, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Returns average precision, shape (R, C); see `SlicedFigure`."""
        columns = zip(self._positive[rows].T, self._scores[rows].T, strict=True)
        return np.stack([_areas(*column, weights) for column in columns], axis=1)


def _areas(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Returns the average precision of one category in each sample, shape (R,)."""
    order = np.argsort(-scores, kind="stable")
    # People of equal score count as one step: only the last of them tells of a threshold.
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    drawn = weights[:, order]
    found = np.cumsum(drawn, axis=1)[:, ends]
    hits = np.cumsum(drawn * positive[order], axis=1)[:, ends]
    precision = np.divide(hits, found, out=np.zeros(hits.shape), where=found > 0)
    area = (precision * np.diff(hits, axis=1, prepend=0)).sum(axis=1)
    total = hits[:, -1]
    return np.divide(area, total, out=np.full(len(total), np.nan), where=total > 0)

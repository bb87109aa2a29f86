"""The figures of slices in samples of the same examples, and the intervals that follow."""

from dataclasses import dataclass

import numpy as np

from emo_tf.metrics.intervals import bootstrap_interval, difference_interval, wilson_interval
from emo_tf.metrics.probability_figures import RESAMPLES
from emo_tf.metrics.sliced_figure import SlicedFigure

_SEED = 0
_BLOCKS = 200  # Leaving out each of more clusters would cost as much as the resamples.
_AT_A_TIME = 2_000_000  # Weights, 8 bytes each.
_UNKNOWN = (np.nan, np.nan)


@dataclass(frozen=True, eq=False)
class SliceSamples:
    """A figure of one slice: each of C labels, and last their mean.

    Attributes:
        examples: On how many examples each stands, shape (C + 1,).
        estimate: In the sample, shape (C + 1,), NaN where it is not defined.
        resampled: In samples drawn from it with replacement, shape (R, C + 1).
        left_out: In the sample without each part in turn, shape (J, C + 1).
        are_shares: Whether the labels, though not the mean, are shares of independent examples.
    """

    examples: np.ndarray
    estimate: np.ndarray
    resampled: np.ndarray
    left_out: np.ndarray
    are_shares: bool

    def interval(self, place: int) -> tuple[float, float]:
        """Returns the 95 % interval of a label or the mean, NaN where there is none."""
        if np.isnan(self.estimate[place]):
            return _UNKNOWN
        if self._is_share(place):
            return wilson_interval(*self._hits(place))
        samples = self.resampled[:, place], self.left_out[:, place]
        return bootstrap_interval(self.estimate[place], *samples) or _UNKNOWN

    def gap_interval(self, other: "SliceSamples", place: int) -> tuple[float, float]:
        """Returns the 95 % interval of how far this one is above another, NaN likewise.

        There is none where one of the two has none.

        Args:
            other: Samples of the other slice, drawn from the same examples.
            place: The label's place; C is the mean's.
        """
        if self._is_share(place):
            return difference_interval(self._hits(place), other._hits(place))
        if np.isnan([self.interval(place), other.interval(place)]).any():
            return _UNKNOWN
        gap = self.estimate[place] - other.estimate[place]
        resampled = self.resampled[:, place] - other.resampled[:, place]
        left_out = self.left_out[:, place] - other.left_out[:, place]
        return bootstrap_interval(gap, resampled, left_out) or _UNKNOWN

    def _is_share(self, place: int) -> bool:
        return self.are_shares and place < len(self.estimate) - 1

    def _hits(self, place: int) -> tuple[int, int]:
        count = int(self.examples[place])
        return round(self.estimate[place] * count), count


class Resampling:
    """Draws examples with replacement, the same every time.

    Args:
        clusters: What examples have in common that are to be drawn together, shape (N,).
    """

    def __init__(self, clusters: np.ndarray):
        _, self._cluster_of = np.unique(clusters, return_inverse=True)
        count = int(self._cluster_of.max()) + 1
        self._is_by_example = count == len(clusters)
        rng = np.random.default_rng(_SEED)
        drawn = (rng.integers(count, size=count) for _ in range(RESAMPLES))
        # No cluster is drawn 256 times in so many.
        self._counts = np.stack(
            [np.bincount(chosen, minlength=count).astype(np.uint8) for chosen in drawn]
        )
        self._part_of = np.arange(count) % _BLOCKS
        self._parts = np.arange(min(count, _BLOCKS))

    def samples(
        self, figure: SlicedFigure, rows: np.ndarray, *, mean_over: np.ndarray
    ) -> SliceSamples:
        """Returns a figure of the examples at `rows` (n,), and of samples of all examples.

        Args:
            figure: What to measure.
            rows: Places of the examples of the slice.
            mean_over: Which labels their mean is over, bool (C,).
        """
        clusters = self._cluster_of[rows]
        step = max(1, _AT_A_TIME // len(rows))

        def measured(weights: np.ndarray) -> np.ndarray:
            values = figure.values(rows, weights.astype(float))
            return np.column_stack([values, _mean(values[:, mean_over])])

        return SliceSamples(
            examples=np.append(figure.examples(rows), len(rows)),
            estimate=measured(np.ones((1, len(rows))))[0],
            resampled=np.concatenate(
                [
                    measured(self._counts[start : start + step][:, clusters])
                    for start in range(0, RESAMPLES, step)
                ]
            ),
            left_out=measured(self._part_of[clusters] != self._parts[:, np.newaxis]),
            are_shares=figure.are_shares and self._is_by_example,
        )


def _mean(values: np.ndarray) -> np.ndarray:
    """Returns the mean of each row over what is defined, NaN where nothing is; (R,)."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)

"""The probabilities of one track over time, in a memory that does not grow with the video."""

from collections.abc import Mapping

import numpy as np

from emo_tf.colours import Colour


class TrackProbabilities:
    """Means of a distribution over short stretches of time, N of them at most.

    Args:
        colours: Of the C names of the distribution.
        bins: N.

    Attributes:
        frames: How many frames were added.
    """

    def __init__(self, colours: Mapping[str, Colour], *, bins: int):
        self.colours = colours
        self.names = tuple(colours)
        self.frames = 0
        self._sums = np.zeros((bins, len(self.names)), np.float32)
        self._counts = np.zeros(bins, np.int32)

    def add(self, index: int, probabilities: Mapping[str, float]) -> None:
        """Adds a frame to the stretch of that number; names it does not have count as 0.

        Args:
            index: The stretch, from 0.
            probabilities: By name, 0 to 1.
        """
        self._sums[index] += [probabilities.get(name, 0.0) for name in self.names]
        self._counts[index] += 1
        self.frames += 1

    def halve(self) -> None:
        """Joins stretches by twos; the latter half becomes free."""
        self._sums, self._counts = joined_by_twos(self._sums), joined_by_twos(self._counts)

    def means(self) -> np.ndarray:
        """Returns the means, float (N, C), NaN where the track was not there."""
        counts = np.where(self._counts, self._counts, np.nan)
        return self._sums / counts[:, None]


def joined_by_twos(values: np.ndarray) -> np.ndarray:
    """Returns sums of pairs of rows of (N, ...), N even, followed by as many zeros."""
    joined = values[0::2] + values[1::2]
    return np.concatenate([joined, np.zeros_like(joined)])

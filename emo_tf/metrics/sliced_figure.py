"""What a slice of the examples can be measured by."""

from typing import Protocol

import numpy as np


class SlicedFigure(Protocol):
    """A figure of some of N examples, for each of C labels.

    Attributes:
        name: What it is called in reports, such as `recall`.
        labels: Names of the C labels.
        are_shares: Whether each is a share of single examples, 0 or 1, and not a mean or an area.
    """

    name: str
    labels: tuple[str, ...]
    are_shares: bool

    def examples(self, rows: np.ndarray) -> np.ndarray:
        """Returns on how many of the examples at `rows` (n,) each label's figure stands, (C,)."""

    def values(self, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Returns the figures of R samples of the same examples.

        Args:
            rows: Places of n examples, shape (n,).
            weights: How often each of them is in each sample, shape (R, n).

        Returns:
            Shape (R, C), NaN where a sample has no example that the figure stands on.
        """

"""What examples have in common, column by column, to be measured apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emo_tf.metrics.sliced_figure import SlicedFigure
from emo_tf.metrics.slices import FEWEST, Sliced, check_values, slice_figures


@dataclass(frozen=True, eq=False)
class ExampleSlices:
    """Columns of N examples.

    Attributes:
        columns: What each example has, N texts, by name of a column.
        clusters: What examples that are not independent have in common, N texts.
        fewest: Examples below which a figure is marked and no gap counted.

    Raises:
        EmoError: A column holds one value alone, or more than 50.
    """

    columns: Mapping[str, Sequence[str]]
    clusters: Sequence[str]
    fewest: int = FEWEST

    def __post_init__(self) -> None:
        for column, values in self.columns.items():
            check_values(column, values)

    def measure(self, figures: Sequence[SlicedFigure]) -> tuple[Sliced, ...]:
        """Returns the figures of the slices by each column; see `slice_figures`.

        Args:
            figures: What to measure, of the same N examples.
        """
        return tuple(
            slice_figures(
                column, np.asarray(values), figures, clusters=self.clusters, fewest=self.fewest
            )
            for column, values in self.columns.items()
        )

"""Figures of the examples that share an attribute, and how far apart they are, in numpy."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.metrics.rounding import rounded
from emo_tf.metrics.slice_samples import Resampling, SliceSamples
from emo_tf.metrics.sliced_figure import SlicedFigure

FEWEST = 30
MOST_VALUES = 50
MEAN = "mean"
"""The label of a mean over labels."""


@dataclass(frozen=True)
class SliceCell:
    """One figure of one slice.

    Attributes:
        value: What the examples of the slice share.
        figure: Name of the figure.
        label: Of what, such as a class; `mean` over labels.
        examples: How many examples it stands on.
        estimate: The figure; `None` where there is no such example.
        low: Lower end of its 95 % interval; `None` where there is none.
        high: Upper end.
        too_few: Whether it stands on fewer examples than were asked for.
    """

    value: str
    figure: str
    label: str
    examples: int
    estimate: float | None
    low: float | None
    high: float | None
    too_few: bool


@dataclass(frozen=True)
class SliceGap:
    """How far a figure is apart between the slice where it is highest and where it is lowest.

    Attributes:
        figure: Name of the figure.
        label: Of what.
        highest: Value of the one slice.
        lowest: Value of the other.
        gap: The difference, 0 or more.
        low: Lower end of the 95 % interval of the difference of these two; `None` where there is
            none.
        high: Upper end.
    """

    figure: str
    label: str
    highest: str
    lowest: str
    gap: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Sliced:
    """The figures of all slices by one column.

    Attributes:
        column: What the examples were told apart by.
        fewest: Examples below which a figure is marked and no gap counted.
        counts: Examples of each slice by value.
        mean_over: The labels that a figure's mean is over, by its name: those that every slice with
            enough examples has.
        cells: Every figure of every slice.
        gaps: Of each figure and label that two slices or more have enough examples of.
    """

    column: str
    fewest: int
    counts: dict[str, int]
    mean_over: dict[str, tuple[str, ...]]
    cells: tuple[SliceCell, ...]
    gaps: tuple[SliceGap, ...]

    def to_dict(self) -> dict[str, object]:
        """Returns all of it in plain types, as JSON takes them."""
        return asdict(self)

    def is_summary(self, one: SliceCell | SliceGap) -> bool:
        """Returns whether a figure tells of a whole slice: a mean over labels, or all there is."""
        return one.label == MEAN or one.figure not in self.mean_over


def slice_figures(
    column: str,
    values: Sequence[str],
    figures: Sequence[SlicedFigure],
    *,
    clusters: Sequence[str] | None = None,
    fewest: int = FEWEST,
) -> Sliced:
    """Measures examples by what they share in a column, with 95 % intervals.

    Shares of single examples have Wilson's intervals, and differences of them Newcombe's; all else
    that of a bootstrap, in which examples of one cluster are drawn together. A gap is that of the
    two slices furthest apart among those with enough examples; its interval does not know that
    they were chosen for it.

    Args:
        column: Name of the column.
        values: What each of N examples has in it.
        figures: What to measure, of the same examples.
        clusters: What examples that are not independent have in common, such as their picture, N
            names; by default each example is on its own.
        fewest: Examples below which a figure is marked and no gap counted.

    Raises:
        EmoError: All examples have one value, or more than 50 are told apart.

    Reference:
        Mitchell et al. 2019, "Model cards for model reporting", section 4.
    """
    values = np.asarray(values, str)
    check_values(column, values)
    rows = {value: np.flatnonzero(values == value) for value in _in_order(values)}
    counts = {value: len(its_rows) for value, its_rows in rows.items()}
    resampling = Resampling(np.arange(len(values)) if clusters is None else np.asarray(clusters))
    mean_over, cells, gaps = {}, [], []
    for figure in figures:
        common = np.all(
            [figure.examples(rows[value]) > 0 for value in rows if counts[value] >= fewest], axis=0
        ) & np.ones(len(figure.labels), bool)
        slices = {
            value: resampling.samples(figure, its_rows, mean_over=common)
            for value, its_rows in rows.items()
        }
        labels = list(enumerate(figure.labels))
        if len(labels) > 1:
            mean_over[figure.name] = tuple(np.array(figure.labels)[common].tolist())
            labels.insert(0, (len(figure.labels), MEAN))
        for place, label in labels:
            of_label = [
                _cell(one, place, value=value, figure=figure.name, label=label, fewest=fewest)
                for value, one in slices.items()
            ]
            cells += of_label
            gaps += _gap([cell for cell in of_label if not cell.too_few], slices, place)
    return Sliced(column, fewest, counts, mean_over, tuple(cells), tuple(gaps))


def check_values(column: str, values: Sequence[str]) -> None:
    """Checks that examples can be told apart by a column.

    Args:
        column: What it is called in messages.
        values: The value of each example.

    Raises:
        EmoError: All of them have one value, or there are more than 50 values.
    """
    found = _in_order(values)
    if len(found) == 1:
        raise EmoError(
            f"{column}: expected a column of two values or more. Received: {found[0]!r} alone"
        )
    if len(found) > MOST_VALUES:
        raise EmoError(
            f"{column}: expected a column of at most {MOST_VALUES} values. "
            f"Received: {len(found):,}, such as {found[0]!r} and {found[-1]!r}"
        )


def _in_order(values: Sequence[str]) -> list[str]:
    """Returns the different values, numbers by what they count and before names."""

    def place(value: str) -> tuple[float, str]:
        return (float(value) if value.isdecimal() else np.inf), value

    return sorted(np.unique(values).tolist(), key=place)


def _cell(
    one: SliceSamples, place: int, *, value: str, figure: str, label: str, fewest: int
) -> SliceCell:
    examples = int(one.examples[place])
    numbers = (rounded(number) for number in (one.estimate[place], *one.interval(place)))
    return SliceCell(value, figure, label, examples, *numbers, examples < fewest)


def _gap(cells: Sequence[SliceCell], slices: dict[str, SliceSamples], place: int) -> list[SliceGap]:
    """Returns the gap of one figure and label, none where less than two slices have it."""
    known = sorted(
        (cell for cell in cells if cell.estimate is not None), key=lambda cell: cell.estimate
    )
    if len(known) < 2:
        return []
    lowest, *_, highest = known
    first, second = slices[highest.value], slices[lowest.value]
    gap = first.estimate[place] - second.estimate[place]
    numbers = (rounded(number) for number in (gap, *first.gap_interval(second, place)))
    return [SliceGap(highest.figure, highest.label, highest.value, lowest.value, *numbers)]

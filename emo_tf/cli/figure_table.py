"""Figures of several verdicts side by side, as verbs print them."""

from collections.abc import Mapping, Sequence

from rich.markup import escape
from rich.table import Table

FIGURES = {
    "accuracy": "accuracy",
    "balanced accuracy": "balanced_accuracy",
    "log loss": "log_loss",
    "ECE": "ece",
}
"""Rows of the table, by the name of what they hold in `groups.rounded_figures`."""

AS_IS = {"markup": False, "soft_wrap": True}
"""How to print a line that may hold names of the user's."""


def plain_table(*columns: str) -> Table:
    """Returns a table without lines, whose first column has no title and others are numbers."""
    table = Table("", box=None, pad_edge=False)
    for name in columns:
        table.add_column(escape(name), justify="right")
    return table


def figure_table(columns: Sequence[str], figures: Sequence[Mapping]) -> Table:
    """Returns a table with a row for each figure, and its 95 % interval in brackets.

    Args:
        columns: Titles, one a verdict.
        figures: What `groups.rounded_figures` returned for each.
    """
    table = plain_table(*columns)
    for title, name in FIGURES.items():
        cells = []
        for one in figures:
            low, high = one["intervals"][name]
            cells.append(f"{one[name]:.3f} ({low:.3f}-{high:.3f})")
        table.add_row(title, *cells)
    return table

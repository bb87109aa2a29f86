"""Rows of a table that are printed while they come."""

from collections.abc import Mapping, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

GAP = 2
"""Cells between two columns."""

_RIGHT = ("face", "person", "track", "start", "end", "%", "score")


class RowPrinter:
    """Prints rows below a name, in columns whose widths are known beforehand.

    Args:
        console: Where to print.
        name_width: Cells of the first column, that of the names; longer ones are folded.
    """

    def __init__(self, console: Console, name_width: int):
        self._console, self._name_width = console, name_width

    def rows(
        self, name: Text, rows: Sequence[Mapping[str, RenderableType]], widths: Mapping[str, int]
    ) -> None:
        """Prints those cells of rows that are in the columns `widths`, the first after `name`.

        Args:
            name: What stands before the first row.
            rows: Cells by the titles of their columns.
            widths: Cells of each column, by title.
        """
        if not rows:
            return
        grid = self._grid()
        for title, width in widths.items():
            justify = "right" if title in _RIGHT else "left"
            grid.add_column(width=width, justify=justify, no_wrap=True)
        for row in rows:
            grid.add_row(name, *(row[title] for title in widths))
            name = Text()
        self._console.print(grid)

    def note(self, name: Text, note: Text) -> None:
        """Prints a line that has no columns after `name`.

        Args:
            name: What stands before the line.
            note: The line.
        """
        grid = self._grid()
        grid.add_column(overflow="fold")
        grid.add_row(name, note)
        self._console.print(grid)

    def _grid(self) -> Table:
        grid = Table.grid(padding=(0, GAP, 0, 0))
        grid.add_column(width=self._name_width, overflow="fold")
        return grid

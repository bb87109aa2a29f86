"""Results as a table on the terminal, printed while they come."""

from collections.abc import Sequence

from rich.bar import Bar
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from emo_tf.results import Face, Group, PhotoResult

GAP = 2
COMFORTABLE_FILE = 32
LONGEST_BAR = 20
WIDTHS = {
    "face": 4,
    "expression": 10,
    "%": 3,
    "": 8,  # the bar
    "score": 5,
    "box (x,y wxh)": 19,
}
DISPENSABLE = ("", "score", "box (x,y wxh)")
RIGHT = ("face", "%", "score")
STYLES = {
    "angry": "red",
    "disgust": "green",
    "fear": "magenta",
    "happy": "yellow",
    "sad": "blue",
    "surprise": "cyan",
    "neutral": "bright_black",
    "negative": "red",
    "positive": "yellow",
}


class ResultTable:
    """Prints one row a face, and a line for the group or the reason why there is none.

    Rows are printed as results come, so the columns are laid out beforehand: those that a narrow
    terminal has no room for are left out, the least important first.

    Args:
        console: Where to print.
        names: The sources that will come, for the width of their column.
    """

    def __init__(self, console: Console, names: Sequence[str]):
        self._console = console
        longest = max(map(cell_len, ("file", *names)))
        comfortable = min(longest, COMFORTABLE_FILE)
        self._widths = {name: width for name, width in WIDTHS.items() if name not in DISPENSABLE}
        room = console.width - sum(width + GAP for width in self._widths.values())
        # The bar is made of block characters.
        dispensable = DISPENSABLE if console.encoding.startswith("utf") else DISPENSABLE[1:]
        for name in dispensable:
            if room - WIDTHS[name] - GAP < comfortable:
                break
            self._widths[name] = WIDTHS[name]
            room -= WIDTHS[name] + GAP
        self._file_width = max(1, min(longest, room))
        if "" in self._widths:
            self._widths[""] += min(LONGEST_BAR - WIDTHS[""], room - self._file_width)
        self._headed = False

    def add(self, result: PhotoResult) -> None:
        """Prints what was found in one picture."""
        if not self._headed:
            self._headed = True
            self._print_faces([Text(name, style="bold") for name in ("file", *self._widths)])
        if result.error is not None:
            error = result.error.removeprefix(f"{result.source}: ")
            self._print_note(result.source, Text(f"error: {error}", style="red"))
        elif not result.faces:
            self._print_note(result.source, Text(result.reason, style="dim"))
        else:
            names = [result.source] + [""] * (len(result.faces) - 1)
            self._print_faces(
                *(
                    [Text(name), *self._cells(index, face)]
                    for index, (name, face) in enumerate(zip(names, result.faces, strict=True))
                )
            )
        if result.group:
            self._print_note("", _verdict(result.group))

    def _cells(self, index: int, face: Face) -> list[RenderableType]:
        x, y, width, height = (round(value) for value in face.box_xywh)
        probability = face.expression.probabilities[face.expression.label]
        style = STYLES[face.expression.label]
        cells = {
            "face": str(index),
            "expression": Text(face.expression.label, style=style),
            "%": f"{100 * probability:.0f}",
            "": Bar(1, 0, probability, color=style),
            "score": f"{face.score:.3f}",
            "box (x,y wxh)": f"{x},{y} {width}x{height}",
        }
        return [cells[name] for name in self._widths]

    def _print_faces(self, *rows: Sequence[RenderableType]) -> None:
        grid = Table.grid(padding=(0, GAP, 0, 0))
        grid.add_column(width=self._file_width, overflow="fold")
        for name, width in self._widths.items():
            justify = "right" if name in RIGHT else "left"
            grid.add_column(width=width, justify=justify, no_wrap=True)
        for row in rows:
            grid.add_row(*row)
        self._console.print(grid)

    def _print_note(self, name: str, note: Text) -> None:
        grid = Table.grid(padding=(0, GAP, 0, 0))
        grid.add_column(width=self._file_width, overflow="fold")
        grid.add_column(overflow="fold")
        grid.add_row(Text(name), note)
        self._console.print(grid)


def _verdict(group: Group) -> Text:
    ranked = sorted(group.probabilities.items(), key=lambda item: -item[1])
    first, *others = (f"{label} {100 * probability:.0f} %" for label, probability in ranked)
    return Text.assemble("group: ", (first, STYLES[group.label]), (f", {', '.join(others)}", "dim"))

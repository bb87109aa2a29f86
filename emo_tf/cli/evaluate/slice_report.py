"""What figures of slices look like on the terminal, and their files."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from emo_tf.cli.figure_table import AS_IS, plain_table
from emo_tf.errors import EmoError
from emo_tf.extras import needing_extra
from emo_tf.metrics.slice_files import write_slices
from emo_tf.metrics.slices import SliceCell, Sliced, SliceGap

SHORT = {
    "accuracy": "accuracy",
    "recall": "mean recall",
    "average_precision": "mean AP",
    "vad_absolute_error": "VAD error",
}
"""What figures of a whole slice are called above a column."""


def write_and_draw_slices(folder: Path, slices: Sequence[Sliced], *, title: str) -> None:
    """Writes the tables of slices and, with matplotlib, a picture a column.

    Args:
        folder: A folder that is there.
        slices: Those by each column.
        title: What is measured, above the pictures.
    """
    write_slices(folder, slices)
    try:
        with needing_extra("groups", what="No pictures", modules=["matplotlib"]):
            from emo_tf.plots import draw_slices
    except EmoError:  # What draws the other figures says so.
        return
    draw_slices(folder, slices, title=title)


def print_slices(console: Console, slices: Sequence[Sliced]) -> None:
    """Prints for each column its slices, and how far apart the figures of each label are.

    Args:
        console: Where to print.
        slices: Those by each column.
    """
    for one in slices:
        console.print()
        console.print(f"By {one.column}, with 95 % intervals", **AS_IS)
        console.print(_slices(one))
        if any(count < one.fewest for count in one.counts.values()):
            console.print(f"* fewer than {one.fewest} examples: no gap is counted.", **AS_IS)
        console.print()
        if not one.gaps:
            console.print(
                f"No gaps: no figure stands on {one.fewest} examples in two slices.", **AS_IS
            )
            continue
        console.print(f"Gaps between the slices by {one.column} that are furthest apart", **AS_IS)
        console.print(_gaps(one))


def _slices(sliced: Sliced) -> Table:
    whole = [cell for cell in sliced.cells if sliced.is_summary(cell)]
    figures = list(dict.fromkeys(cell.figure for cell in whole))
    table = plain_table("examples", *(SHORT[name] for name in figures))
    for value, count in sliced.counts.items():
        by_figure = {cell.figure: cell for cell in whole if cell.value == value}
        mark = "*" if count < sliced.fewest else ""
        table.add_row(
            f"{escape(value)}{mark}", f"{count:,}", *(_shown(by_figure[name]) for name in figures)
        )
    return table


def _gaps(sliced: Sliced) -> Table:
    table = Table("", "", "highest", "lowest", box=None, pad_edge=False)
    table.add_column("gap", justify="right")
    shown = None
    for gap in sorted(sliced.gaps, key=lambda one: _order(sliced, one)):
        figure = "" if gap.figure == shown else gap.figure.replace("_", " ")
        shown = gap.figure
        ends = "" if gap.low is None else f" ({gap.low:.2f} to {gap.high:.2f})"
        table.add_row(
            figure, gap.label, escape(gap.highest), escape(gap.lowest), f"{gap.gap:.3f}{ends}"
        )
    return table


def _order(sliced: Sliced, gap: SliceGap) -> tuple[int, bool, float]:
    """Returns where a gap stands: figure by figure, whole slices first, then the largest."""
    figures = list(dict.fromkeys(cell.figure for cell in sliced.cells))
    return figures.index(gap.figure), not sliced.is_summary(gap), -gap.gap


def _shown(cell: SliceCell) -> str:
    if cell.estimate is None:
        return "-"
    ends = "" if cell.low is None else f" ({cell.low:.2f}-{cell.high:.2f})"
    return f"{cell.estimate:.3f}{ends}"

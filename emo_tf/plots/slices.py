"""Figures of slices side by side, and how sure they are."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emo_tf.metrics.slice_files import slices_picture
from emo_tf.metrics.slices import SliceCell, Sliced
from emo_tf.plots.canvas import (
    BLUE,
    DARK,
    GREEN,
    GREY,
    LARGE,
    LIGHT,
    NORMAL,
    ORANGE,
    SMALL,
    VERMILION,
    name_text,
    new_figure,
    save_figure,
)

_COLOURS = (BLUE, ORANGE, GREEN, VERMILION)
_MARKERS = ("o", "D", "s", "^")
_LONGEST_NAME = 28
_ROW_INCHES = 0.16
_PANEL_INCHES = 0.7


def draw_slices(folder: Path, slices: Sequence[Sliced], *, title: str) -> None:
    """Draws `slices_figure` of each column into a file of its own.

    Args:
        folder: A folder that is there.
        slices: Those by each column.
        title: What is measured, before the column.
    """
    for one in slices:
        figure = slices_figure(one, title=f"{title}, by {one.column}")
        save_figure(figure, folder / slices_picture(one.column))


def slices_figure(sliced: Sliced, *, title: str) -> Figure:
    """Draws each figure with its 95 % interval, a panel a figure.

    Up to four slices stand side by side at each label; of more, a row each, the figures of the
    whole slice are drawn alone. What stands on too few examples is hollow and grey.

    Args:
        sliced: The slices by one column.
        title: What stands above.
    """
    side_by_side = len(sliced.counts) <= len(_COLOURS)
    drawn = [one for one in sliced.cells if side_by_side or sliced.is_summary(one)]
    any_few = any(one.too_few for one in drawn)
    panels = _panels(drawn)
    heights = [_ROW_INCHES * len(next(iter(row.values()))) + _PANEL_INCHES for row in panels]
    figure = new_figure(8.6, sum(heights) + 0.9)
    parts = figure.subfigures(len(panels), squeeze=False, height_ratios=heights)[:, 0]
    for part, row in zip(parts, panels, strict=True):
        every = part.subplots(1, len(row), squeeze=False, sharey=True)[0]
        for axes, (name, cells) in zip(every, row.items(), strict=True):
            _draw_panel(axes, cells, sliced, by_label=side_by_side)
            mean = "" if side_by_side or name not in sliced.mean_over else ", mean"
            axes.set_title(f"{name.replace('_', ' ')}{mean}", fontsize=NORMAL, loc="left")
    if side_by_side:
        handles, names = every[0].get_legend_handles_labels()
        legend = figure.legend(
            handles,
            names,
            loc="outside lower center",
            ncols=len(_COLOURS),
            fontsize=SMALL + 1,
            frameon=False,
        )
        for text in legend.get_texts():
            text.set_parse_math(False)
    few = f"; hollow: fewer than {sliced.fewest} examples" if any_few else ""
    figure.suptitle(f"{title} (95 % intervals{few})", fontsize=LARGE, parse_math=False)
    return figure


def _panels(cells: Sequence[SliceCell]) -> list[dict[str, list[SliceCell]]]:
    """Returns the cells of each figure; those of figures of the same labels side by side."""
    by_figure: dict[str, list[SliceCell]] = {}
    for cell in cells:
        by_figure.setdefault(cell.figure, []).append(cell)
    by_labels: dict[tuple[str, ...], dict[str, list[SliceCell]]] = {}
    for name, its_cells in by_figure.items():
        labels = tuple(dict.fromkeys(cell.label for cell in its_cells))
        by_labels.setdefault(labels, {})[name] = its_cells
    return list(by_labels.values())


def _draw_panel(axes: Axes, cells: Sequence[SliceCell], sliced: Sliced, *, by_label: bool) -> None:
    """Draws one figure: rows are labels with a mark a slice, or slices."""
    values = list(sliced.counts)
    rows = list(dict.fromkeys(cell.label if by_label else cell.value for cell in cells))
    for place, value in enumerate(values):
        colour = _COLOURS[place] if by_label else BLUE
        shift = 0.7 * ((place + 0.5) / len(values) - 0.5) if by_label else 0.0
        marker = _MARKERS[place] if by_label else "o"
        # For the legend: the first mark may be hollow.
        name = f"{name_text(value, longest=_LONGEST_NAME)} ({sliced.counts[value]:,})"
        axes.plot([], [], marker, color=colour, label=name)
        for cell in cells:
            if cell.value == value and cell.estimate is not None:
                row = rows.index(cell.label if by_label else value) + shift
                _draw_cell(axes, cell, row, marker=marker, colour=colour)
    shown = [
        row if by_label else f"{name_text(row, longest=_LONGEST_NAME)} ({sliced.counts[row]:,})"
        for row in rows
    ]
    axes.set_yticks(range(len(rows)), shown, parse_math=False)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(left=-0.02)
    axes.tick_params(labelsize=SMALL + 1, color=GREY, labelcolor=DARK)
    axes.grid(axis="x", color=LIGHT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_cell(axes: Axes, cell: SliceCell, row: float, *, marker: str, colour: str) -> None:
    colour = GREY if cell.too_few else colour
    if cell.low is not None:
        axes.plot([cell.low, cell.high], [row, row], color=colour, linewidth=1.4)
    axes.plot(
        cell.estimate,
        row,
        marker,
        color="white" if cell.too_few else colour,
        markeredgecolor=colour,
        markersize=5,
    )

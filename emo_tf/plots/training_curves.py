"""How figures of training changed from epoch to epoch."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from emo_tf.errors import EmoError
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
)

COLOURS = (BLUE, VERMILION, GREEN, ORANGE, "#CC79A7", "#56B4E9", DARK, "#999999")
"""Of the runs, in their order."""

_STEP, _VALIDATION = "step/", ("validation/", "held_out_")
_LEFT_OUT = ("examples_per_s", "average_precision/")  # figures for TensorBoard alone
_LOSS, _LEARNING_RATE = "loss", "learning_rate"
_COLUMNS, _PANEL_INCHES = 3, (4.3, 2.9)
_OTHER_INCHES = 1.1
_MOST_MARKED = 40
_LONGEST_TITLE, _LONGEST_NAME = 32, 30
_WIDE_RANGE = 20  # ratio above which a learning rate is drawn by its logarithm

Curves = Mapping[str, np.ndarray]


def training_curves_figure(runs: Mapping[str, Curves], *, unit: str = "epoch") -> Figure:
    """Draws a panel for each figure: loss first, then what validation measures, learning rate last.

    A single run shows training in one colour, step by step in the back, and validation in another.
    Of several runs each has its own, training dashed.

    Args:
        runs: By name of a run the curves by name of a figure, shape (N, 2): where on the axis and
            how much. `step/loss` is that of single steps, `validation/loss` or `held_out_loss`
            that of validation; one without a curve of steps is taken for a figure of validation.
        unit: What the axis counts.

    Raises:
        EmoError: There is no run, or there are more than colours.
    """
    if not 0 < len(runs) <= len(COLOURS):
        raise EmoError(f"runs: expected 1 to {len(COLOURS)}. Received: {len(runs)}")
    panels = _panels(runs)
    columns = min(_COLUMNS, max(len(panels), 1))
    rows = math.ceil(max(len(panels), 1) / columns)
    width, height = _PANEL_INCHES
    figure = new_figure(columns * width, rows * height + _OTHER_INCHES)
    all_axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, panel in zip(all_axes, panels, strict=False):
        for colour, curves in zip(COLOURS, runs.values(), strict=False):
            if len(runs) == 1:
                _draw_alone(axes, curves, panel)
            else:
                _draw_beside(axes, curves, panel, colour)
        _frame(axes, panel, unit)
    for axes in all_axes[len(panels) :]:
        axes.remove()
    _legend(figure, runs, panels)
    figure.suptitle(_title(runs, unit), fontsize=LARGE, parse_math=False)
    return figure


def _panels(runs: Mapping[str, Curves]) -> list[str]:
    """Returns what the panels are about, in their order."""
    names = [_about(name) for curves in runs.values() for name in curves]
    found = [name for name in dict.fromkeys(names) if not name.startswith(_LEFT_OUT)]
    return sorted(found, key=lambda name: (name != _LOSS, name == _LEARNING_RATE))


def _about(name: str) -> str:
    for prefix in (_STEP, *_VALIDATION):
        name = name.removeprefix(prefix)
    return name


def _kinds(curves: Curves, panel: str) -> tuple[np.ndarray | None, ...]:
    """Returns the curves of a panel by step, of training and of validation, where there are any."""
    by_step, mean = curves.get(_STEP + panel), curves.get(panel)
    held_out = next((curves[p + panel] for p in _VALIDATION if p + panel in curves), None)
    if by_step is None and panel not in (_LOSS, _LEARNING_RATE):
        mean, held_out = None, mean if held_out is None else held_out
    return by_step, mean, held_out


def _draw_alone(axes: Axes, curves: Curves, panel: str) -> None:
    by_step, mean, held_out = _kinds(curves, panel)
    if panel == _LEARNING_RATE:
        _draw(axes, mean if by_step is None else by_step, COLOURS[0], linewidth=1.5)
        return
    if by_step is not None:
        _draw(axes, by_step, COLOURS[0], linewidth=0.8, alpha=0.3)
    _draw(axes, mean, COLOURS[0], marked=True)
    _draw(axes, held_out, COLOURS[1], marked=True)
    if held_out is not None:
        axes.annotate(
            f"{held_out[-1, 1]:.4g}",
            held_out[-1],
            (6, 0),
            textcoords="offset points",
            va="center",
            size=SMALL,
            color=COLOURS[1],
        )


def _draw_beside(axes: Axes, curves: Curves, panel: str, colour: str) -> None:
    by_step, mean, held_out = _kinds(curves, panel)
    if panel == _LEARNING_RATE or (mean is None and held_out is None):
        _draw(axes, mean if by_step is None else by_step, colour, linewidth=1.5)
        return
    _draw(axes, mean, colour, linestyle="--", linewidth=1.2, alpha=0.8)
    _draw(axes, held_out, colour, marked=True)


def _draw(
    axes: Axes, points: np.ndarray | None, colour: str, *, marked: bool = False, **options
) -> None:
    if points is not None:
        marker = "o" if marked and len(points) <= _MOST_MARKED else None
        options = {"linewidth": 1.8} | options
        axes.plot(*points.T, color=colour, marker=marker, markersize=3.5, **options)


def _frame(axes: Axes, panel: str, unit: str) -> None:
    axes.set_title(panel.replace("_", " ").replace("/", ", "), fontsize=NORMAL)
    axes.set_xlabel(unit.capitalize(), fontsize=SMALL + 1)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    axes.set_xlim(left=0)
    axes.ticklabel_format(useOffset=False)
    drawn = np.concatenate([line.get_ydata() for line in axes.lines] or [np.empty(0)])
    if panel == _LEARNING_RATE and len(drawn) and drawn.min() > 0:
        if drawn.max() > _WIDE_RANGE * drawn.min():
            axes.set_yscale("log")
        else:
            axes.set_ylim(0, 1.08 * drawn.max())
    axes.tick_params(labelsize=SMALL, color=GREY)
    axes.grid(color=LIGHT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _legend(figure: Figure, runs: Mapping[str, Curves], panels: Sequence[str]) -> None:
    kinds = [_kinds(curves, panel) for curves in runs.values() for panel in panels]
    there = [any(kind[index] is not None for kind in kinds) for index in range(3)]
    if len(runs) == 1:
        entries = [
            ("training, step by step", {"color": COLOURS[0], "linewidth": 0.8, "alpha": 0.4}),
            ("training, mean of the epoch", {"color": COLOURS[0], "linewidth": 1.8}),
            ("validation", {"color": COLOURS[1], "linewidth": 1.8}),
        ]
        entries = [entry for entry, is_there in zip(entries, there, strict=True) if is_there]
    else:
        entries = [
            (name, {"color": c, "linewidth": 3}) for name, c in zip(runs, COLOURS, strict=False)
        ]
        styles = (None, ("training", "--"), ("validation", "-"))
        for style, is_there in zip(styles, there, strict=True):
            if style and is_there:
                entries.append((style[0], {"color": GREY, "linestyle": style[1]}))
    legend = figure.legend(
        [Line2D([], [], **options) for _, options in entries],
        [_legend_text(name) for name, _ in entries],
        loc="outside lower center",
        ncols=min(len(entries), 6),
        fontsize=SMALL + 1,
        frameon=False,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def _legend_text(name: str) -> str:
    # Matplotlib leaves out what begins with a low line.
    return name_text(f" {name}" if name.startswith("_") else name, longest=_LONGEST_NAME)


def _title(runs: Mapping[str, Curves], unit: str) -> str:
    if len(runs) > 1:
        return f"{len(runs)} runs"
    ((name, curves),) = runs.items()
    last = max((points[-1, 0] for points in curves.values()), default=0)
    count = math.floor(last + 1e-6)
    return (
        f"{name_text(name, longest=_LONGEST_TITLE)}: {count} {unit if count == 1 else f'{unit}s'}"
    )

"""Accuracy of several sources of verdicts side by side, and how sure it is."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emo_tf.errors import EmoError
from emo_tf.plots.canvas import (
    BLUE,
    DARK,
    GREY,
    LARGE,
    LIGHT,
    NORMAL,
    ORANGE,
    SMALL,
    new_figure,
)

_FIGURES = {"accuracy": ("o", BLUE, -0.16), "balanced_accuracy": ("D", ORANGE, 0.16)}
"""Marker, colour and distance from the middle of the row, by what is drawn."""

_ROW_INCHES = 0.62
_VALUE_X = 1.02  # beside the axes, whose width is 1


def accuracy_intervals_figure(
    figures: Mapping[str, Mapping[str, float]],
    intervals: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    title: str,
    chance: float | None = None,
) -> Figure:
    """Draws accuracy and balanced accuracy of each source with their 95 % intervals.

    Args:
        figures: `accuracy` and `balanced_accuracy`, 0 to 1, by name of a source; at least one.
        intervals: The lower and upper end of each figure, by the same names.
        title: What stands above.
        chance: What guessing would reach, drawn as a line.

    Raises:
        EmoError: There is no source, or none of that name among the intervals.
    """
    if not figures or set(figures) != set(intervals):
        raise EmoError(
            "figures: expected one source at least, those of the intervals. Received: "
            f"{', '.join(figures) or 'none'}, with intervals of {', '.join(intervals) or 'none'}"
        )
    figure = new_figure(7.6, _ROW_INCHES * len(figures) + 2.0)
    axes = figure.add_subplot()
    for name, (marker, colour, shift) in _FIGURES.items():
        for row, source in enumerate(figures):
            value, (lower, upper) = figures[source][name], intervals[source][name]
            axes.plot([lower, upper], [row + shift] * 2, color=colour, linewidth=2.4)
            axes.plot(
                value,
                row + shift,
                marker,
                color=colour,
                markersize=8,
                markeredgecolor="white",
                linestyle="none",
                label=None if row else f"{name.replace('_', ' ')} (95 % interval)",
            )
            axes.text(
                _VALUE_X,
                row + shift,
                f"{100 * value:.1f} %  ({100 * lower:.1f} to {100 * upper:.1f})",
                transform=axes.get_yaxis_transform(),
                va="center",
                size=SMALL,
                color=DARK,
            )
    if chance is not None:
        axes.axvline(chance, color=GREY, linestyle="--", linewidth=1.1, zorder=1, label="by chance")
    _frame(axes, list(figures))
    figure.legend(loc="outside lower center", ncols=3, fontsize=SMALL + 1, frameon=False)
    figure.suptitle(title, fontsize=LARGE)
    return figure


def _frame(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(0, 1.02)
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    axes.tick_params(labelsize=NORMAL, color=GREY)
    axes.grid(axis="x", color=LIGHT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)

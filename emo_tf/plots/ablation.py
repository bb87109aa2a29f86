"""Average precision of several models by category."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emo_tf.errors import EmoError
from emo_tf.metrics.average_precision import mean_over_categories
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
    new_figure,
)

_MARKERS = (("s", ORANGE), ("^", GREEN), ("D", VERMILION))
_FULL_MARKER = ("o", BLUE)
_ROW_INCHES = 0.27
_GAIN_X = 1.08  # beside the axes, whose width is 1


def ablation_figure(average_precision: Mapping[str, Mapping[str, float | None]]) -> Figure:
    """Draws the average precision of each model, a row for each category.

    Rows are sorted by the gain of the full model on the best of the others, which is written
    beside them in points. Categories without a positive example come last.

    Args:
        average_precision: By name of a model (`B`, `I`, `B+I`), then by category, 0 to 1, NaN or
            None for a category without a positive example; two to four models, the full one last.

    Raises:
        EmoError: There are more or fewer models, or they do not have the same categories.
    """
    _check(average_precision)
    models = list(average_precision)
    categories = list(average_precision[models[0]])
    values = np.array(
        [[average_precision[model][name] for name in categories] for model in models], float
    )  # (models, categories), None becomes NaN
    gains = values[-1] - values[:-1].max(axis=0)
    order = np.argsort(-gains, kind="stable")  # NaN last
    figure = new_figure(8.6, _ROW_INCHES * len(order) + 1.7)
    axes = figure.add_subplot()
    for row, index in enumerate(order):
        _draw_row(axes, row, values[:, index], gain=gains[index])
    markers = (*_MARKERS[: len(models) - 1], _FULL_MARKER)
    for drawn, (model, row_values) in enumerate(zip(models, values, strict=True)):
        marker, colour = markers[drawn]
        axes.plot(
            row_values[order],
            range(len(order)),
            marker,
            color=colour,
            markersize=9 - drawn,  # equal marks show behind one another
            markeredgecolor="white",
            label=f"{model} (mAP {mean_over_categories(row_values):.3f})",
        )
    _frame(axes, [categories[index] for index in order])
    axes.set_xlim(0, 1.05 * np.nanmax(values, initial=0.05))
    figure.legend(loc="outside lower center", ncols=len(models), fontsize=NORMAL, frameon=False)
    known = gains[np.isfinite(gains)]
    figure.suptitle(
        f"{models[-1]} has the best average precision in {(known > 0).sum()} of {known.size} "
        "categories",
        fontsize=LARGE,
    )
    return figure


def _check(average_precision: Mapping[str, Mapping[str, float | None]]) -> None:
    if not 2 <= len(average_precision) <= len(_MARKERS) + 1:
        raise EmoError(
            f"average_precision: expected two to {len(_MARKERS) + 1} models. "
            f"Received: {', '.join(average_precision) or 'none'}"
        )
    (first, expected), *others = average_precision.items()
    for model, by_category in others:
        odd = set(expected) ^ set(by_category)
        if odd:
            raise EmoError(
                f"average_precision: expected the same categories for {first} and {model}. "
                f"Received: {', '.join(sorted(odd))} for one of them alone"
            )


def _draw_row(axes: Axes, row: int, values: np.ndarray, *, gain: float) -> None:
    """Draws all of a category but the marks of the models."""
    beside = axes.get_yaxis_transform()
    if np.isnan(gain):
        axes.text(
            0.01,
            row,
            "no positive example",
            transform=beside,
            va="center",
            size=SMALL + 1,
            color=GREY,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
        return
    axes.plot([values.min(), values.max()], [row, row], color=GREY, linewidth=1.2, zorder=1)
    axes.text(
        _GAIN_X,
        row,
        f"{100 * gain:+.1f}".replace("-", "−"),
        transform=beside,
        va="center",
        ha="right",
        size=SMALL + 1,
    )


def _frame(axes: Axes, categories: list[str]) -> None:
    axes.set_yticks(range(len(categories)), categories)
    axes.set_ylim(len(categories) - 0.4, -0.6)
    axes.set_xlabel("Average precision", fontsize=NORMAL)
    axes.text(
        _GAIN_X,
        1.01,
        "gain on the\nbest other\n(points)",
        transform=axes.transAxes,
        ha="right",
        color=DARK,
        size=SMALL + 1,
    )
    axes.tick_params(labelsize=SMALL + 1, color=GREY)
    axes.grid(color=LIGHT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)

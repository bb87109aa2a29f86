"""Which categories are predicted of people who carry which label."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from emo_tf.metrics.checks import binary_matrix, check_same_shape
from emo_tf.plots.canvas import (
    GREY,
    LARGE,
    LIGHT,
    NORMAL,
    SMALL,
    VERMILION,
    labels_by_name,
    new_figure,
    people_text,
)

_CELL_INCHES = 0.31
_DARK_FROM = 0.5  # of the colour scale: letters are white on darker cells


def confusion_figure(labels: np.ndarray, predicted: np.ndarray, *, names: Sequence[str]) -> Figure:
    """Draws, for the people who carry each label, the share predicted to show each category.

    People carry several labels and get several predictions, so rows do not add up to 100 %. The
    framed diagonal is the recall. A category that is predicted of many fills its whole column;
    the last row, everybody, says how often each is predicted at all.

    Args:
        labels: 0 and 1 of shape (N, C).
        predicted: 0 and 1 of shape (N, C), e.g. of `emo_tf.metrics.thresholds.predictions`.
        names: Names of the C categories.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.
    """
    labels, predicted = labels_by_name(labels, names), binary_matrix("predicted", predicted)
    check_same_shape(labels=labels, predicted=predicted)
    counts = [*labels.sum(axis=0), len(labels)]
    rows = np.vstack([labels.T, np.ones(len(labels), bool)]).astype(float)
    with np.errstate(invalid="ignore"):
        shares = rows @ predicted / rows.sum(axis=1, keepdims=True)  # (C + 1, C), NaN for nobody
    side = max(_CELL_INCHES * len(names), 2.0)
    figure = new_figure(side + 3.4, side + 2.4)
    axes = figure.add_subplot()
    mesh = axes.imshow(
        np.ma.masked_invalid(100 * shares), cmap="Blues", vmin=0, vmax=100, aspect="equal"
    )
    _write_cells(axes, shares)
    for index in range(len(names)):
        axes.add_patch(
            Rectangle((index - 0.5, index - 0.5), 1, 1, fill=False, edgecolor=VERMILION, lw=1.4)
        )
    axes.axhline(len(names) - 0.5, color=GREY, linewidth=1.5)
    axes.set_facecolor(LIGHT)
    row_names = [
        f"{name} ({count:,})" for name, count in zip([*names, "Everybody"], counts, strict=True)
    ]
    _name_ticks(axes, row_names, names)
    bar = figure.colorbar(mesh, ax=axes, shrink=0.6, pad=0.02)
    bar.ax.tick_params(labelsize=SMALL + 1)
    bar.set_label("Share of the row's people (%)", fontsize=NORMAL)
    figure.suptitle(
        f"Categories predicted, by annotated label ({people_text(len(labels))})\n"
        "framed: recall; grey: nobody carries the label",
        fontsize=LARGE,
    )
    return figure


def _write_cells(axes: Axes, shares: np.ndarray) -> None:
    for (row, column), share in np.ndenumerate(shares):
        if np.isfinite(share):
            cell = axes.text(
                column,
                row,
                f"{100 * share:.0f}",
                ha="center",
                va="center",
                size=SMALL - 1,
                color="white" if share > _DARK_FROM else "black",
            )
            cell.set_in_layout(False)  # it lies inside its cell: asking each would take seconds


def _name_ticks(axes: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    axes.set_xticks(range(len(columns)), columns, rotation=55, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(labelsize=SMALL + 1, color=GREY)
    axes.set_xlabel("Predicted", fontsize=NORMAL)
    axes.set_ylabel("Annotated (people)", fontsize=NORMAL)
    axes.spines[:].set_visible(False)

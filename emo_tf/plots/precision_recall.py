"""Precision against recall, a panel for each category."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emo_tf.metrics.average_precision import (
    PrecisionRecall,
    average_precision,
    mean_over_categories,
    precision_recall_curves,
)
from emo_tf.plots.canvas import (
    BLUE,
    DARK,
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

_MOST_COLUMNS = 7
_PANEL_INCHES = (2.1, 1.95)


def precision_recall_figure(
    labels: np.ndarray, scores: np.ndarray, *, names: Sequence[str]
) -> Figure:
    """Draws precision against recall of each category, beside what guessing would give.

    Each panel has the average precision (AP) in its title and the prevalence, which is the
    precision of guessing, as a dashed line. A category without a positive example says so.

    Args:
        labels: 0 and 1 of shape (N, C).
        scores: Any finite numbers of shape (N, C), larger for the more certain.
        names: Names of the C categories.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.
    """
    labels = labels_by_name(labels, names)
    curves = precision_recall_curves(labels, scores)
    areas = average_precision(labels, scores)
    columns = min(_MOST_COLUMNS, len(names))
    rows = math.ceil(len(names) / columns)
    width, height = _PANEL_INCHES
    figure = new_figure(max(width * columns, 9.5) + 0.4, height * rows + 1.2)
    for index, (name, curve, area) in enumerate(zip(names, curves, areas, strict=True)):
        axes = figure.add_subplot(rows, columns, index + 1)
        _frame(axes, is_left=index % columns == 0, is_lowest=index + columns >= len(names))
        prevalence = labels[:, index].mean()
        if curve is None:
            axes.set_title(f"{name}\nAP unknown", fontsize=SMALL + 1, color=GREY)
            axes.grid(False)
            axes.text(
                0.5, 0.5, "no positive\nexample", ha="center", va="center", color=GREY, size=NORMAL
            )
        else:
            axes.set_title(
                f"{name}\nAP {area:.3f}, prevalence {prevalence:.3f}", fontsize=SMALL + 1
            )
            _draw(axes, curve, prevalence)
    figure.suptitle(_title(areas, len(labels)), x=0.005, ha="left", fontsize=LARGE)
    figure.supxlabel("Recall", fontsize=NORMAL + 1)
    figure.supylabel("Precision", fontsize=NORMAL + 1)
    handles = {
        line.get_label(): line for axes in figure.axes for line in axes.get_lines()
    }  # the same two in every panel
    if handles:
        figure.legend(
            handles=list(handles.values()),
            loc="outside upper right",
            ncols=2,
            fontsize=NORMAL,
            frameon=False,
        )
    return figure


def _frame(axes: Axes, *, is_left: bool, is_lowest: bool) -> None:
    axes.set(xlim=(0, 1.01), ylim=(0, 1.03), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    axes.tick_params(
        labelsize=SMALL, labelleft=is_left, labelbottom=is_lowest, color=GREY, labelcolor=DARK
    )
    axes.grid(color=LIGHT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _draw(axes: Axes, curve: PrecisionRecall, prevalence: float) -> None:
    # Recall falls along the curve: each precision holds down to the next recall.
    axes.plot(
        curve.recall,
        curve.precision,
        drawstyle="steps-post",
        color=BLUE,
        linewidth=1.4,
        label="model",
    )
    axes.axhline(
        prevalence, color=VERMILION, linewidth=1.2, linestyle="--", label="guessing (prevalence)"
    )


def _title(areas: np.ndarray, people: int) -> str:
    known = int(np.isfinite(areas).sum())
    share = str(known) if known == len(areas) else f"{known} of {len(areas)}"
    return (
        f"Precision and recall: mAP {mean_over_categories(areas):.3f} "
        f"({share} categories, {people_text(people)})"
    )

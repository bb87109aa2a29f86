"""How often pictures of each class were taken for which."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from emo_tf.errors import EmoError
from emo_tf.plots.canvas import GREY, LARGE, LIGHT, NORMAL, SMALL, new_figure

_CELL_WIDTH, _CELL_HEIGHT = 1.25, 0.95
_DARK_FROM = 0.6  # of the colour scale: letters are white on darker cells


def class_confusion_figure(
    counts: np.ndarray, *, actual: Sequence[str], predicted: Sequence[str], title: str
) -> Figure:
    """Draws how many examples of each class got which verdict, and which share of the class.

    Args:
        counts: Shape (C, P), rows the true classes, columns the verdicts.
        actual: Names of the C classes.
        predicted: Names of the P verdicts, such as the classes and `no verdict`.
        title: What stands above.

    Raises:
        EmoError: The counts are of another shape, or negative.
    """
    counts = np.asarray(counts)
    if counts.shape != (len(actual), len(predicted)) or (counts < 0).any():
        raise EmoError(
            f"counts: expected shape ({len(actual)}, {len(predicted)}), 0 or more. "
            f"Received: {counts.tolist()}"
        )
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
    figure = new_figure(_CELL_WIDTH * len(predicted) + 2.6, _CELL_HEIGHT * len(actual) + 1.7)
    axes = figure.add_subplot()
    axes.set_facecolor(LIGHT)
    mesh = axes.imshow(
        np.ma.masked_invalid(100 * shares), cmap="Blues", vmin=0, vmax=100, aspect="auto"
    )
    for (row, column), share in np.ndenumerate(shares):
        if np.isfinite(share):
            axes.text(
                column,
                row,
                f"{counts[row, column]:,}\n{100 * share:.0f} %",
                ha="center",
                va="center",
                size=NORMAL,
                color="white" if share > _DARK_FROM else "black",
            )
    axes.set_xticks(range(len(predicted)), predicted)
    rows = [f"{name}\n({total:,})" for name, total in zip(actual, totals[:, 0], strict=True)]
    axes.set_yticks(range(len(actual)), rows)
    axes.tick_params(labelsize=NORMAL, length=0)
    axes.set_xlabel("Verdict", fontsize=NORMAL)
    axes.set_ylabel("True class", fontsize=NORMAL)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(mesh, ax=axes, pad=0.02, aspect=30)
    bar.ax.tick_params(labelsize=SMALL + 1, color=GREY)
    bar.outline.set_visible(False)
    bar.set_label("Share of the class (%)", fontsize=NORMAL)
    figure.suptitle(title, fontsize=LARGE)
    return figure

"""Whether probabilities keep what they promise."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emo_tf.errors import EmoError
from emo_tf.metrics.classification import reliability_bins
from emo_tf.plots.canvas import (
    BLUE,
    DARK,
    GREY,
    LARGE,
    LIGHT,
    NORMAL,
    SMALL,
    VERMILION,
    new_figure,
)

_BINS = 15


def reliability_figure(probabilities: np.ndarray, labels: np.ndarray, *, title: str) -> Figure:
    """Draws accuracy against confidence in 15 equal bins, and how many pictures each bin holds.

    Confidence is the top probability. Bars that end at the diagonal keep what they promise; where
    they stay below, the model is too sure. The gap is drawn from the bin's mean confidence to its
    accuracy, and bins without a picture are empty.

    Args:
        probabilities: Shape (N, C), rows that add up to 1; N may be 0.
        labels: True class indices of shape (N,).
        title: What stands above, before the expected calibration error.

    Raises:
        EmoError: There is not a label for each row.

    Reference:
        Guo et al. 2017, "On calibration of modern neural networks", figure 1.
    """
    probabilities, labels = np.asarray(probabilities, float), np.asarray(labels, int)
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1]:
        raise EmoError(
            "probabilities: expected shape (N, C), and labels (N,). "
            f"Received: {probabilities.shape} and {labels.shape}"
        )
    return binned_reliability_figure(
        *reliability_bins(probabilities, labels, bins=_BINS), title=title
    )


def binned_reliability_figure(
    counts: np.ndarray, confidence: np.ndarray, correct: np.ndarray, *, title: str
) -> Figure:
    """Draws what `reliability_figure` does, from what the bins hold.

    Args:
        counts: Pictures in each of equal bins on 0 to 1, of shape (bins,).
        confidence: The sums of their top probabilities, (bins,).
        correct: How many of them were right, (bins,).
        title: What stands above, before the expected calibration error.
    """
    figure = new_figure(6.6, 6.4)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    if counts.any():
        _draw_bins(above, counts, confidence, correct)
        _draw_counts(below, counts)
        error = f"ECE {np.abs(correct - confidence).sum() / counts.sum():.3f}"
    else:
        error = "no verdict"
    _frame(above, below)
    # Above a sure and right model's bars there is no room for it.
    figure.legend(loc="outside lower center", ncols=3, fontsize=SMALL + 1, frameon=False)
    figure.suptitle(f"{title}: {error} ({len(counts)} bins)", fontsize=LARGE)
    return figure


def _draw_bins(axes: Axes, counts: np.ndarray, confidence: np.ndarray, correct: np.ndarray) -> None:
    there, width = np.flatnonzero(counts), 1 / len(counts)
    mean_confidence, accuracy = (sums[there] / counts[there] for sums in (confidence, correct))
    axes.bar(
        there * width,
        accuracy,
        width=width,
        align="edge",
        color=BLUE,
        edgecolor="white",
        label="accuracy",
    )
    axes.vlines(mean_confidence, accuracy, mean_confidence, color=VERMILION, linewidth=2.2)
    axes.plot(
        mean_confidence,
        mean_confidence,
        "o",
        color=VERMILION,
        markersize=6,
        markeredgecolor="white",
        label="mean confidence and its gap",
    )


def _draw_counts(axes: Axes, counts: np.ndarray) -> None:
    there, width = np.flatnonzero(counts), 1 / len(counts)
    bars = axes.bar(
        there * width,
        counts[there],
        width=width,
        align="edge",
        color=GREY,
        edgecolor="white",
    )
    axes.bar_label(bars, fmt="{:,.0f}", fontsize=SMALL, padding=1)
    axes.set_ylim(0, 1.25 * counts.max())


def _frame(above: Axes, below: Axes) -> None:
    above.plot(
        [0, 1], [0, 1], color=DARK, linestyle="--", linewidth=1.1, label="accuracy = confidence"
    )
    above.set(xlim=(0, 1.005), ylim=(0, 1.02))
    above.set_ylabel("Accuracy", fontsize=NORMAL)
    below.set_xlabel("Confidence: the top probability", fontsize=NORMAL)
    below.set_ylabel("Pictures", fontsize=NORMAL)
    below.yaxis.get_major_locator().set_params(integer=True, nbins=3)
    for axes in (above, below):
        axes.tick_params(labelsize=SMALL + 1, color=GREY)
        axes.grid(color=LIGHT, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)

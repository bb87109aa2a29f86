"""Predicted against annotated valence, arousal and dominance."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from emo_tf.labels import VAD
from emo_tf.metrics.vad import concordance_correlation_coefficient, mean_absolute_error
from emo_tf.plots.canvas import (
    DARK,
    LARGE,
    NORMAL,
    SMALL,
    VERMILION,
    new_figure,
    people_text,
    vad_pairs,
)

_LOWEST, _HIGHEST = 1, 10
# Cells of the density, in points of the scale; people annotate in whole or half points.
_ANNOTATED_EDGES = np.arange(_LOWEST - 0.25, _HIGHEST + 0.5, 0.5)
_PREDICTED_EDGES = np.arange(_LOWEST - 0.125, _HIGHEST + 0.25, 0.25)


def calibration_figure(vad_labels: np.ndarray, vad: np.ndarray) -> Figure:
    """Draws how many people have which annotated and predicted value, and the mean prediction.

    A model that is well calibrated keeps to the diagonal; one that plays safe predicts the same
    for all, and its mean predictions lie flat. Predictions beyond the scale are drawn at its end.

    Args:
        vad_labels: Annotated valence, arousal and dominance of shape (N, 3), 1 to 10.
        vad: Predicted ones of shape (N, 3), 1 to 10.

    Raises:
        EmoError: The arrays do not hold what is said above, or hold nobody.
    """
    vad_labels, vad = vad_pairs(vad_labels, vad)
    errors = mean_absolute_error(vad_labels, vad)
    concordances = concordance_correlation_coefficient(vad_labels, vad)
    densities = [
        np.histogram2d(
            *(np.clip(values[:, d], _LOWEST, _HIGHEST) for values in (vad_labels, vad)),
            bins=(_ANNOTATED_EDGES, _PREDICTED_EDGES),
        )[0]
        for d in range(len(VAD))
    ]
    # From below 1, so that a single person is not drawn white.
    norm = LogNorm(vmin=0.3, vmax=max(10, np.max(densities)))
    figure = new_figure(12.4, 4.8)
    panels = figure.subplots(1, len(VAD), sharey=True)
    for d, axes in enumerate(panels):
        mesh = axes.pcolormesh(
            _ANNOTATED_EDGES,
            _PREDICTED_EDGES,
            np.ma.masked_equal(densities[d].T, 0),
            norm=norm,
            cmap="Blues",
        )
        _draw_means(axes, vad_labels[:, d], vad[:, d])
        _frame(axes)
        axes.set_title(
            f"{VAD[d].capitalize()}: MAE {errors[d]:.2f}, CCC {concordances[d]:.2f}",
            fontsize=NORMAL + 1,
        )
    panels[0].set_ylabel("Predicted", fontsize=NORMAL)
    panels[0].legend(loc="upper left", fontsize=SMALL + 1, framealpha=0.9)
    bar = figure.colorbar(mesh, ax=panels, pad=0.01, aspect=30)
    bar.ax.set_ylim(bottom=0.9)
    bar.ax.tick_params(labelsize=SMALL + 1)
    bar.ax.yaxis.set_major_formatter("{x:,.0f}")
    bar.set_label("People", fontsize=NORMAL)
    figure.suptitle(
        "Apparent valence, arousal and dominance, predicted against annotated "
        f"({people_text(len(vad))})",
        fontsize=LARGE,
    )
    return figure


def _draw_means(axes: Axes, annotated: np.ndarray, predicted: np.ndarray) -> None:
    """Draws the diagonal, and the mean prediction for each whole annotated value."""
    axes.plot(
        [_LOWEST, _HIGHEST],
        [_LOWEST, _HIGHEST],
        color=DARK,
        linestyle="--",
        linewidth=1.1,
        path_effects=[withStroke(linewidth=2.5, foreground="white")],  # it crosses dark cells
        label="predicted = annotated",
    )
    nearest = np.rint(annotated)
    values = np.unique(nearest)
    means = [predicted[nearest == value].mean() for value in values]
    axes.plot(
        values,
        np.clip(means, _LOWEST, _HIGHEST),
        color=VERMILION,
        marker="o",
        markersize=6,
        markeredgecolor="white",
        linewidth=1.6,
        label="mean prediction",
    )


def _frame(axes: Axes) -> None:
    ticks = range(_LOWEST, _HIGHEST + 1)
    limits = (_LOWEST - 0.3, _HIGHEST + 0.3)
    axes.set(xlim=limits, ylim=limits, xticks=ticks, yticks=ticks, aspect="equal")
    axes.set_xlabel("Annotated", fontsize=NORMAL)
    axes.tick_params(labelsize=SMALL + 1)
    axes.spines[["top", "right"]].set_visible(False)

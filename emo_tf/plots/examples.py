"""Pictures of people beside what is annotated and what is predicted of them."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from emo_tf.errors import EmoError
from emo_tf.labels import VAD
from emo_tf.metrics.checks import check_same_shape, matrix
from emo_tf.metrics.thresholds import predictions
from emo_tf.plots.canvas import (
    BLUE,
    DARK,
    GREY,
    LARGE,
    SMALL,
    VERMILION,
    labels_by_name,
    new_figure,
    vad_pairs,
)

_MOST_COLUMNS = 3
_CELL_INCHES = (4.8, 2.75)
_MOST_CATEGORIES = 9
_LINE = 0.066  # height of a line of text, as a share of its panel
_BOTH, _MISSED, _WRONG = ("✓", BLUE), ("○", GREY), ("✗", VERMILION)


def examples_figure(
    scenes: Sequence[np.ndarray],
    boxes: np.ndarray,
    labels: np.ndarray,
    scores: np.ndarray,
    thresholds: np.ndarray,
    vad_labels: np.ndarray,
    vad: np.ndarray,
    *,
    names: Sequence[str],
) -> Figure:
    """Draws scenes with the person's box, and the person's labels and predictions beside them.

    A tick marks a category that is annotated and predicted, a ring one that is annotated alone, a
    cross one that is predicted alone; the score stands after it, the highest first.

    Args:
        scenes: N upright RGB pictures, each of shape (H, W, 3), 0 to 255.
        boxes: Shape (N, 4), where the person is in the scene: left edge, upper edge, width and
            height as shares of its width and height.
        labels: Annotated categories, 0 and 1 of shape (N, C).
        scores: Any finite numbers of shape (N, C), larger for the more certain.
        thresholds: Shape (C,); a category is predicted strictly above its threshold, never where
            that is NaN.
        vad_labels: Annotated valence, arousal and dominance of shape (N, 3), 1 to 10.
        vad: Predicted ones of shape (N, 3), 1 to 10.
        names: Names of the C categories.

    Raises:
        EmoError: The arrays do not hold what is said above, or not the same number of people.
    """
    labels, scores = labels_by_name(labels, names), matrix("scores", scores)
    check_same_shape(labels=labels, scores=scores)
    vad_labels, vad = vad_pairs(vad_labels, vad)
    boxes = _checked_boxes(boxes)
    for name, values in (("scenes", scenes), ("boxes", boxes), ("vad_labels", vad_labels)):
        if len(values) != len(labels):
            raise EmoError(
                f"{name}: expected {len(labels)} people, as labels has. Received: {len(values)}"
            )
    predicted = predictions(scores, thresholds)
    columns = min(_MOST_COLUMNS, len(scenes))
    rows = math.ceil(len(scenes) / columns)
    width, height = _CELL_INCHES
    figure = new_figure(max(width * columns, 8.0), height * rows + 0.5)
    panels = figure.subplots(rows, 2 * columns, squeeze=False, width_ratios=[1.25, 1] * columns)
    figure.get_layout_engine().set(h_pad=0.12)
    for axes in panels.flat:
        axes.set_axis_off()
    for index, (picture, text) in enumerate(panels.reshape(-1, 2)[: len(scenes)]):
        _draw_person(picture, np.asarray(scenes[index]), boxes[index])
        _write_categories(
            text, names, labels[index], scores=scores[index], predicted=predicted[index]
        )
        _write_vad(text, vad_labels[index], vad[index])
    figure.suptitle(
        "✓ annotated and predicted    ○ annotated alone    ✗ predicted alone    in brackets: score",
        fontsize=LARGE - 1,
    )
    return figure


def _checked_boxes(boxes: np.ndarray) -> np.ndarray:
    boxes = matrix("boxes", boxes)
    if boxes.shape[1] != 4:
        raise EmoError(f"boxes: expected four numbers each. Received: {boxes.shape[1]}")
    return boxes


def _draw_person(axes: Axes, scene: np.ndarray, box: np.ndarray) -> None:
    if scene.ndim != 3 or scene.shape[2] != 3:
        raise EmoError(f"scenes: expected shape (H, W, 3). Received: {scene.shape}")
    height, width = scene.shape[:2]
    axes.set_anchor("NE")  # beside the first line of the text
    axes.imshow(np.clip(np.rint(scene), 0, 255).astype(np.uint8))
    x, y, box_width, box_height = box * [width, height, width, height]
    for colour, line_width in (("white", 4), (VERMILION, 2)):
        axes.add_patch(
            Rectangle(
                (x - 0.5, y - 0.5),
                box_width,
                box_height,
                fill=False,
                edgecolor=colour,
                linewidth=line_width,
            )
        )


def _write_categories(
    axes: Axes,
    names: Sequence[str],
    labels: np.ndarray,
    *,
    scores: np.ndarray,
    predicted: np.ndarray,
) -> None:
    named = [index for index in np.argsort(-scores) if labels[index] or predicted[index]]
    for line, index in enumerate(named[:_MOST_CATEGORIES]):
        mark, colour = (_BOTH if predicted[index] else _MISSED) if labels[index] else _WRONG
        _write(axes, line, f"{mark} {names[index]} ({scores[index]:.2f})", colour=colour)
    if len(named) > _MOST_CATEGORIES:
        _write(axes, _MOST_CATEGORIES, f"and {len(named) - _MOST_CATEGORIES} more", colour=GREY)


def _write_vad(axes: Axes, annotated: np.ndarray, predicted: np.ndarray) -> None:
    first = _MOST_CATEGORIES + 1.5
    _write(axes, first, "annotated → predicted", colour=GREY)
    for line, (name, truth, value) in enumerate(zip(VAD, annotated, predicted, strict=True)):
        text = f"{name.capitalize()} {truth:.1f} → {value:.1f}"
        _write(axes, first + 1 + line, text, colour=DARK)


def _write(axes: Axes, line: float, text: str, *, colour: str) -> None:
    axes.text(
        0.0,
        1 - _LINE * line,
        text,
        transform=axes.transAxes,
        va="top",
        size=SMALL + 1,
        color=colour,
    ).set_in_layout(False)

"""What the figures have in common: sheets, colours, checks, and the way out.

Figures are made without pyplot and change none of matplotlib's settings, so that any thread of
any program can make them.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from emo_tf.errors import EmoError
from emo_tf.files import replace_whole
from emo_tf.labels import VAD
from emo_tf.metrics.checks import binary_matrix, check_same_shape, matrix

BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
"""Colours that people with a colour vision deficiency tell apart (Okabe and Ito 2008)."""

DARK, GREY, LIGHT = "#222222", "#666666", "#DDDDDD"

SMALL, NORMAL, LARGE = 8, 10, 13
"""Sizes of letters in points."""

_DOTS_PER_INCH = 120


def new_figure(width: float, height: float) -> Figure:
    """Returns an empty white sheet, `width` x `height` inches, on which nothing will overlap."""
    figure = Figure((width, height), dpi=_DOTS_PER_INCH, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Figure, path: Path) -> None:
    """Writes a `figure` as a PNG file, `path`, whole or not at all; makes its folder if need be."""
    with replace_whole(path) as temporary:
        figure.savefig(temporary, format="png")


def figure_pixels(figure: Figure) -> np.ndarray:
    """Returns a figure as it looks, uint8 RGB of shape (H, W, 3)."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]


def labels_by_name(labels: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Returns labels as bool of shape (N, C).

    Args:
        labels: 0 and 1 of shape (N, C).
        names: Names of the C columns.

    Raises:
        EmoError: The labels are something else, or there are not as many names as columns.
    """
    labels = binary_matrix("labels", labels)
    if labels.shape[1] != len(names):
        raise EmoError(
            f"names: expected one for each of {labels.shape[1]} columns. Received: {len(names)}"
        )
    return labels


def vad_pairs(vad_labels: np.ndarray, vad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns annotated and predicted values as float64 of shape (N, 3).

    Args:
        vad_labels: Annotated values, shape (N, 3).
        vad: Predicted values, shape (N, 3).

    Raises:
        EmoError: They are not numbers, or not of that shape.
    """
    vad_labels, vad = matrix("vad_labels", vad_labels), matrix("vad", vad)
    check_same_shape(vad_labels=vad_labels, vad=vad)
    if vad.shape[1] != len(VAD):
        raise EmoError(
            f"vad_labels: expected {len(VAD)} columns, {VAD[0]} to {VAD[-1]}. "
            f"Received: {vad.shape[1]}"
        )
    return vad_labels, vad


def people_text(count: int) -> str:
    """Returns `1 person`, `7,203 people`."""
    return "1 person" if count == 1 else f"{count:,} people"


def name_text(name: str, *, longest: int) -> str:
    """Returns a name as it can be drawn: `...` and the end of a long one, `?` for strange letters.

    Text that holds a name is to be drawn with `parse_math=False`, for it may hold `$`.

    Args:
        name: The name.
        longest: Most letters of it that are drawn.
    """
    if len(name) > longest:
        name = f"...{name[3 - longest :]}"
    font = get_font(findfont(FontProperties()))
    return "".join(letter if font.get_char_index(ord(letter)) else "?" for letter in name)

"""How far a training run is, on the terminal."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emo_tf.training.reports import EpochReport, Progress

_CLEAR = "\r\x1b[K"
_SHORT = {
    "accuracy": "accuracy",
    "held_out_accuracy": "held out",
    "loss/categories": "categories",
    "loss/vad": "VAD",
    "validation/loss": "validation",
    "validation/accuracy": "held out",
    "validation/mean_average_precision": "mAP",
    "validation/vad_mean_absolute_error": "VAD error",
}
"""What the figures of an epoch are called on its line; others are for TensorBoard."""


class TrainingDisplay:
    """Prints a line for each epoch and, on a terminal, one that shows how far the epoch is.

    Args:
        shown: Whether to print at all: of several workers, one does.
    """

    def __init__(self, *, shown: bool = True):
        self._shown = shown
        self._is_live = shown and sys.stdout.isatty()
        self._has_line = False

    def __enter__(self) -> "TrainingDisplay":
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def say(self, text: str) -> None:
        """Prints lines that stay."""
        if self._shown:
            self._clear()
            print(text, flush=True)

    def progress(self, progress: "Progress") -> None:
        """Shows how far the epoch is."""
        if self._is_live:
            left = duration(progress.seconds_left)
            line = (
                f"epoch {progress.epoch:3d}/{progress.epochs}  step {progress.step}/"
                f"{progress.steps}  loss {progress.loss:.3f}  "
                f"{progress.examples_per_s:.1f} examples/s  ~{left} left"
            )
            print(_CLEAR + line, end="", flush=True)
            self._has_line = True

    def epoch(self, report: "EpochReport") -> None:
        """Prints what an epoch came to."""
        note = f"{report.note}  " if report.note else ""
        left = f"  ~{duration(report.seconds_left)} left" if report.epoch < report.epochs else ""
        mark = "  best" if report.is_best else ""
        figures = _figures({**report.training, **report.validation})
        self.say(
            f"epoch {report.epoch:3d}/{report.epochs}  {note}loss {report.training['loss']:.3f}  "
            f"{figures}{report.examples_per_s:.1f} examples/s{left}{mark}"
        )

    def _clear(self) -> None:
        if self._has_line:
            print(_CLEAR, end="", flush=True)
            self._has_line = False


def _figures(values: Mapping[str, float]) -> str:
    told = {name: values[key] for key, name in _SHORT.items() if key in values}
    return "".join(f"{name} {value:.3f}  " for name, value in told.items())


def duration(seconds: float) -> str:
    """Returns `45 s`, `12 min` or `1 h 30 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"

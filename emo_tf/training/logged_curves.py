"""Reading back the numbers that a run told TensorBoard."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.compat.proto.event_pb2 import Event, SessionLog

from emo_tf.errors import EmoError

LOGS = "logs"
STEP = "step/"
"""What the names of figures of single steps begin with."""

_FILES = "events.out.tfevents.*"


@dataclass(frozen=True)
class LoggedCurves:
    """The numbers of a run over its epochs.

    Attributes:
        curves: Of each figure by name, float64 of shape (N, 2), where on the axis and how much,
            in that order. A figure of an epoch stands at its end.
        in_epochs: Whether the axis counts epochs; steps where no epoch has ended.
    """

    curves: Mapping[str, np.ndarray]
    in_epochs: bool


def read_logged_curves(run: Path) -> LoggedCurves:
    """Reads the numbers of a run, ended or not.

    Where a run was stopped and went on, what it had written after the moment it went on from is
    left out, as TensorBoard does.

    Raises:
        EmoError: There is no such folder, or no numbers lie in its log.
    """
    run = Path(run)
    if not run.is_dir():
        received = "a file" if run.exists() else "no such folder"
        raise EmoError(f"{run}: expected the folder of a run. Received: {received}")
    files = sorted((run / LOGS).glob(_FILES), key=_opened)
    if not files:
        raise EmoError(f"{run / LOGS}: expected what training wrote there. Received: no such file")
    values: dict[str, dict[int, float]] = {}
    last_step, steps_per_epoch = 0, None
    for event in (event for file in files for event in EventFileLoader(str(file)).Load()):
        if event.session_log.status == SessionLog.START:
            _drop(values, event.step, steps_per_epoch)
        for name, value in _scalars(event):
            values.setdefault(name, {})[event.step] = value
            if name.startswith(STEP):
                last_step = event.step
            elif event.step and last_step:
                # The last step of an epoch is always written.
                steps_per_epoch = last_step / event.step
    if not any(values.values()):
        raise EmoError(f"{run / LOGS}: expected figures of training. Received: none so far")
    in_epochs = steps_per_epoch is not None or not any(name.startswith(STEP) for name in values)
    curves = {}
    for name, by_step in values.items():
        points = np.array(sorted(by_step.items()), float).reshape(-1, 2)
        if name.startswith(STEP) and steps_per_epoch:
            points[:, 0] /= steps_per_epoch
        if len(points):
            curves[name] = points
    return LoggedCurves(curves, in_epochs)


def _opened(file: Path) -> list[str | int]:
    """Returns what orders files as they were opened: second, host, process, number in it.

    The number is written without zeros in front, so text alone would put 10 before 9.
    """
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", file.name)]


def _scalars(event: Event) -> Iterator[tuple[str, float]]:
    for value in event.summary.value:
        if value.metadata.plugin_data.plugin_name == "scalars":
            yield value.tag, float(tf.make_ndarray(value.tensor))


def _drop(
    values: dict[str, dict[int, float]], first_step: int, steps_per_epoch: float | None
) -> None:
    """Drops the figures of a step, of those after it, and of epochs that end there."""
    for name, by_step in values.items():
        scale = 1 if name.startswith(STEP) or not steps_per_epoch else steps_per_epoch
        for step in [step for step in by_step if step * scale >= first_step]:
            del by_step[step]

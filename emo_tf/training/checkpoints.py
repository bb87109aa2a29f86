"""Checkpoints of a run: one file each, whole or not at all."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from emo_tf.errors import EmoError
from emo_tf.files import replace_whole

KEPT = 3
_NAME = "step_{:08d}.safetensors"
_PATTERN = re.compile(r"step_\d{8,}\.safetensors")


class Checkpoints:
    """The checkpoints of a run in a folder; the last three are kept.

    Every file is written beside its place, forced onto the disk and renamed, so that a process
    that is killed or a disk that fills up leaves the ones before as they were.

    Args:
        folder: Made when the first checkpoint is written.
        variables: What to keep, by the name of a part: the model's weights, the optimizer's.
    """

    def __init__(self, folder: Path, variables: Mapping[str, Sequence[keras.Variable]]):
        self.folder = Path(folder)
        # By number: paths hold names that Keras makes up anew for each process.
        self._variables = {
            f"{part}/{number:04d}": variable
            for part, group in variables.items()
            for number, variable in enumerate(group)
        }

    @property
    def files(self) -> list[Path]:
        """The checkpoints that are there, the latest last."""
        found = [path for path in self.folder.glob("step_*") if _PATTERN.fullmatch(path.name)]
        return sorted(found, key=lambda path: int(path.stem.removeprefix("step_")))

    def save(self, step: int, state: Mapping[str, object]) -> Path:
        """Writes a checkpoint and removes those that are too many.

        Args:
            step: Steps taken so far.
            state: What else a run needs to go on, as JSON takes it.

        Returns:
            The checkpoint.

        Raises:
            EmoError: It cannot be written, as on a full disk; the earlier ones are still there.
        """
        path = self.folder / _NAME.format(step)
        tensors = {name: _contiguous(value) for name, value in self._variables.items()}
        try:
            # What processes that were killed while they wrote left behind.
            for left in self.folder.glob(".*.step_*.safetensors"):
                left.unlink()
            with replace_whole(path) as temporary:
                save_file(tensors, temporary, metadata={"state": json.dumps(state)})
                with temporary.open("rb") as file:
                    os.fsync(file.fileno())
        except (OSError, SafetensorError) as error:
            kept = f"; {self.files[-1].name} is still there" if self.files else ""
            raise EmoError(f"{path}: the checkpoint cannot be written ({error}){kept}") from error
        for old in self.files[:-KEPT]:
            old.unlink()
        return path

    def restore(self) -> dict[str, object] | None:
        """Fills the variables from the latest checkpoint.

        Returns:
            The `state` that it was saved with; `None` where there is no checkpoint.

        Raises:
            EmoError: The file is damaged, or is of a run with other variables.
        """
        if not self.files:
            return None
        path = self.files[-1]
        try:
            with safe_open(path, framework="numpy") as file:
                state = json.loads(file.metadata()["state"])
                self._check_names(path, set(file.keys()))
                values = {name: file.get_tensor(name) for name in self._variables}
        except (OSError, SafetensorError, KeyError, TypeError, json.JSONDecodeError) as error:
            raise EmoError(
                f"{path}: expected a checkpoint of this run. Received: a file that cannot be read "
                f"({error}); remove it to go on from the one before"
            ) from error
        for name, variable in self._variables.items():
            if values[name].shape != tuple(variable.shape):
                raise EmoError(
                    f"{path}: expected {name}, {variable.path}, of shape "
                    f"{tuple(variable.shape)}. Received: {values[name].shape}"
                )
        for name, variable in self._variables.items():
            variable.assign(values[name])
        return state

    def _check_names(self, path: Path, names: set[str]) -> None:
        other = sorted(names ^ set(self._variables))
        if other:
            raise EmoError(
                f"{path}: expected the variables of this run. Received: others, among them "
                f"{other[0]} ({len(other)} in all)"
            )


def _contiguous(variable: keras.Variable) -> np.ndarray:
    # Not np.ascontiguousarray, which makes a scalar a vector.
    return np.array(variable.numpy(), order="C")

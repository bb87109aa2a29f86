"""PyTorch in a process of its own, beside TensorFlow and not in it."""

import contextlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.common import AbsentPeerError

INSTALL = "pip install 'torch>=2.13'"


class TorchPeer:
    """EMOTIC's network in eager PyTorch, in a process that answers line by line.

    Args:
        script: What the process does with it: `torch_emotic.py` or `torch_emotic_training.py`.
        parts: All tensors of its parts `scene`, `body` and `head`, by torch name.
        folder: A scratch folder, for weights and what the script leaves.

    Attributes:
        facts: Version and number of threads.

    Raises:
        AbsentPeerError: PyTorch is not installed.
        RuntimeError: The script ended.
    """

    def __init__(self, script: str, parts: Mapping[str, Mapping[str, np.ndarray]], *, folder: Path):
        if importlib.util.find_spec("torch") is None:
            raise AbsentPeerError("torch", install=INSTALL, reason="not installed")
        self._script = Path(__file__).parent / script
        weights = folder / "weights.npz"
        np.savez(
            weights,
            **{f"{part}.{name}": t for part, own in parts.items() for name, t in own.items()},
        )
        self._process = subprocess.Popen(
            [sys.executable, str(self._script), str(weights)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            self.facts = self._answer()
        except RuntimeError:
            self._close()
            raise

    def __enter__(self) -> "TorchPeer":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def run(self, inputs: Path, *, calls: int) -> dict:
        """Runs the network some times.

        Args:
            inputs: An `.npz` file of `scene` and `body`, standardised, (B, 3, H, W), and of labels
                where the script wants them.
            calls: How many times.

        Returns:
            `seconds` of each call, and what else the script answers.

        Raises:
            RuntimeError: The script ended.
        """
        # Where it has ended there is no answer either.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{inputs} {calls}\n")
            self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait()
            raise RuntimeError(f"{self._script.name} ended with {code}, without an answer")
        return json.loads(line)

    def _close(self) -> None:
        # What could not be written is tried again on closing.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=60)

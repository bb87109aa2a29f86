"""PyTorch in an environment and a process of its own, beside TensorFlow and not in it."""

import json
import subprocess
import venv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.common import CACHE

VERSION = "2.13.0"
SCRIPT = Path(__file__).parent / "torch_emotic.py"


def torch_python() -> Path:
    """Returns the interpreter of an environment with PyTorch, made in `.bench` the first time.

    Where pip finds no build for processors alone, it fetches some gigabytes.

    Raises:
        RuntimeError: pip could not install it.
    """
    folder = CACHE / f"torch-{VERSION}"
    done = folder / "installed"
    python = folder / "bin" / "python"
    if not done.is_file():
        venv.create(folder, clear=True, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", f"torch=={VERSION}", "numpy"]
        result = subprocess.run(install, capture_output=True, text=True, check=False)
        if result.returncode:
            raise RuntimeError(f"torch=={VERSION} could not be installed: {result.stderr.strip()}")
        done.touch()
    return python


class TorchPeer:
    """EMOTIC's network in eager PyTorch; see `torch_emotic`.

    Args:
        tensors: All its tensors, their names beginning with `scene.`, `body.` and `head.`.
        folder: A scratch folder; afterwards it holds `scene.pth`, `body.pth` and `head.pth`.

    Attributes:
        facts: Version and number of threads.
    """

    def __init__(self, tensors: Mapping[str, np.ndarray], folder: Path):
        weights = folder / "weights.npz"
        np.savez(weights, **tensors)
        self._process = subprocess.Popen(
            [str(torch_python()), str(SCRIPT), str(weights), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.facts = self._answer()

    def __enter__(self) -> "TorchPeer":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def run(self, inputs: Path, *, calls: int) -> tuple[list[float], dict[str, np.ndarray]]:
        """Runs the network some times.

        Args:
            inputs: An `.npz` file of `scene` and `body`, standardised, (B, 3, H, W).
            calls: How many times.

        Returns:
            The seconds of each call, and `score` and `vad` as `context_fusion` puts them out.
        """
        self._process.stdin.write(f"{inputs} {calls}\n")
        self._process.stdin.flush()
        answer = self._answer()
        with np.load(answer["outputs"]) as outputs:
            return answer["seconds"], dict(outputs)

    def _answer(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait()
            raise RuntimeError(f"{SCRIPT.name} ended with {code}, without an answer")
        return json.loads(line)

"""What the tests of mirrored training do alike, whatever is trained."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np


def found_by(module: str, *twin: Path, kept: Path) -> dict[str, np.ndarray]:
    """Runs a module, on a twin if any, in a process of its own; returns what it kept, by name."""
    command = [sys.executable, "-m", module, *map(str, twin), str(kept)]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    with np.load(kept) as file:
        return dict(file)


def assert_same_step(
    found: Mapping[str, np.ndarray], run: str, *, least: int, tolerance: float
) -> None:
    """Asserts that each replica's copy of more than `least` weights is that of one device."""
    names = [name for name in found if name.startswith(f"one/{run}/model/")]
    assert len(names) > least
    for name in names:
        one, two = found[name], found[name.replace("one/", "two/", 1)]
        assert (len(one), len(two)) == (1, 2)
        np.testing.assert_allclose(
            two, np.broadcast_to(one, two.shape), rtol=tolerance, atol=tolerance, err_msg=name
        )


def assert_same_answers(found: Mapping[str, np.ndarray], run: str, *, rtol: float) -> None:
    """Asserts that two devices say of every example what one says."""
    np.testing.assert_array_equal(found[f"two/{run}/labels"], found[f"one/{run}/labels"])
    one, two = (found[f"{count}/{run}/logits"] for count in ("one", "two"))
    np.testing.assert_allclose(two, one, rtol=rtol, atol=1e-3)

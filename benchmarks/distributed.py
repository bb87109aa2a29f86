"""Training on EMOTIC's twin by several workers of this machine: how fast, and with what weights."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.common import ratio_row, row
from benchmarks.distributed_worker import STEPS
from benchmarks.workers import start_workers

ROUNDS = 3
BATCH, SIDE = 32, 64
EQUALITY_BAR = 1e-4
TIMEOUT_S = 180
ONE = "one worker"
WAYS: Mapping[str, tuple[int, Sequence[str]]] = {
    ONE: (1, ()),
    "two workers": (2, ()),
    "two logical processors": (1, ("--strategy", "mirrored", "--processors", "2")),
}
"""How many workers train, and what they are told, by name."""


def measure_distributed(data_dir: Path) -> list[dict]:
    """Takes the steps of `distributed_worker` in each way, in turns.

    Args:
        data_dir: Where the twin lies, built.
    """
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    differences: dict[str, list[float]] = {way: [] for way in WAYS if way != ONE}
    for _ in range(ROUNDS):
        expected = None
        for way, (count, options) in WAYS.items():
            with tempfile.TemporaryDirectory() as folder:
                rates[way].append(train(Path(folder), data_dir, count=count, options=options))
                paths = [Path(folder) / f"{worker}.npz" for worker in range(count)]
                found = [_read(path) for path in paths]
            if way == ONE:
                expected = found[0]
            else:
                differences[way].append(max(largest_difference(w, expected) for w in found))
    return distributed_rows(rates, differences)


def train(folder: Path, data_dir: Path, *, count: int, options: Sequence[str]) -> float:
    """Lets workers train to their end.

    Args:
        folder: Where they write; see `start_workers`.
        data_dir: Where the twin lies, built.
        count: Workers.
        options: Arguments of all.

    Returns:
        People a second, of all together.

    Raises:
        RuntimeError: One of them failed.
    """
    sizes = ["--batch-size", str(BATCH), "--side", str(SIDE)]
    workers = start_workers(folder, data_dir, count=count, options=[*sizes, *options])
    try:
        said = {number: w.communicate(timeout=TIMEOUT_S) for number, w in workers.items()}
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{count} workers: expected an end in {TIMEOUT_S} s") from error
    finally:
        for worker in workers.values():
            worker.kill()
    for number, worker in workers.items():
        if worker.returncode:
            lines = said[number][1].strip().splitlines() or ["without a word"]
            raise RuntimeError(f"worker {number} of {count} ended: {lines[-1]}")
    ends = [json.loads(output.strip().splitlines()[-1]) for output, _ in said.values()]
    return BATCH * ends[0]["steps"] / max(end["seconds"] for end in ends)


def _read(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        return dict(file)


def largest_difference(
    found: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]
) -> float:
    """Returns the largest difference of two sets of weights as a share of the largest weight."""
    difference = max(np.abs(found[name] - value).max() for name, value in expected.items())
    return float(difference / max(np.abs(value).max() for value in expected.values()))


def distributed_rows(
    rates: Mapping[str, Sequence[float]], differences: Mapping[str, Sequence[float]]
) -> list[dict]:
    """Returns speed and equality of each way beside those of one worker.

    Args:
        rates: People a second by way, one number a round.
        differences: What `largest_difference` found by way, one number a round.
    """
    trained = f"batch {BATCH} of {SIDE} x {SIDE} pixels"
    rows = []
    for way, found in differences.items():
        worst = max(found)
        rows += [
            ratio_row(
                f"People a second in training, {trained}: {way} / {ONE}",
                rates[way],
                rates[ONE],
                peer=ONE,
                unit="people a second",
            ),
            row(
                f"Weights after {STEPS} steps, {way} against {ONE}: largest difference as a share "
                "of the largest weight",
                f"{worst:.1e}",
                bar=f"≤ {EQUALITY_BAR:g}",
                met=worst <= EQUALITY_BAR,
                details={"by round": [f"{difference:.1e}" for difference in found]},
            ),
        ]
    return rows

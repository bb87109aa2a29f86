import subprocess
import sys

import numpy as np
import pytest

from benchmarks import distributed
from benchmarks.distributed import BATCH, ONE, distributed_rows, largest_difference, train

OTHER = "two workers"


def rows(ratios, differences) -> list[dict]:
    rates = {ONE: [100.0] * len(ratios), OTHER: [100.0 * ratio for ratio in ratios]}
    return distributed_rows(rates, {OTHER: differences})


def test_the_difference_is_a_share_of_the_largest_weight():
    expected = {"kernel": np.array([4.0, -8.0]), "bias": np.array([0.0])}
    found = {"kernel": np.array([4.0, -8.0]), "bias": np.array([-0.4])}
    assert largest_difference(found, expected) == pytest.approx(0.05)
    assert largest_difference(expected, expected) == 0


def test_speed_informs_and_equality_is_judged_by_the_worst_round():
    speed, equality = rows([0.5, 0.9, 0.7], [1e-6, 3e-4, 2e-6])
    assert (speed["value"], speed["met"]) == (0.7, None)
    assert speed["ours"]["least"] == 50
    assert (equality["value"], equality["met"]) == ("3.0e-04", False)


def test_a_difference_at_the_bar_is_met():
    assert rows([1.0], [1e-4])[1]["met"]


@pytest.fixture
def workers(monkeypatch):
    """Lets made-up programs stand for the workers: `workers(first, second)`."""

    def start(*programs: str):
        def start_workers(*_, **__) -> dict[int, subprocess.Popen]:
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
            commands = [[sys.executable, "-c", program] for program in programs]
            return {n: subprocess.Popen(command, **pipes) for n, command in enumerate(commands)}

        monkeypatch.setattr(distributed, "start_workers", start_workers)

    return start


def said(seconds: float) -> str:
    return f"print('joined'); print('{{\"seconds\": {seconds}, \"steps\": 9}}')"


def test_the_slowest_worker_gives_the_speed(workers, tmp_path):
    workers(said(3.0), said(4.5))
    assert train(tmp_path, tmp_path, count=2, options=()) == BATCH * 9 / 4.5


def test_a_worker_that_fails_is_named_with_its_last_words(workers, tmp_path):
    workers(said(3.0), "import sys; sys.exit('error: no twin')")
    with pytest.raises(RuntimeError, match="worker 1 of 2 ended: error: no twin"):
        train(tmp_path, tmp_path, count=2, options=())

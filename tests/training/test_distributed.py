"""The same weights however a batch is spread, and what happens when a worker is lost."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.workers import start_workers
from tests.twins import build_twin

TIMEOUT_S = 280


@pytest.fixture(scope="module")
def twin(tmp_path_factory) -> Path:
    """The folder of prepared data sets with a twin of enough people for ten steps."""
    return build_twin(tmp_path_factory.mktemp("twin"), people=120)


def finished(workers) -> dict[int, tuple[int, str]]:
    """Returns exit code and standard error of each worker."""
    try:
        ends = {number: worker.communicate(timeout=TIMEOUT_S) for number, worker in workers.items()}
    finally:
        for worker in workers.values():
            worker.kill()
    return {number: (workers[number].returncode, ends[number][1]) for number in workers}


def weights(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        return dict(file)


def assert_close(found: Path, expected: dict[str, np.ndarray]) -> None:
    values = weights(found)
    assert set(values) == set(expected)
    for name, value in values.items():
        scale = max(1.0, np.abs(expected[name]).max())
        np.testing.assert_allclose(value, expected[name], atol=1e-4 * scale, err_msg=name)


@pytest.mark.slow
def test_two_workers_and_two_devices_end_with_the_weights_of_one(twin, tmp_path):
    folders = {name: tmp_path / name for name in ("one", "devices", "workers")}
    for folder in folders.values():
        folder.mkdir()
    ended = finished(start_workers(folders["one"], twin, count=1))
    assert ended[0][0] == 0, ended[0][1]
    expected = weights(folders["one"] / "0.npz")

    devices = ["--strategy", "mirrored", "--processors", "2"]
    ended = finished(start_workers(folders["devices"], twin, count=1, options=devices))
    assert ended[0][0] == 0, ended[0][1]
    assert_close(folders["devices"] / "0.npz", expected)

    ended = finished(start_workers(folders["workers"], twin, count=2))
    for worker in (0, 1):
        assert ended[worker][0] == 0, ended[worker][1]
        assert_close(folders["workers"] / f"{worker}.npz", expected)
    # The chief alone writes, and what it writes is a whole run's.
    assert {path.name for path in (folders["workers"] / "run").iterdir()} == {
        "config.json",
        "checkpoints",
        "logs",
    }


@pytest.mark.slow
def test_a_worker_that_dies_is_an_error_on_the_other_and_both_go_on_when_started_again(
    twin, tmp_path
):
    ended = finished(start_workers(tmp_path, twin, count=2, options_of={1: ["--die-at", "4"]}))
    code, said = ended[0]
    assert code not in (0, None)
    assert "error: worker 1 (127.0.0.1:" in said
    assert "Start all workers again" in said


@pytest.mark.slow
def test_a_worker_that_never_comes_is_an_error_within_the_time_stated(twin, tmp_path):
    options = ["--meeting-timeout", "3"]
    ended = finished(start_workers(tmp_path, twin, count=2, absent=[1], options=options))
    code, said = ended[0]
    assert code == 1
    assert "error: worker 1 (127.0.0.1:" in said
    assert "within 3 s" in said

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import tensorflow as tf

from benchmarks.workers import free_ports
from emo_tf.data.sharing import Share
from emo_tf.errors import EmoError
from emo_tf.training.meeting import meet
from emo_tf.training.strategy import LOSS_TIMEOUT_S, joined, single
from emo_tf.training.tf_config import read_tf_config

# Adds up the numbers of the workers in each of argv[1] steps, or, for -1, without end.
SCRIPT = """
import itertools, json, sys, time
import tensorflow as tf
from emo_tf.errors import EmoError
from emo_tf.training import strategy

strategy.BUILD_TIMEOUT_S = float(sys.argv[3])
last = int(sys.argv[1])
try:
    with strategy.joined("auto", **json.loads(sys.argv[2])) as cluster:
        spread = cluster.strategy
        add = tf.function(lambda x: spread.reduce("SUM", spread.run(tf.identity, (x,)), axis=None))
        print(cluster.worker, cluster.workers, cluster.replicas, cluster.is_chief, flush=True)
        for step in itertools.count():
            if step == last:
                break
            print("sum", int(add(tf.constant(cluster.worker + 1))), flush=True)
            cluster.alive()
            time.sleep(0.05)
except EmoError as error:
    sys.exit(f"error: {error}")
"""
NO_END = -1

MIRRORED = """
import os, sys
import tensorflow as tf
from emo_tf.errors import EmoError
from emo_tf.training.strategy import joined

processor = tf.config.list_physical_devices("CPU")[0]
parts = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(processor, parts)
with joined("mirrored") as cluster:
    spread = cluster.strategy
    ones = spread.run(lambda: tf.distribute.get_replica_context().all_reduce("SUM", tf.ones([])))
    print([float(value) for value in spread.experimental_local_results(ones)])
    print(cluster.replicas, cluster.share)
os.environ["TF_CONFIG"] = sys.argv[1]
try:
    with joined("multi_worker"):
        pass
except EmoError as error:
    print(error)
"""


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """What the machine says about clusters is left out."""
    for name in ("TF_CONFIG", "TPU_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


def tf_configs(count: int) -> list[str]:
    """Returns what each worker of a cluster on this machine is told."""
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(count)]}
    tasks = [{"type": "worker", "index": index} for index in range(count)]
    return [json.dumps({"cluster": cluster, "task": task}) for task in tasks]


@dataclass
class Process:
    """A worker in a process of its own."""

    process: subprocess.Popen
    errors: Path

    def lines(self, count: int) -> list[str]:
        """Returns the next lines that it prints."""
        return [self.process.stdout.readline().rstrip() for _ in range(count)]

    def end(self, timeout_s: float = 120) -> tuple[int, str]:
        """Waits for its end and returns its exit code and its last line on standard error."""
        code = self.process.wait(timeout_s)
        return code, self.errors.read_text("utf-8").rstrip().rpartition("\n")[2]


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[..., Process]]:
    """Starts workers, as in `start(tf_config, steps=3)`, and ends them after the test."""
    started = []

    def launch(
        tf_config: str, *, steps: int, build_timeout_s: float = 60, **options: float
    ) -> Process:
        errors = tmp_path / f"{len(started)}.txt"
        with errors.open("w") as stream:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    SCRIPT,
                    str(steps),
                    json.dumps(options),
                    str(build_timeout_s),
                ],
                env=os.environ | {"TF_CONFIG": tf_config},
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
            )
        started.append(process)
        return Process(process, errors)

    yield launch
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_two_workers_add_up_and_the_survivor_of_a_kill_ends_with_an_error(start):
    configs = tf_configs(2)
    chief, other = (start(config, steps=NO_END) for config in configs)
    assert chief.lines(3) == ["0 2 1 True", "sum 3", "sum 3"]
    assert other.lines(3) == ["1 2 1 False", "sum 3", "sum 3"]
    other.process.kill()
    code, error = chief.end(LOSS_TIMEOUT_S)
    assert code == 1
    assert error.startswith(f"error: {read_tf_config(configs[0]).everyone[1]}: expected to take")
    assert "Start all workers again: the run goes on from its last checkpoint." in error


@pytest.mark.slow
def test_the_loss_of_the_chief_is_an_error_on_the_others(start):
    configs = tf_configs(2)
    chief, other = (start(config, steps=NO_END) for config in configs)
    other.lines(3)
    chief.process.kill()
    code, error = other.end(LOSS_TIMEOUT_S)
    assert code == 1
    assert error.startswith(f"error: {read_tf_config(configs[0]).everyone[0]}: expected to take")


@pytest.mark.slow
def test_a_worker_that_is_stopped_ends_the_others(start):
    configs = tf_configs(2)
    chief, other = (start(config, steps=NO_END, stall_timeout_s=5) for config in configs)
    chief.lines(3)
    other.process.send_signal(signal.SIGSTOP)
    code, error = chief.end(LOSS_TIMEOUT_S)
    assert code == 1
    assert error.startswith("emo-tf: error: training stands still: expected a step within 5 s")
    assert f"waiting for {read_tf_config(configs[0]).everyone[1]}" in error


@pytest.mark.slow
def test_workers_that_are_done_end_well(start):
    workers = [start(config, steps=2) for config in tf_configs(2)]
    assert [worker.end()[0] for worker in workers] == [0, 0]


@pytest.mark.slow
def test_a_worker_that_never_comes_is_an_error(start):
    config = tf_configs(2)[0]
    code, error = start(config, steps=1, meeting_timeout_s=3).end()
    missing = read_tf_config(config).everyone[1]
    assert error == f"error: {missing}: expected within 3 s. Received: no connection"
    assert code == 1


@pytest.mark.slow
def test_a_worker_that_is_lost_after_the_meeting_does_not_hold_up_the_others(start):
    first, second = tf_configs(2)
    process = start(second, steps=1, build_timeout_s=3)
    meet(read_tf_config(first), timeout_s=60)
    code, _ = process.end()
    assert code == 1
    assert "Timeout (0:00:03)!" in process.errors.read_text("utf-8")


@pytest.mark.slow
def test_mirrored_takes_all_logical_processors_and_workers_want_a_fresh_tensorflow():
    command = [sys.executable, "-c", MIRRORED, tf_configs(1)[0]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    sums, replicas, error = done.stdout.splitlines()
    assert sums == "[2.0, 2.0]"
    assert replicas == f"2 {Share(replicas=2)}"
    assert error.startswith("strategy multi_worker: expected to be joined before TensorFlow")


@pytest.mark.parametrize("name", ["none", "auto"])
def test_a_process_alone_trains_on_the_default_device(name, monkeypatch):
    if name == "auto":
        monkeypatch.setenv("TF_CONFIG", tf_configs(1)[0])
    with joined(name) as cluster:
        cluster.alive()
        assert cluster == single()
        assert cluster.strategy is tf.distribute.get_strategy()
        assert (cluster.is_chief, cluster.share) == (True, Share())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("miror", "Unknown strategy: did you mean mirrored"),
        ("multi_worker", "TF_CONFIG: expected such as"),
        ("tpu", "strategy tpu: expected a TPU that answers. Received: "),
    ],
)
def test_a_strategy_that_cannot_be_is_an_error(name, message):
    with pytest.raises(EmoError) as caught, joined(name):
        pass
    assert message in str(caught.value)


def test_a_broken_tf_config_is_never_passed_over(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "{")
    with pytest.raises(EmoError, match="TF_CONFIG: expected JSON"), joined():
        pass

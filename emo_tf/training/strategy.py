"""How training is spread over devices and machines: one switch for TensorFlow's strategies."""

import faulthandler
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import tensorflow as tf

from emo_tf.data.sharing import Share
from emo_tf.errors import EmoError, unknown_name
from emo_tf.training.meeting import meet
from emo_tf.training.tf_config import Worker, Workers, read_tf_config
from emo_tf.training.watchdog import Watchdog

STRATEGIES = ("auto", "none", "mirrored", "multi_worker", "tpu")

BUILD_TIMEOUT_S = 120.0
"""How long TensorFlow may take to connect the workers once all have met."""

LOSS_TIMEOUT_S = 30.0
"""A worker whose process ended is an error on the others within this time.

TensorFlow's own heartbeat takes 10 s at most; the rest is for a busy machine.
"""

AGAIN = "Start all workers again: the run goes on from its last checkpoint."

_OF_LOSS = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
)


@dataclass(frozen=True)
class Cluster:
    """The processes and devices that train together.

    Attributes:
        strategy: What spreads the work; its scope is for the caller to enter.
        worker: Number of this process. 0 is the chief, which alone writes files.
        workers: How many processes there are.
        watchdog: What ends this process when `alive` is not called, if anything does.
    """

    strategy: tf.distribute.Strategy
    worker: int = 0
    workers: int = 1
    watchdog: Watchdog | None = None

    @property
    def replicas(self) -> int:
        """How many devices of this process compute."""
        return self.strategy.num_replicas_in_sync // self.workers

    @property
    def is_chief(self) -> bool:
        """Whether this process is the one that writes files."""
        return self.worker == 0

    @property
    def share(self) -> Share:
        """The part of each global batch that this process reads."""
        return Share(worker=self.worker, workers=self.workers, replicas=self.replicas)

    def alive(self) -> None:
        """Says that work goes on: to be called after every step."""
        if self.watchdog is not None:
            self.watchdog.feed()


def single() -> Cluster:
    """Returns this process alone, on TensorFlow's default device."""
    return Cluster(tf.distribute.get_strategy())


@contextmanager
def joined(
    name: str = "auto", *, meeting_timeout_s: float = 60, stall_timeout_s: float = 300
) -> Iterator[Cluster]:
    """Joins those who train together; inside, the loss of one of them is an error on all others.

    With `multi_worker` this has to come before TensorFlow computes anything. A worker whose
    process ends is an error on the others within `LOSS_TIMEOUT_S`; where one is stopped or cut off
    without TensorFlow noticing, this process ends with one line on standard error and exit code 1.

    Args:
        name: `none`: one device. `mirrored`: all GPUs of this machine, or all logical CPUs where
            it has none. `multi_worker`: the processes in the environment variable `TF_CONFIG`.
            `tpu`: the TPU that the environment variable `TPU_NAME` names, or the machine's own.
            `auto`: `multi_worker` where `TF_CONFIG` has several workers, `mirrored` where there
            are several GPUs, else `none`.
        meeting_timeout_s: How long to wait for the other workers.
        stall_timeout_s: How long a step of several workers may take, from one call of
            `Cluster.alive` to the next, what comes before the first step included.

    Raises:
        EmoError: There is no such strategy, no TPU, `TF_CONFIG` is not as it should be, another
            worker did not come in time, or is lost.
    """
    if name not in STRATEGIES:
        raise unknown_name("strategy", name, STRATEGIES)
    if name == "auto":
        name = _chosen()
    if name == "multi_worker":
        workers = read_tf_config(os.environ.get("TF_CONFIG"))
        meet(workers, timeout_s=meeting_timeout_s)
        with _losses_named(workers):
            strategy = _multi_worker()
            with _watched(workers, stall_timeout_s) as watchdog:
                yield Cluster(strategy, workers.me, len(workers.everyone), watchdog)
    elif name == "mirrored":
        yield Cluster(_mirrored())
    elif name == "tpu":
        yield Cluster(_tpu())
    else:
        yield single()


def _chosen() -> str:
    text = os.environ.get("TF_CONFIG")
    if text and read_tf_config(text).others:
        return "multi_worker"
    return "mirrored" if len(tf.config.list_physical_devices("GPU")) > 1 else "none"


def _mirrored() -> tf.distribute.Strategy:
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return tf.distribute.MirroredStrategy([device.name for device in devices])


def _tpu() -> tf.distribute.Strategy:
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver.connect(
            os.environ.get("TPU_NAME", "local")
        )
        return tf.distribute.TPUStrategy(resolver)
    except (ValueError, RuntimeError, tf.errors.OpError) as error:
        first = str(error).partition("\n")[0]
        raise EmoError(f"strategy tpu: expected a TPU that answers. Received: {first}") from error


def _multi_worker() -> tf.distribute.Strategy:
    # Threads of Python may not run while TensorFlow connects: the last resort is not one of them.
    faulthandler.dump_traceback_later(BUILD_TIMEOUT_S, exit=True, file=sys.__stderr__)
    try:
        return tf.distribute.MultiWorkerMirroredStrategy()
    except RuntimeError as error:
        raise EmoError(
            "strategy multi_worker: expected to be joined before TensorFlow computes anything. "
            f"Received: {error}"
        ) from error
    finally:
        faulthandler.cancel_dump_traceback_later()


@contextmanager
def _watched(workers: Workers, timeout_s: float) -> Iterator[Watchdog | None]:
    """Ends this process where one step of several workers takes too long."""
    if not workers.others:
        yield None
        return
    message = (
        f"training stands still: expected a step within {timeout_s:g} s. Received: none, waiting "
        f"for {_named(workers.others)}, or for this worker's own data. {AGAIN}"
    )
    with Watchdog(timeout_s, message) as watchdog:
        yield watchdog


@contextmanager
def _losses_named(workers: Workers) -> Iterator[None]:
    """Turns what TensorFlow raises when another worker is lost into an error that names it."""
    try:
        yield
    except tf.errors.OpError as error:
        text = str(error)
        if not workers.others or not (isinstance(error, _OF_LOSS) or "Collective ops" in text):
            raise
        cause = re.search("aborted by: *(.+)", text) or re.search("(.+)", text)
        raise EmoError(
            f"{_named(_lost(workers, text))}: expected to take part until the end. {AGAIN} "
            f"Received: {type(error).__name__}: {cause[1]}"
        ) from error


def _lost(workers: Workers, text: str) -> Sequence[Worker]:
    """Returns who is lost as far as an error of TensorFlow says it."""
    found = re.findall(r"/job:(\w+)(?:/replica:\d+)?/task:(\d+)", text)
    lost = [other for other in workers.others if (other.job, str(other.task)) in found]
    # The chief is where the heartbeats of all go to.
    chief = [other for other in workers.everyone[:1] if "CoordinationService/" in text]
    return lost or [other for other in chief if other != workers.this] or workers.others


def _named(workers: Sequence[Worker]) -> str:
    return " or ".join(map(str, workers))

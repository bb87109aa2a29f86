"""Who takes part in training, as `TF_CONFIG` says it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from emo_tf.errors import EmoError

JOBS = ("chief", "worker")
EXAMPLE = '{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}'


@dataclass(frozen=True)
class Worker:
    """One process of a cluster.

    Attributes:
        job: `chief` or `worker`.
        task: Its number among those of its job.
        address: Where it can be reached: `host:port`.
    """

    job: str
    task: int
    address: str

    @property
    def host(self) -> str:
        """The machine's name or address."""
        return self.address.rpartition(":")[0].removeprefix("[").removesuffix("]")

    @property
    def port(self) -> int:
        """The port."""
        return int(self.address.rpartition(":")[2])

    def __str__(self) -> str:
        return f"{self.job} {self.task} ({self.address})"


@dataclass(frozen=True)
class Workers:
    """All processes of a cluster, the chief first.

    Attributes:
        everyone: All of them, this one too.
        me: Number of this process among them.
    """

    everyone: tuple[Worker, ...]
    me: int

    @property
    def this(self) -> Worker:
        """The worker that this process is."""
        return self.everyone[self.me]

    @property
    def others(self) -> tuple[Worker, ...]:
        """All workers but this one."""
        return tuple(worker for worker in self.everyone if worker != self.this)


def read_tf_config(text: str | None) -> Workers:
    """Returns who takes part. The chief is the job `chief` or else worker 0.

    Args:
        text: The environment variable `TF_CONFIG`; None where it is not set.

    Raises:
        EmoError: It says no such thing: the message names what was expected.
    """
    config = _parsed(text)
    everyone = _everyone(config.get("cluster"))
    return Workers(everyone, _number(config.get("task"), everyone))


def _wrong(expected: str, received: object) -> EmoError:
    return EmoError(f"TF_CONFIG: expected {expected}. Received: {received}")


def _parsed(text: str | None) -> Mapping[str, object]:
    if not text:
        raise _wrong(f"such as {EXAMPLE}", "nothing")
    try:
        config = json.loads(text)
    except (ValueError, RecursionError):
        raise _wrong(f"JSON such as {EXAMPLE}", text) from None
    if not isinstance(config, dict):
        raise _wrong(f"an object such as {EXAMPLE}", text)
    return config


def _everyone(cluster: object) -> tuple[Worker, ...]:
    if not isinstance(cluster, dict) or not cluster:
        raise _wrong('"cluster" with the addresses of its workers', json.dumps(cluster))
    everyone = []
    for job in sorted(cluster):
        if job not in JOBS:
            raise _wrong("worker and chief alone in its cluster", job)
        if not isinstance(cluster[job], list) or not cluster[job]:
            raise _wrong(f"a list of addresses as cluster.{job}", json.dumps(cluster[job]))
        everyone += [_worker(job, task, address) for task, address in enumerate(cluster[job])]
    if len(cluster.get("chief", ())) > 1:
        raise _wrong("one chief", json.dumps(cluster["chief"]))
    addresses = [worker.address for worker in everyone]
    if repeated := {address for address in addresses if addresses.count(address) > 1}:
        raise _wrong("every address once", f"{min(repeated)} twice")
    return tuple(everyone)


def _worker(job: str, task: int, address: object) -> Worker:
    host, colon, port = str(address).rpartition(":")
    if not (host and colon and port.isdecimal() and 0 < int(port) < 2**16):
        raise _wrong(f"host:port as the address of {job} {task}", json.dumps(address))
    return Worker(job, task, address)


def _number(task: object, everyone: tuple[Worker, ...]) -> int:
    if not isinstance(task, dict):
        raise _wrong('"task" with the type and the index of this process', json.dumps(task))
    job, index = task.get("type"), task.get("index")
    if job not in JOBS:
        raise _wrong("worker or chief as task.type", json.dumps(job))
    indices = [worker.task for worker in everyone if worker.job == job]
    if not indices:
        raise _wrong(f"its task.type among the jobs of its cluster, {everyone[0].job}", job)
    if type(index) is not int or index not in indices:
        raise _wrong(f"0 to {indices[-1]} as task.index of a {job}", json.dumps(index))
    return next(n for n, worker in enumerate(everyone) if (worker.job, worker.task) == (job, index))

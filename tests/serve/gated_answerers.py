"""Answerers that wait until a test lets them go, and how to put requests before a pool."""

import asyncio
import threading
from collections.abc import Sequence

from emo_tf.errors import EmoError
from emo_tf.serve.worker_pool import WorkerPool

PATIENCE_S = 20


class Gate:
    """Says of each request `<request>!`, as soon as it is open.

    Attributes:
        name: Of the answerer.
        calls: What each call was given: the worker and the requests.
    """

    def __init__(self, name: str = "gate", *, is_open: bool = False):
        self.name = name
        self.calls: list[tuple[int, list]] = []
        self.entered = threading.Semaphore(0)
        self._passes = threading.Semaphore(10**6 if is_open else 0)

    def answer(self, worker: int, requests: Sequence) -> list:
        self.calls.append((worker, list(requests)))
        self.entered.release()
        assert self._passes.acquire(timeout=PATIENCE_S)
        return [self.say(request) for request in requests]

    def say(self, request) -> bytes:
        return f"{request}!".encode()

    def let_pass(self, calls: int = 1000) -> None:
        self._passes.release(calls)

    async def busy(self, calls: int = 1) -> None:
        """Waits until so many more calls have begun."""
        for _ in range(calls):
            assert await asyncio.to_thread(self.entered.acquire, timeout=PATIENCE_S)

    @property
    def batches(self) -> list[list]:
        return [requests for _, requests in self.calls]


class Failing(Gate):
    """Raises what a request is, if that is an exception, and returns errors of the input."""

    def say(self, request):
        if isinstance(request, EmoError):
            return request
        if isinstance(request, Exception):
            raise request
        return super().say(request)


def ask(pool: WorkerPool, answerer, *requests, time_limit_s: float = PATIENCE_S):
    """Puts requests in their order; returns their tasks."""
    runs = (pool.run(answerer, request, time_limit_s=time_limit_s) for request in requests)
    return [asyncio.get_running_loop().create_task(run) for run in runs]


async def behind(pool: WorkerPool, gate: Gate, *requests, blockers: int | None = None):
    """Busies every worker, then lets `requests` wait; returns the tasks of all."""
    blockers = pool.workers if blockers is None else blockers
    tasks = []
    for number in range(blockers):
        tasks += ask(pool, gate, f"blocker {number}")
        await gate.busy()
    tasks += ask(pool, gate, *requests)
    await asyncio.sleep(0)
    return tasks

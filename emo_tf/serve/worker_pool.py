"""Threads that answer the requests of an event loop, several together where many wait."""

import asyncio
import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, perf_counter

from emo_tf.errors import EmoError
from emo_tf.serve.work import Answerer, QueueFull, Stopped, TimeLimit

# Weight of the latest requests in what one is taken to cost.
_NEWS = 0.1

_Outcome = bytes | BaseException


@dataclass(eq=False, repr=False, frozen=True, slots=True)
class _Waiting:
    """A request, and where its outcome goes."""

    answerer: Answerer
    request: object
    future: asyncio.Future
    loop: asyncio.AbstractEventLoop


def _report_nothing(name: str, size: int, seconds: float) -> None:
    pass


class WorkerPool:
    """Answers requests on threads, first come, first served.

    A free worker takes the request that has waited longest, and with it others of the same answerer
    that wait already: as many as are its share when all workers take alike. It never waits for more
    to come, so that batches grow with the load alone and cost a lone request nothing.

    Args:
        workers: Threads, 1 or more.
        queue: Requests that may wait while all workers are busy, 1 or more.
        batch: Requests that a worker takes together at most, 1 or more.
        on_batch: Told the answerer's name, the number of requests and the seconds after each call
            of an answerer, on the worker's thread; it must not raise.

    Attributes:
        workers: As given.

    Raises:
        EmoError: A number is below 1.

    Example:
        >>> pool = WorkerPool(workers=2, queue=64, batch=16)
        >>> asyncio.run(pool.run(predictor, body, time_limit_s=30))
        b'{"predictions": ...}'
    """

    def __init__(
        self,
        *,
        workers: int,
        queue: int,
        batch: int,
        on_batch: Callable[[str, int, float], None] = _report_nothing,
    ):
        for name, number in {"workers": workers, "queue": queue, "batch": batch}.items():
            if number < 1:
                raise EmoError(f"{name}: expected 1 or more. Received: {number}")
        self.workers = workers
        self._queue = queue
        self._batch = batch
        self._on_batch = on_batch
        self._changed = threading.Condition()
        self._waiting: deque[_Waiting] = deque()
        self._in_work: set[_Waiting] = set()
        self._idle = 0
        self._closing = False
        self._seconds_each: float | None = None
        self._threads = [
            threading.Thread(
                target=self._work, args=(number,), name=f"worker {number}", daemon=True
            )
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """How many requests no worker has taken yet."""
        return len(self._waiting)

    async def run(self, answerer: Answerer, request: object, *, time_limit_s: float) -> bytes:
        """Has a request answered. One whose caller is cancelled or runs out of time is dropped.

        Args:
            answerer: Answers it; it is in use until its `answer` returns, be that later than this.
            request: As the answerer takes it.
            time_limit_s: Seconds to wait for the answer, from now.

        Returns:
            The answer.

        Raises:
            EmoError: What the answerer found wrong with the request.
            QueueFull: As many requests wait as may.
            TimeLimit: The time is over.
            Stopped: The pool was closed.
            Exception: Whatever else the answerer raised.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(answerer, request, loop.create_future(), loop)
        self._put(waiting)
        try:
            async with asyncio.timeout(time_limit_s):
                outcome = await waiting.future
        except TimeoutError:
            raise TimeLimit(f"not answered within {time_limit_s:g} s") from None
        finally:
            self._drop(waiting)
        if not isinstance(outcome, BaseException):
            return outcome
        try:
            raise outcome
        finally:
            # Its traceback holds this frame: without the cycle both go, and the request, at once.
            del outcome, waiting

    def close(self, *, grace_s: float) -> None:
        """Takes no more requests, answers those that wait and ends the threads.

        Args:
            grace_s: Seconds that takes at most; then what is left is told that the pool stopped.
        """
        deadline = monotonic() + grace_s
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(max(0, deadline - monotonic()))
        with self._changed:
            left = [*self._waiting, *self._in_work]
            self._waiting.clear()
        _deliver((waiting, Stopped("the server is stopping")) for waiting in left)

    def _put(self, waiting: _Waiting) -> None:
        with self._changed:
            if self._closing:
                raise Stopped("the server is stopping")
            # A worker that is woken but not up yet still counts as idle.
            if len(self._waiting) - self._idle >= self._queue:
                raise QueueFull(self._seconds_of_work())
            self._waiting.append(waiting)
            self._changed.notify()

    def _drop(self, waiting: _Waiting) -> None:
        with self._changed, suppress(ValueError):
            self._waiting.remove(waiting)

    def _seconds_of_work(self) -> int:
        """Returns how long the workers will need for what waits, in whole seconds."""
        seconds = len(self._waiting) * (self._seconds_each or 0) / self.workers
        return max(1, math.ceil(seconds))

    def _work(self, worker: int) -> None:
        while self._answer_next(worker):
            pass

    def _answer_next(self, worker: int) -> bool:
        """Answers the next requests and forgets them; tells whether there may be more."""
        taken = self._take()
        if not taken:
            return False
        outcomes = self._outcomes(worker, taken)
        with self._changed:
            self._in_work.difference_update(taken)
        _deliver(zip(taken, outcomes, strict=True))
        return True

    def _take(self) -> list[_Waiting]:
        """Waits for requests and takes some of one answerer; none when the pool is at its end."""
        with self._changed:
            while not self._waiting:
                if self._closing:
                    return []
                self._idle += 1
                self._changed.wait()
                self._idle -= 1
            answerer = self._waiting[0].answerer
            alike = [waiting for waiting in self._waiting if waiting.answerer is answerer]
            taken = alike[: min(self._batch, math.ceil(len(alike) / self.workers))]
            for waiting in taken:
                self._waiting.remove(waiting)
            self._in_work.update(taken)
            return taken

    def _outcomes(self, worker: int, taken: Sequence[_Waiting]) -> list[_Outcome]:
        """Returns what became of each request; one that fails does not fail the others."""
        try:
            return self._ask(worker, taken)
        except Exception as error:  # told to whoever waits
            if len(taken) == 1:
                return [error]
        return [
            # Whoever ran out of time meanwhile does not hear it.
            b"" if waiting.future.done() else self._outcomes(worker, [waiting])[0]
            for waiting in taken
        ]

    def _ask(self, worker: int, taken: Sequence[_Waiting]) -> list[_Outcome]:
        answerer, start = taken[0].answerer, perf_counter()
        try:
            answers = answerer.answer(worker, [waiting.request for waiting in taken])
        finally:
            seconds = perf_counter() - start
            self._on_batch(answerer.name, len(taken), seconds)
        if len(answers) != len(taken):
            raise RuntimeError(
                f"{answerer.name}: expected {len(taken)} answers. Received: {len(answers)}"
            )
        with self._changed:
            known, each = self._seconds_each, seconds / len(taken)
            self._seconds_each = each if known is None else known + _NEWS * (each - known)
        return answers


def _deliver(outcomes: Iterable[tuple[_Waiting, _Outcome]]) -> None:
    """Hands outcomes to the loops that wait for them, waking each once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future, _Outcome]]] = {}
    for waiting, outcome in outcomes:
        by_loop.setdefault(waiting.loop, []).append((waiting.future, outcome))
    for loop, settled in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, settled)


def _settle(outcomes: list[tuple[asyncio.Future, _Outcome]]) -> None:
    # Errors are handed over as values: one that nobody hears of is then no "exception was never
    # retrieved", and one that a future refuses, as StopIteration, comes through.
    for future, outcome in outcomes:
        if not future.done():
            future.set_result(outcome)

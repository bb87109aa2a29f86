"""Clients that ask a server as fast as it answers, and what became of their requests."""

import asyncio
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.raw_http import Answer, connect
from emo_tf.errors import EmoError

ANSWER_S = 60
SAME = 0.01
"""How far numbers of two right answers may lie apart: another batch, another precision."""

_TIMINGS = "timings_ms"
_KNOWN = 8


@dataclass
class Load:
    """What became of the requests of several clients.

    Attributes:
        seconds: How long they went on.
        latencies: Seconds of each answer that was right, in the order in which they came.
        failures: What went wrong with the others.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Returns the time in seconds that this share of the answers did not take longer than."""
        ordered = sorted(self.latencies)
        return ordered[math.ceil(share * len(ordered)) - 1] if ordered else math.inf


def run_load(
    port: int,
    requests: Sequence[bytes],
    *,
    right: Callable[[int, bytes], bool],
    seconds: float,
    ended: Callable[[], bool] = lambda: False,
) -> Load:
    """Lets clients ask one question each, again and again, each on a connection of its own.

    Args:
        port: Where the server listens on this machine.
        requests: The question of each client.
        right: Whether an answer is right, from the client's number and the answer's body. Bodies
            that were right once are not shown to it again.
        seconds: How long to go on; answers that are open then are waited for.
        ended: Whether to end before, asked ahead of each request.
    """
    return asyncio.run(_run_load(port, requests, right=right, seconds=seconds, ended=ended))


def ask_once(port: int, request: bytes) -> bytes:
    """Returns the body of one answer.

    Raises:
        EmoError: Its status is not 200.
    """

    async def ask() -> Answer:
        async with asyncio.timeout(ANSWER_S), connect(port) as connection:
            return await connection.ask(request)

    answer = asyncio.run(ask())
    if answer.status != 200:
        raise EmoError(f"server: expected 200. Received: {answer.status}, {answer.body[:200]!r}")
    return answer.body


async def _run_load(
    port: int,
    requests: Sequence[bytes],
    *,
    right: Callable[[int, bytes], bool],
    seconds: float,
    ended: Callable[[], bool],
) -> Load:
    load, start = Load(), time.perf_counter()
    known: list[set[bytes]] = [set() for _ in requests]

    def goes_on() -> bool:
        return time.perf_counter() < start + seconds and not ended()

    def fault(number: int, answer: Answer) -> str | None:
        if answer.status != 200:
            return f"{answer.status}: {answer.body[:200]!r}"
        if answer.body in known[number]:
            return None
        if not right(number, answer.body):
            return f"another answer: {answer.body[:200]!r}"
        if len(known[number]) < _KNOWN:
            known[number].add(answer.body)
        return None

    async def client(number: int) -> None:
        async with connect(port) as connection:
            while goes_on():
                asked = time.perf_counter()
                async with asyncio.timeout(ANSWER_S):
                    answer = await connection.ask(requests[number])
                took = time.perf_counter() - asked
                if found := fault(number, answer):
                    load.failures.append(found)
                else:
                    load.latencies.append(took)

    async def keep_asking(number: int) -> None:
        while goes_on():
            try:
                await client(number)
            except (OSError, EOFError, EmoError) as error:  # TimeoutError is an OSError
                load.failures.append(f"{type(error).__name__}: {error}")
                await asyncio.sleep(0.1)

    await asyncio.gather(*map(keep_asking, range(len(requests))))
    load.seconds = time.perf_counter() - start
    return load


def same_answer(expected: bytes, received: bytes) -> bool:
    """Returns whether two answers in JSON say the same, but for times and the last digits."""
    try:
        return _same(json.loads(expected), json.loads(received))
    except ValueError:
        return False


def _same(one: object, other: object) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        names = one.keys() - {_TIMINGS}
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in names)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, int | float):
        return abs(one - other) <= SAME * max(1.0, abs(one))
    return one == other

"""Clients that send what they should not, or too slowly, or do not listen."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.malformed import Malformed
from benchmarks.raw_http import ANALYZE, FORM, Connection, connect
from emo_tf.errors import EmoError

ANSWER_S = 90
"""How long an answer that is due may take."""

PATIENCE_S = 0.3
"""How long to wait for one that need not come."""

DRIP_S = 0.1
CLOSED, SILENT, NO_HTTP = "closed", "no answer", "no HTTP"


@dataclass
class Tally:
    """What became of requests.

    Attributes:
        outcomes: How often each kind ended in a status, `CLOSED`, `SILENT` or `NO_HTTP`.
        faults: Those that ended as they must not: in 5xx, or without an answer that was due.
    """

    outcomes: dict[str, Counter] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """Requests of all kinds."""
        return sum(counter.total() for counter in self.outcomes.values())

    def add(self, kind: str, outcome: int | str, *, due: bool, request: bytes = b"") -> None:
        """Counts a request."""
        self.outcomes.setdefault(kind, Counter())[str(outcome)] += 1
        is_status = isinstance(outcome, int)
        if (is_status and outcome >= 500) or outcome == NO_HTTP or (due and not is_status):
            self.faults.append(f"{kind}: {outcome} to {request[:300]!r}")

    def add_all(self, other: "Tally") -> None:
        """Counts what another tally has counted."""
        for kind, counter in other.outcomes.items():
            self.outcomes.setdefault(kind, Counter()).update(counter)
        self.faults += other.faults


async def send_all(port: int, requests: Iterable[Malformed], *, clients: int) -> Tally:
    """Sends requests, each on a connection of its own, so many at a time."""
    tally, waiting = Tally(), iter(requests)

    async def client() -> None:
        for request in waiting:
            outcome = await send(port, request.content, limit_s=_limit_s(request))
            tally.add(request.kind, outcome, due=request.whole, request=request.content)

    await asyncio.gather(*(client() for _ in range(clients)))
    return tally


async def send(port: int, content: bytes, *, limit_s: float) -> int | str:
    """Sends bytes and returns the status of the answer, or what came instead."""
    async with _outcome() as found, asyncio.timeout(limit_s), connect(port) as connection:
        # A server may answer, and close, before it has read everything.
        sending = asyncio.ensure_future(_write(connection, content))
        try:
            found.append((await connection.answer()).status)
        finally:
            sending.cancel()
    return found[0]


async def slow_clients(port: int, *, each: int, hold_s: float) -> Tally:
    """Lets clients of each slow kind hold connections at the same time.

    Args:
        port: Where the server listens.
        each: Clients of each kind.
        hold_s: After how long a client gives up; the server has to have ended it before.
    """
    tally = Tally()

    async def one(kind: str, run: Callable[[Connection], Awaitable[int]]) -> None:
        async with _outcome() as found, asyncio.timeout(hold_s), connect(port) as connection:
            found.append(await run(connection))
        outcome = found[0]
        tally.add(kind, outcome, due=False)
        if outcome == SILENT:
            tally.faults.append(f"{kind}: held for {hold_s:g} s")

    kinds = SLOW.items()
    await asyncio.gather(*(one(kind, run) for kind, run in kinds for _ in range(each)))
    return tally


@contextlib.asynccontextmanager
async def _outcome() -> AsyncIterator[list[int | str]]:
    """Lends a list for an outcome, and puts there what an exception stands for if it is empty."""
    found: list[int | str] = []
    instead: int | str = CLOSED
    try:
        yield found
    except TimeoutError:
        instead = SILENT
    except (OSError, EOFError):
        pass
    except (EmoError, ValueError, asyncio.LimitOverrunError):
        instead = NO_HTTP
    if not found:
        found.append(instead)


async def _write(connection: Connection, content: bytes) -> None:
    with contextlib.suppress(OSError):
        connection.writer.write(content)
        await connection.writer.drain()


async def _say_nothing(connection: Connection) -> int:
    return (await connection.answer()).status


async def _drip(connection: Connection, beginning: bytes, byte: bytes) -> int:
    connection.writer.write(beginning)
    answer = asyncio.ensure_future(connection.answer())
    try:
        while not answer.done():
            connection.writer.write(byte)
            await connection.writer.drain()
            await asyncio.wait([answer], timeout=DRIP_S)
    finally:
        answer.cancel()
        await asyncio.wait([answer])
    return answer.result().status


async def _drip_head(connection: Connection) -> int:
    return await _drip(connection, b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: ", b"a")


async def _drip_body(connection: Connection) -> int:
    head = f"POST {ANALYZE} HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\n"
    return await _drip(connection, f"{head}Content-Length: 100000\r\n\r\n".encode(), b"a")


async def _drip_chunks(connection: Connection) -> int:
    head = f"POST {ANALYZE} HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\n"
    return await _drip(
        connection, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode(), b"1\r\na\r\n"
    )


async def _never_read(connection: Connection) -> int:
    """Asks for far more than fits between the two, and waits until the server has had enough."""
    request = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
    connection.writer.transport.pause_reading()
    connection.writer.write(request * 2000)
    while not connection.writer.is_closing():
        await asyncio.sleep(DRIP_S)
        connection.writer.write(request)
    raise EOFError


SLOW: dict[str, Callable[[Connection], Awaitable[int]]] = {
    "silent connections": _say_nothing,
    "heads byte by byte": _drip_head,
    "bodies byte by byte": _drip_body,
    "chunks byte by byte": _drip_chunks,
    "answers never read": _never_read,
}


def _limit_s(request: Malformed) -> float:
    return ANSWER_S if request.whole else PATIENCE_S

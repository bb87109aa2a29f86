"""Bodies of requests in memory, within limits."""

import asyncio

import pytest
from starlette.requests import ClientDisconnect, Request

from emo_tf.web.bodies import Bodies
from emo_tf.web.refusal import Refusal

NEVER = object()
GONE = object()


def request_of(*chunks: object, length: int | None = None) -> Request:
    """A request whose body comes in chunks; `NEVER` for one that never comes, `GONE` for an end."""
    left = list(chunks)

    async def receive() -> dict:
        chunk = left.pop(0)
        if chunk is NEVER:
            await asyncio.Event().wait()
        if chunk is GONE:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": bool(left)}

    headers = [] if length is None else [(b"content-length", str(length).encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def make_bodies(**limits) -> Bodies:
    return Bodies(**{"max_bytes": 10, "max_held_bytes": 15, "time_limit_s": 5} | limits)


async def read(bodies: Bodies, *chunks: object, **options) -> bytes:
    async with bodies.read(request_of(*chunks, **options)) as body:
        assert bodies.held >= len(body)
        return body


@pytest.mark.parametrize(
    "chunks", [(b"",), (b"abc",), (b"ab", b"", b"c")], ids=["empty", "one", "several"]
)
def test_a_body_is_read_whole_and_held_until_it_is_done_with(chunks):
    bodies = make_bodies()
    assert asyncio.run(read(bodies, *chunks)) == b"".join(chunks)
    assert bodies.held == 0


REFUSED = {
    "announced": ({"chunks": (NEVER,), "length": 11}, 413),
    "announced by far": ({"chunks": (NEVER,), "length": 10**30}, 413),
    "counted": ({"chunks": (b"x" * 6, b"x" * 5, NEVER)}, 413),
    "slow": ({"chunks": (b"x", NEVER), "time_limit_s": 0.05}, 408),
    "too many at once": ({"chunks": (b"x" * 6, NEVER), "max_held_bytes": 5}, 429),
}


@pytest.mark.parametrize(("case", "status"), REFUSED.values(), ids=REFUSED.keys())
def test_what_goes_beyond_a_limit_is_refused_and_forgotten(case, status):
    limits = {name: value for name, value in case.items() if name not in ("chunks", "length")}
    bodies = make_bodies(**limits)
    with pytest.raises(Refusal) as refused:
        asyncio.run(read(bodies, *case["chunks"], length=case.get("length")))
    assert refused.value.status == status
    assert bodies.held == 0


def test_the_bytes_of_all_bodies_at_once_are_bounded():
    bodies = make_bodies()

    async def run() -> None:
        async with bodies.read(request_of(b"x" * 10)):
            async with bodies.read(request_of(b"x" * 5)):
                assert bodies.held == 15
                with pytest.raises(Refusal, match="expected at most 15 bytes") as refused:
                    await read(bodies, b"x")
                assert refused.value.headers == {"Retry-After": "1"}
            assert await read(bodies, b"x") == b"x"

    asyncio.run(run())
    assert bodies.held == 0


def test_a_client_who_breaks_off_is_told_from_one_who_is_done():
    bodies = make_bodies()
    with pytest.raises(ClientDisconnect):
        asyncio.run(read(bodies, b"abc", GONE))
    assert bodies.held == 0

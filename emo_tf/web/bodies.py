"""Bodies of requests, read into memory within limits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from emo_tf.web.refusal import Refusal


class Bodies:
    """Reads bodies, and counts the bytes of all that are in use at once.

    Nothing is ever written to disk, which `Request.form` of Starlette would do.

    Args:
        max_bytes: Bytes of one body at most.
        max_held_bytes: Bytes of all bodies in use at most.
        time_limit_s: Seconds in which a body has to arrive.

    Attributes:
        held: Bytes of the bodies that are in use.
    """

    def __init__(self, *, max_bytes: int, max_held_bytes: int, time_limit_s: float):
        self._max_bytes = max_bytes
        self._max_held_bytes = max_held_bytes
        self._time_limit_s = time_limit_s
        self.held = 0

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """Yields the body of a request, which counts as held until the block ends.

        Raises:
            Refusal: It is too large, packed, too slow, or there are too many others.
            ClientDisconnect: The client went before all of it was there.
        """
        packing = request.headers.get("content-encoding", "identity").strip().lower()
        if packing != "identity":
            raise Refusal(
                415,
                "Content-Encoding: expected none. Received: a packed body",
                reason="content_encoding",
            )
        self._check_size(_announced(request))
        count = 0
        try:
            try:
                async with asyncio.timeout(self._time_limit_s):
                    chunks = []
                    async for chunk in _chunks(request):
                        self._check_size(count + len(chunk))
                        self._check_held(len(chunk))
                        self.held += len(chunk)
                        count += len(chunk)
                        chunks.append(chunk)
            except TimeoutError:
                raise Refusal(
                    408,
                    f"body: expected all of it within {self._time_limit_s:g} s. "
                    f"Received: {count} bytes",
                    reason="slow_body",
                ) from None
            # Kept here it would live on when whoever asked for it has done with it.
            chunks[:] = [b"".join(chunks)]
            yield chunks.pop()
        finally:
            self.held -= count

    def _check_held(self, count: int) -> None:
        if self.held + count > self._max_held_bytes:
            raise Refusal(
                429,
                f"server: expected at most {self._max_held_bytes} bytes of requests at once. "
                "Received: more; try again",
                reason="held_bytes",
                headers={"Retry-After": "1"},
            )

    def _check_size(self, count: int) -> None:
        if count > self._max_bytes:
            raise Refusal(
                413,
                f"body: expected at most {self._max_bytes} bytes. Received: more",
                reason="body_size",
            )


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        more = message.get("more_body", False)
        yield message.get("body", b"")


def _announced(request: Request) -> int:
    """Returns the length that the head of a request names, or at least its first digits."""
    length = request.headers.get("content-length", "")[:20]
    return int(length) if length.isdecimal() else 0

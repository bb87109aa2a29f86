"""HTTP over plain sockets: prebuilt requests, as few milliseconds of this machine as possible."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from emo_tf.errors import EmoError

PREDICT = "/v1/models/expression:predict"
ANALYZE = "/v1/analyze"
BOUNDARY = "between-the-parts"
JSON = "application/json"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


@dataclass(frozen=True)
class Answer:
    """What a server said.

    Attributes:
        status: The status.
        headers: The fields of its head, by lower-case names.
        body: What followed.
    """

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """A connection that is kept alive.

    Args:
        reader: What comes in.
        writer: What goes out.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader, self.writer = reader, writer

    async def ask(self, request: bytes) -> Answer:
        """Sends a request and waits for its answer.

        Raises:
            OSError, EOFError: The server closed the connection.
            EmoError: What came is no HTTP.
        """
        self.writer.write(request)
        return await self.answer()

    async def answer(self) -> Answer:
        """Waits for an answer; interim ones (1xx) are passed over. Raises as `ask`."""
        while True:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            start, *fields = head[:-4].split("\r\n")
            protocol, _, rest = start.partition(" ")
            if not protocol.startswith("HTTP/1.") or not rest[:3].isdigit():
                raise EmoError(f"answer: expected HTTP/1. Received: {start[:80]!r}")
            pairs = (field.partition(":") for field in fields)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            status = int(rest[:3])
            if status >= 200:
                return Answer(status, headers, await self._body(headers))

    async def _body(self, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return await self.reader.readexactly(int(headers["content-length"]))
        if headers.get("transfer-encoding") != "chunked":
            return await self.reader.read()
        parts = []
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            parts.append((await self.reader.readexactly(size + 2))[:-2])
        await self.reader.readexactly(2)
        return b"".join(parts)


@contextlib.asynccontextmanager
async def connect(port: int) -> AsyncIterator[Connection]:
    """Opens a connection to this machine and closes it with the block."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def request_bytes(
    path: str, body: bytes = b"", *, method: str = "POST", content_type: str = JSON
) -> bytes:
    """Returns a whole request."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def predict_request(picture: bytes) -> bytes:
    """Returns a request that asks the expression network about a picture, as TF Serving's do."""
    return request_bytes(PREDICT, predict_body(picture))


def predict_body(picture: bytes) -> bytes:
    """Returns the JSON of `predict_request`."""
    text = base64.b64encode(picture).decode()
    instances = [{"image_bytes": {"b64": text}}]
    return json.dumps({"signature_name": "serve_bytes", "instances": instances}).encode()


def analyze_request(picture: bytes) -> bytes:
    """Returns a request that asks for all that can be told of a photo, as browsers send it."""
    return request_bytes(ANALYZE, form_body(picture), content_type=FORM)


def form_body(picture: bytes) -> bytes:
    """Returns the form of `analyze_request`."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="photo.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    return head.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()

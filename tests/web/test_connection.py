"""Time limits of a connection, shortened."""

import asyncio
import collections
import contextlib
import functools
import socket
import threading
import time

import pytest
import uvicorn

from emo_tf.web import connection
from emo_tf.web.connection import ClientConnection

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
LIMIT_S = 0.3
LARGE = 16 * 2**20  # bytes, more than the system keeps for a reader


async def app(scope, receive, send) -> None:
    """Answers at once, whatever of the body is there; large for `/large`, slowly for `/slow`."""
    if scope["path"] == "/slow":
        await asyncio.sleep(4 * LIMIT_S)
    body = b"x" * (LARGE if scope["path"] == "/large" else 2)
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Listening:
    """A server on a thread, with room for two connections."""

    def __init__(self):
        self.refused = collections.Counter()
        self._listener = socket.create_server(("127.0.0.1", 0))
        made = functools.partial(
            ClientConnection, max_connections=2, count=lambda reason: self.refused.update([reason])
        )
        config = uvicorn.Config(
            app, http=made, ws="none", lifespan="off", log_config=None, access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}
        )
        self._thread.start()
        self._opened = []

    def connect(self) -> socket.socket:
        self._opened.append(socket.create_connection(self._listener.getsockname(), timeout=10))
        return self._opened[-1]

    def close(self) -> None:
        for one in self._opened:
            one.close()
        self._server.should_exit = True
        self._thread.join(10)
        self._listener.close()


@pytest.fixture
def listening(monkeypatch):
    for name in ("HEAD_LIMIT_S", "WRITE_LIMIT_S", "LINGER_LIMIT_S"):
        monkeypatch.setattr(connection, name, LIMIT_S)
    listening = Listening()
    yield listening
    listening.close()


def answer(one: socket.socket) -> bytes:
    """Returns the status line of the next answer, which is a small one."""
    received = b""
    while not received.endswith(b"\r\n\r\nxx"):
        byte = one.recv(1)
        assert byte, received
        received += byte
    return received.partition(b"\r\n")[0]


def ends(one: socket.socket) -> bool:
    """Returns whether the other side ends the connection before the socket's own time is over."""
    with contextlib.suppress(ConnectionError):
        while one.recv(10_000):
            pass
    return True


def send_slowly(one: socket.socket, content: bytes) -> None:
    for byte in content:
        one.send(bytes([byte]))
        time.sleep(0.02)


def test_who_says_nothing_is_left(listening):
    start = time.monotonic()
    assert ends(listening.connect())
    assert LIMIT_S * 0.9 < time.monotonic() - start < 5
    assert listening.refused == {"slow_head": 1}


def test_who_says_a_head_byte_by_byte_is_left(listening):
    one = listening.connect()
    with pytest.raises(ConnectionError):
        send_slowly(one, b"GET / HTTP/1.1" + b" " * 200)
    assert listening.refused == {"slow_head": 1}


def test_the_head_of_a_later_request_has_its_own_time(listening):
    one = listening.connect()
    for _ in range(3):
        one.sendall(GET)
        assert answer(one) == b"HTTP/1.1 200 OK"
        time.sleep(0.7 * LIMIT_S)
    assert not listening.refused
    one.sendall(GET[:10])
    assert ends(one)
    assert listening.refused == {"slow_head": 1}


def test_who_waits_for_a_slow_answer_is_not_left(listening):
    one = listening.connect()
    one.sendall(GET.replace(b"/ ", b"/slow "))
    assert answer(one) == b"HTTP/1.1 200 OK"


def test_who_never_reads_an_answer_is_left(listening):
    one = listening.connect()
    one.sendall(GET.replace(b"/ ", b"/large "))
    deadline = time.monotonic() + 15
    while not listening.refused:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert listening.refused == {"slow_reader": 1}
    received = 0
    with contextlib.suppress(ConnectionError):
        while chunk := one.recv(2**20):
            received += len(chunk)
    assert received < LARGE


def test_who_reads_a_large_answer_gets_it_and_may_ask_again(listening, monkeypatch):
    limit_s = 2  # a busy machine needs some time to move the answer
    monkeypatch.setattr(connection, "WRITE_LIMIT_S", limit_s)
    one = listening.connect()
    one.sendall(GET.replace(b"/ ", b"/large "))
    with one.makefile("rb") as reader:
        while reader.readline().strip():
            pass
        assert len(reader.read(LARGE)) == LARGE
    time.sleep(1.1 * limit_s)
    one.sendall(GET)
    assert answer(one) == b"HTTP/1.1 200 OK"
    assert not listening.refused


def test_a_body_that_goes_on_after_its_answer_is_cut_off(listening):
    one = listening.connect()
    one.sendall(POST)
    assert answer(one) == b"HTTP/1.1 200 OK"
    with pytest.raises(ConnectionError):
        send_slowly(one, b"x" * 90)
    assert listening.refused == {"slow_body": 1}


def test_a_body_that_ends_after_its_answer_leaves_the_connection_usable(listening):
    one = listening.connect()
    one.sendall(POST)
    assert answer(one) == b"HTTP/1.1 200 OK"
    one.sendall(b"x" * 100 + GET)
    assert answer(one) == b"HTTP/1.1 200 OK"
    time.sleep(1.5 * LIMIT_S)
    one.sendall(GET)
    assert answer(one) == b"HTTP/1.1 200 OK"


def test_a_body_that_breaks_after_its_answer_ends_the_connection(listening):
    one = listening.connect()
    one.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert answer(one) == b"HTTP/1.1 200 OK"
    one.sendall(b"no chunk\r\n")
    assert ends(one)


def test_where_there_is_no_room_one_that_is_idle_makes_it(listening):
    idle, busy = listening.connect(), listening.connect()
    idle.sendall(GET)
    assert answer(idle) == b"HTTP/1.1 200 OK"
    busy.sendall(GET.replace(b"/ ", b"/slow "))
    new = listening.connect()
    new.sendall(GET)
    assert answer(new) == b"HTTP/1.1 200 OK"
    assert ends(idle)
    assert answer(busy) == b"HTTP/1.1 200 OK"
    assert not listening.refused


def test_where_nobody_makes_room_a_new_one_is_told_to_come_back(listening):
    busy = [listening.connect() for _ in range(2)]
    for one in busy:
        one.sendall(GET.replace(b"/ ", b"/slow "))
    time.sleep(0.1)
    new = listening.connect()
    told = new.recv(10_000)
    assert told.startswith(b"HTTP/1.1 429")
    assert b"Retry-After: 1" in told
    assert ends(new)
    assert [answer(one) for one in busy] == 2 * [b"HTTP/1.1 200 OK"]

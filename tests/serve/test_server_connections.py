"""Clients that are odd, slow, silent or gone: what a connection makes of them."""

import json
import socket
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.running_server import read_answer

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def connect(server) -> Iterator[Callable[[], socket.socket]]:
    """Opens connections to the server; they are closed after the test."""
    opened = []

    def open_one() -> socket.socket:
        opened.append(socket.create_connection(("127.0.0.1", server.port), timeout=15))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


def ask(connection: socket.socket, request: bytes) -> tuple[int, dict[str, str], bytes]:
    connection.sendall(request)
    return read_answer(connection)


def form(content: bytes, name: str = "a.png") -> tuple[bytes, bytes]:
    """Returns a form with one file and its content type."""
    head = f'Content-Disposition: form-data; name="image"; filename="{name}"\r\n\r\n'.encode()
    return b"--b\r\n" + head + content + b"\r\n--b--\r\n", b"multipart/form-data; boundary=b"


ODD = {
    "nothing of HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "NUL in the path": b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "bytes above ASCII in the path": b"GET /\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "length that is no number": b"POST /v1/analyze HTTP/1.1\r\nHost: x\r\n"
    b"Content-Length: -1\r\n\r\n",
    "two lengths": b"POST /v1/analyze HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
    b"Content-Length: 2\r\n\r\n",
    "unknown transfer coding": b"POST /v1/analyze HTTP/1.1\r\nHost: x\r\n"
    b"Transfer-Encoding: gzip\r\n\r\n",
    "chunk that is no number": b"POST /v1/analyze HTTP/1.1\r\nHost: x\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "space before the colon": b"GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", ODD.values(), ids=ODD.keys())
def test_what_is_not_http_gets_400_in_our_shape_and_the_connection_ends(connect, request_bytes):
    connection = connect()
    status, headers, body = ask(connection, request_bytes)
    assert (status, headers["content-type"]) == (400, "application/json")
    assert list(json.loads(body)) == ["error"]
    assert headers["connection"] == "close"


PATHS = {
    "preface of HTTP/2": b"PRI * HTTP/2.0",
    "percent-encoded NUL": b"GET /%00 HTTP/1.1",
    "broken percent-encoding": b"GET /%zz%f HTTP/1.1",
    "bytes that are no UTF-8": b"GET /v1/models/%ff%fe HTTP/1.1",
    "dots": b"GET /../../etc/passwd HTTP/1.1",
    "encoded dots": b"GET /%2e%2e/page.css HTTP/1.1",
    "two slashes": b"GET //v1/models HTTP/1.1",
    "slash at the end": b"GET /v1/models/ HTTP/1.1",
    "path of 10 kB": b"GET /" + b"a" * 10_000 + b" HTTP/1.1",
    "endless version": b"GET /v1/models/expression/versions/" + b"9" * 5000 + b" HTTP/1.1",
    "negative version": b"GET /v1/models/expression/versions/-1 HTTP/1.1",
    "version of an unknown model": b"GET /v1/models/nobody/versions/1 HTTP/1.1",
    "absolute form of another path": b"GET http://x/nothing HTTP/1.1",
}


@pytest.mark.parametrize("line", PATHS.values(), ids=PATHS.keys())
def test_odd_paths_get_404(connect, line):
    status, _, body = ask(connect(), line + b"\r\nHost: x\r\n\r\n")
    assert status == 404
    assert list(json.loads(body)) == ["error"]


METHODS = {
    "CONNECT": b"CONNECT x:80 HTTP/1.1",
    "OPTIONS *": b"OPTIONS * HTTP/1.1",
    "OPTIONS": b"OPTIONS /healthz HTTP/1.1",
    "TRACE": b"TRACE /healthz HTTP/1.1",
    "DELETE": b"DELETE /v1/models HTTP/1.1",
    "made up": b"BREW /v1/analyze HTTP/1.1",
    "GET of a verb": b"GET /v1/models/expression:predict HTTP/1.1",
}


@pytest.mark.parametrize("line", METHODS.values(), ids=METHODS.keys())
def test_other_methods_get_404_or_405_with_those_that_are_allowed(connect, line):
    status, headers, _ = ask(connect(), line + b"\r\nHost: x\r\n\r\n")
    assert status in (404, 405)
    assert ("allow" in headers) == (status == 405)


def test_a_head_without_an_end_is_cut_off(connect):
    connection = connect()
    with pytest.raises(ConnectionError):
        connection.sendall(b"A: " + b"a" * 100_000_000)


def test_a_path_in_absolute_form_is_a_path(connect):
    status, _, _ = ask(connect(), b"GET http://x:1/healthz?a=b HTTP/1.1\r\nHost: x\r\n\r\n")
    assert status == 200


def test_http_1_0_gets_its_answer_and_the_end_of_the_connection(connect):
    connection = connect()
    status, _, body = ask(connection, b"GET /healthz HTTP/1.0\r\n\r\n")
    assert (status, json.loads(body)) == (200, {"status": "ok"})
    assert connection.recv(1) == b""


def test_requests_sent_ahead_are_answered_one_after_the_other(connect):
    connection = connect()
    connection.sendall(3 * HEALTH + b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
    statuses = []
    with connection.makefile("rb") as stream:
        while len(statuses) < 4:
            line = stream.readline()
            if b"HTTP/1.1" in line:
                statuses.append(int(line.rpartition(b"HTTP/1.1")[2].split()[0]))
    assert statuses == [200, 200, 200, 404]


def test_an_upgrade_to_websockets_is_passed_over(connect):
    request = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert ask(connect(), request)[0] == 200


def test_a_body_is_asked_for_before_it_is_sent(connect, astronaut):
    body, kind = form(astronaut.read_bytes())
    connection = connect()
    head = b"POST /v1/analyze HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: " + kind
    connection.sendall(head + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n")
    assert connection.recv(100).startswith(b"HTTP/1.1 100")
    status, _, answer = ask(connection, body)
    assert status == 200
    assert len(json.loads(answer)["faces"]) == 1


def test_a_body_in_small_chunks_is_read_whole(connect, astronaut):
    body, kind = form(astronaut.read_bytes())
    connection = connect()
    head = b"POST /v1/analyze HTTP/1.1\r\nHost: x\r\nContent-Type: " + kind
    connection.sendall(head + b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    for start in range(0, len(body), 5000):
        chunk = body[start : start + 5000]
        connection.sendall(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
    status, _, answer = ask(connection, b"0\r\n\r\n")
    assert status == 200
    assert len(json.loads(answer)["faces"]) == 1


def test_a_body_in_chunks_of_a_byte_each_is_read_whole(connect):
    body, kind = form(b"no picture" * 2000)
    head = b"POST /v1/analyze HTTP/1.1\r\nHost: x\r\nContent-Type: " + kind
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    request = head + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    connection = connect()
    status, _, answer = ask(connection, request)
    assert status == 400
    assert "expected a picture" in json.loads(answer)["error"]
    assert ask(connection, HEALTH)[0] == 200


def test_a_client_who_breaks_off_a_body_leaves_no_trace(connect, server):
    for sent in (b"", b"--b\r\n", b"x" * 100_000):
        connection = connect()
        head = b"POST /v1/analyze HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; "
        connection.sendall(head + b"boundary=b\r\nContent-Length: 200000\r\n\r\n" + sent)
        connection.close()
    assert held_bytes_fall_to_zero(server)


def test_a_client_who_goes_before_the_answer_leaves_no_trace(connect, server, astronaut):
    body, kind = form(astronaut.read_bytes())
    head = b"POST /v1/analyze HTTP/1.1\r\nHost: x\r\nContent-Type: " + kind
    for _ in range(8):
        connection = connect()
        length = str(len(body)).encode()
        connection.sendall(head + b"\r\nContent-Length: " + length + b"\r\n\r\n" + body)
        connection.close()
    assert held_bytes_fall_to_zero(server)
    assert httpx.get(f"{server.url}/readyz").status_code == 200


def test_an_answer_before_the_end_of_a_body_reaches_a_client_who_sends_on(connect):
    connection = connect()
    head = b"POST /v1/analyze HTTP/1.1\r\nHost: x\r\nContent-Length: 40000000\r\n\r\n"
    connection.sendall(head)
    for _ in range(40):
        connection.sendall(b"x" * 1_000_000)
    status, _, body = read_answer(connection)
    assert status == 413
    assert "16777216 bytes" in json.loads(body)["error"]
    assert ask(connection, HEALTH)[0] == 200


def held_bytes_fall_to_zero(server) -> bool:
    deadline = time.monotonic() + 15
    with httpx.Client(base_url=server.url) as client:
        while time.monotonic() < deadline:
            if "emo_tf_held_bytes 0.0" in client.get("/metrics").text:
                return True
            time.sleep(0.05)
    return False

"""Requests that no server can answer well, by kind; the same ones from the same seed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from benchmarks.image_bombs import broken_pictures, image_bombs
from benchmarks.raw_http import (
    ANALYZE,
    BOUNDARY,
    FORM,
    JSON,
    PREDICT,
    analyze_request,
    form_body,
    predict_body,
    predict_request,
    request_bytes,
)

NUMBERS = "-1", "0", "129", "1e400", "-0.0", "NaN", "Infinity", "9" * 400, "true", "null"
TEXTS = '""', '"\\ud800"', '"\\u0000"', '"serve_bytez"', '"' + "é" * 1000 + '"', "'a'", "{}"
NESTED = "[]", "[[]]", "[[[[1]]]]", "[" * 50_000, "[" * 500 + "]" * 500, '{"a":' * 20_000


@dataclass(frozen=True)
class Malformed:
    """A request that is wrong.

    Attributes:
        kind: What is wrong about it.
        content: What goes over the wire.
        whole: Whether it is HTTP enough for an answer to be due.
    """

    kind: str
    content: bytes
    whole: bool = True


def random_bytes(seed: int, count: int) -> Iterator[Malformed]:
    """Yields bytes that are no HTTP at all."""
    random = Random(seed)
    for _ in range(count):
        content = random.randbytes(random.choice((1, 20, 400, 5000)))
        end = random.choice((b"", b"\r\n", b"\r\n\r\n"))
        yield Malformed("random bytes", content + end, whole=False)


def heads(seed: int, count: int, picture: bytes) -> Iterator[Malformed]:
    """Yields requests whose heads are odd or have bytes that are wrong."""
    random = Random(seed)
    odd = _odd_heads()
    requests = [predict_request(picture), analyze_request(picture)]
    for number in range(count):
        if number % 3 == 0:
            content = random.choice(odd)
        else:
            request = random.choice(requests)
            end = request.index(b"\r\n\r\n") + 4
            content = _mutated(request[:end], random) + request[end:]
        yield Malformed("heads", content, whole=False)


def json_bodies(seed: int, count: int, picture: bytes) -> Iterator[Malformed]:
    """Yields bodies of `:predict` that are wrong as JSON, or as a request."""
    random = Random(seed)
    right = predict_body(picture)
    values = [*NUMBERS, *TEXTS, *NESTED]
    for number in range(count):
        value = random.choice(values)
        image = f'{{"image_bytes": {value}}}'
        content = (
            _mutated(right, random),
            right[: random.randrange(len(right))],
            f'{{"signature_name": "serve_bytes", "instances": {value}}}'.encode(),
            f'{{"signature_name": "serve_bytes", "instances": [{image}]}}'.encode(),
            f'{{"signature_name": {value}, "inputs": {{"b64": {value}}}}}'.encode(),
            f'{{"instances": [{", ".join([value] * random.randrange(200))}]}}'.encode(),
            f'{{"inputs": {value}, "instances": {value}}}'.encode(),
            value.encode("utf-8", "surrogatepass"),
            json.dumps({"instances": [[[[random.random()] * 3] * 9] * 7]}).encode(),
            random.randbytes(200),
        )[number % 10]
        kind = random.choice((JSON, JSON, JSON, FORM, "text/plain", "application/json; charset=é"))
        yield Malformed("JSON", request_bytes(PREDICT, content, content_type=kind))


def forms(seed: int, count: int, picture: bytes) -> Iterator[Malformed]:
    """Yields bodies of `/v1/analyze` that are wrong as forms, or as a request."""
    random = Random(seed)
    right = form_body(picture)
    mark = f"--{BOUNDARY}\r\n".encode()
    part = mark + b'Content-Disposition: form-data; name="image"; filename="%s"\r\n\r\n%s\r\n'
    end = f"--{BOUNDARY}--\r\n".encode()
    for number in range(count):
        content = (
            _mutated(right, random),
            right[: random.randrange(len(right))],
            right.replace(b"image", b"picture", 1),
            right + right,
            (part % (b"a\0b/../c", picture)) * random.randrange(2, 6) + end,
            (part % (b"a", b"")) * random.randrange(1, 3000) + end,
            mark + b"X-Long: " + b"a" * random.choice((100, 100_000)) + b"\r\n\r\n" + end,
            mark * random.randrange(10_000),
            (part % (b"a", random.randbytes(3000))) + end,
            (part % (b"\xff\xfe", picture[: random.randrange(len(picture))])) + end,
            right.replace(b"image/jpeg", b"multipart/mixed; boundary=a"),
            random.randbytes(500),
        )[number % 12]
        kind = random.choice(
            (FORM, FORM, FORM, FORM, JSON, "multipart/form-data", f"{FORM}{'x' * 300}")
        )
        yield Malformed("forms", request_bytes(ANALYZE, content, content_type=kind))


def pictures(picture: bytes, *, size: int = 1 << 20, full_size: bool = True) -> Iterator[Malformed]:
    """Yields bombs, as `image_bombs` takes them, and broken pictures, each to both routes."""
    for content in image_bombs(size=size, full_size=full_size).values():
        yield Malformed("image bombs", predict_request(content))
        yield Malformed("image bombs", analyze_request(content))
    for content in broken_pictures(picture):
        yield Malformed("broken pictures", predict_request(content))
        yield Malformed("broken pictures", analyze_request(content))


def _mutated(content: bytes, random: Random) -> bytes:
    """Returns bytes of which some were changed, lost or doubled."""
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 8))):
        place = random.randrange(len(changed))
        length = random.choice((1, 1, 2, 10))
        with_what = (random.randbytes(length), b"", changed[place : place + length] * 2)
        changed[place : place + length] = random.choice(with_what)
    return bytes(changed)


def _odd_heads() -> list[bytes]:
    """Returns requests that are wrong before their bodies begin."""
    post = f"POST {PREDICT} HTTP/1.1\r\nHost: a\r\n".encode()
    chunked = post + b"Transfer-Encoding: chunked\r\n\r\n"
    paths = (
        "/" + "a" * 100_000,
        "/%00",
        "/%ff%fe",
        "/..%2f..%2fetc/passwd",
        "/v1/models/%2e%2e/metadata",
        "/v1/models//metadata",
        "/v1/models/expression/versions/" + "9" * 400,
        "/v1/models/expression/versions/-1",
        "/v1/models/expression:classify",
        "/?" + "&" * 5000,
        "*",
        "http://elsewhere/v1/models",
    )
    methods = "GET", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "G\0T", "PUT"
    return [
        *(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for path in paths),
        *(f"{method} {PREDICT} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for method in methods),
        *(post + b"Content-Length: " + value + b"\r\n\r\n{}" for value in _LENGTHS),
        *(chunked + body for body in _CHUNKS),
        post + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        post + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        post + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        post + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        post + b"Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n",
        post + b"Expect: 200-ok\r\nContent-Length: 2\r\n\r\n{}",
        post + b"X: " + b"a" * 200_000 + b"\r\n\r\n",
        post + b"X: a\r\n" * 3000 + b"\r\n",
        post + b"X: a\0b\r\n\r\n",
        post + b" folded\r\n\r\n",
        post + b"Authorization: Bearer \xff\xfe\r\nContent-Length: 2\r\n\r\n{}",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\nHost: a\n\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 40,
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ]


_LENGTHS = b"-1", b"+2", b"2, 2", b"1e3", b"99999999999999999999", b"16777217", b"", b"\xb2"
_CHUNKS = (
    b"zz\r\n{}\r\n0\r\n\r\n",
    b"-2\r\n{}\r\n0\r\n\r\n",
    b"ffffffffffffffff\r\n{}\r\n",
    b"2;" + b"a" * 20_000 + b"\r\n{}\r\n0\r\n\r\n",
    b"2\r\n{}0\r\n\r\n",
    b"1\r\n{\r\n" * 3000 + b"0\r\n\r\n",
    b"0\r\nX: a\r\n\r\n",
)

"""Where the server says no: sizes, times, queues, tokens."""

import concurrent.futures
import socket

import httpx
import numpy as np
import pytest

from tests.running_server import read_answer

TOKEN = "open-sesame"


@pytest.fixture(scope="module")
def tight_server(start_server, tmp_path_factory):
    """A server that takes little at once and waits for nobody, with a token."""
    token_file = tmp_path_factory.mktemp("token") / "token.txt"
    token_file.write_text(f"{TOKEN}\n")
    arguments = ("--workers", 1, "--queue", 1, "--max-bytes", 100_000, "--max-pixels", 9_000_000)
    return start_server(*arguments, "--time-limit", 3, "--token-file", token_file)


@pytest.fixture(scope="module")
def client(tight_server):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=tight_server.url, headers=headers, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def stranger(tight_server):
    """A client without the token."""
    with httpx.Client(base_url=tight_server.url, timeout=30) as client:
        yield client


def send(client, picture: bytes) -> httpx.Response:
    return client.post("/v1/analyze", files={"image": ("a.png", picture)})


def test_a_body_that_is_too_large_is_turned_down(client):
    answer = send(client, b"x" * 100_001)
    assert answer.status_code == 413
    assert answer.json() == {"error": "body: expected at most 100000 bytes. Received: more"}


def test_a_body_that_does_not_say_how_large_it_is_is_counted(client):
    answer = client.post("/v1/analyze", content=(b"x" * 10_000 for _ in range(11)))
    assert answer.status_code == 413


def test_a_picture_of_too_many_pixels_is_turned_down(client, make_picture):
    answer = send(client, make_picture(np.zeros((3001, 3000), np.uint8), "PNG"))
    assert answer.status_code == 400
    assert "pixels" in answer.json()["error"]


def test_who_does_not_fit_into_the_queue_is_told_when_to_come_back(client, slow_picture):
    with concurrent.futures.ThreadPoolExecutor(6) as executor:
        answers = list(executor.map(lambda _: send(client, slow_picture), range(6)))
    statuses = {answer.status_code for answer in answers}
    assert {200, 429} <= statuses <= {200, 429, 503}
    for answer in answers:
        if answer.status_code != 200:
            assert int(answer.headers["retry-after"]) >= 1
    assert 'emo_tf_refused_total{reason="queue"}' in client.get("/metrics").text


def test_a_body_that_does_not_arrive_in_time_is_given_up(tight_server):
    with socket.create_connection(("127.0.0.1", tight_server.port), timeout=15) as connection:
        head = f"POST /v1/analyze HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
        connection.sendall(f"{head}Content-Length: 10\r\n\r\nabc".encode())
        status, _, body = read_answer(connection)
    assert status == 408
    assert body == b'{"error": "body: expected all of it within 3 s. Received: 3 bytes"}'


WRONG = {
    "none": {},
    "another": {"Authorization": "Bearer open-sesam"},
    "longer": {"Authorization": f"Bearer {TOKEN}!"},
    "another scheme": {"Authorization": f"Basic {TOKEN}"},
    "no scheme": {"Authorization": TOKEN},
    "empty": {"Authorization": "Bearer"},
    "not ASCII": {"Authorization": "Bearer öpen-sesame".encode()},
}


@pytest.mark.parametrize("path", ["/v1/models", "/v1/nothing", "/metrics"])
@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG.keys())
def test_without_the_token_nobody_is_let_in(stranger, headers, path):
    answer = stranger.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text


def test_a_body_without_the_token_is_not_read(stranger):
    answer = send(stranger, b"x" * 200_000)
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/", "/page.js", "/healthz", "/readyz", "/openapi.json"])
def test_what_is_no_secret_needs_no_token(stranger, path):
    assert stranger.get(path).status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_with_the_token_one_is_let_in(stranger, scheme):
    headers = {"Authorization": f"{scheme} {TOKEN}"}
    assert stranger.get("/v1/models", headers=headers).status_code == 200


def test_the_token_is_never_logged(tight_server, client):
    client.get("/v1/models", params={"token": TOKEN})
    assert TOKEN not in tight_server.log_file.read_text("utf-8")

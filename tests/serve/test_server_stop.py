"""How the server ends: it takes no more work and finishes what is open."""

import concurrent.futures
import json
import signal
import time

import httpx


def test_told_to_end_it_answers_what_is_open_and_takes_no_more(start_server, slow_picture):
    server = start_server("--workers", 1)
    with (
        concurrent.futures.ThreadPoolExecutor(1) as executor,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        photo = {"image": ("a.png", slow_picture)}
        open_request = executor.submit(client.post, "/v1/analyze", files=photo)
        wait_until_something_is_held(client)
        server.process.send_signal(signal.SIGTERM)
        ready = wait_until_not_ready(client)
        assert ready.status_code == 503
        assert int(ready.headers["retry-after"]) >= 1
        assert "stopping" in ready.json()["error"]
        assert client.get("/healthz").status_code == 200
        refused = client.post("/v1/analyze", files=photo)
        assert refused.status_code == 503
        answer = open_request.result(30)
    assert answer.status_code == 200
    assert json.loads(answer.content)["width"] == 3000
    assert server.process.wait(20) == 0
    assert [line["event"] for line in server.log()][-1] == "stopped"


def test_ctrl_c_ends_it_well(start_server):
    server = start_server()
    with httpx.Client(base_url=server.url) as client:
        # A connection that stays open does not keep it from ending.
        assert client.get("/healthz").status_code == 200
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 0


def wait_until_something_is_held(client) -> None:
    deadline = time.monotonic() + 15
    while "emo_tf_held_bytes 0.0" in client.get("/metrics").text:
        assert time.monotonic() < deadline


def wait_until_not_ready(client) -> httpx.Response:
    deadline = time.monotonic() + 15
    while (answer := client.get("/readyz")).status_code == 200:
        assert time.monotonic() < deadline
    return answer

"""What the server writes down of requests, and what it does not."""

import base64
import re
import time
from pathlib import Path

import httpx
import pytest

NAME = "portrait-of-a-secret.png"


@pytest.fixture(scope="module")
def asked(server, astronaut):
    """The server after one request of each kind."""
    picture = astronaut.read_bytes()
    body = {
        "signature_name": "serve_bytes",
        "instances": [{"image_bytes": {"b64": base64.b64encode(picture).decode()}}],
    }
    with httpx.Client(base_url=server.url, timeout=30) as client:
        client.post("/v1/analyze?who=somebody", files={"image": (NAME, picture)})
        client.post("/v1/analyze", files={"image": (NAME, b"unreadable-secret")})
        client.post("/v1/models/expression:predict", json=body)
        client.get("/a/secret/path")
        client.request("BREW", "/")
    # A request is counted and logged once its answer is on its way: its client may be faster.
    deadline = time.monotonic() + 15
    while len(request_lines(server)) < 5:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return server


def request_lines(server) -> list[dict]:
    return [line for line in server.log() if line["event"] == "request"]


def test_every_request_is_one_line_of_json(asked):
    lines = request_lines(asked)
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("POST", "/v1/analyze", 200),
        ("POST", "/v1/analyze", 400),
        ("POST", "/v1/models/{name}:predict", 200),
        ("GET", "other", 404),
        ("other", "/", 405),
    ]
    assert lines[0]["bytes"] > 700_000
    assert lines[0]["ms"] > 0
    assert lines[2]["model"] == "expression"
    assert len({line["id"] for line in lines}) == len(lines)


def test_neither_pictures_nor_names_nor_queries_are_logged(asked, astronaut):
    text = asked.log_file.read_text("utf-8")
    encoded = base64.b64encode(astronaut.read_bytes()[:60]).decode()
    for secret in (NAME, "secret", "somebody", encoded):
        assert secret not in text


def test_the_models_that_were_loaded_are_logged(asked):
    (loaded,) = [line for line in asked.log() if line["event"] == "model_loaded"]
    assert (loaded["model"], loaded["version"]) == ("expression", 1)


def metrics(asked) -> dict[str, float]:
    lines = httpx.get(f"{asked.url}/metrics").text.splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_prometheus_reads_requests_batches_models_and_memory(asked):
    values = metrics(asked)
    ok = 'emo_tf_requests_total{method="POST",route="/v1/analyze",status="200"}'
    assert values[ok] == 1
    assert values['emo_tf_requests_total{method="GET",route="other",status="404"}'] == 1
    assert values['emo_tf_request_seconds_count{route="/v1/analyze"}'] == 2
    assert values['emo_tf_batch_size_sum{answerer="expression"}'] == 1
    assert values['emo_tf_model{name="expression",task="expression",version="1"}'] == 1
    assert values["emo_tf_waiting"] == values["emo_tf_held_bytes"] == 0
    assert values["process_resident_memory_bytes"] > 1e7


def test_unknown_paths_do_not_make_the_metrics_grow(asked):
    with httpx.Client(base_url=asked.url) as client:
        for number in range(5):
            client.get(f"/{number}")
            client.get(f"/v1/models/{number}")
    text = httpx.get(f"{asked.url}/metrics").text
    routes = set(re.findall(r'route="([^"]*)"', text))
    assert routes <= {
        "/",
        "/metrics",
        "/v1/analyze",
        "/v1/models/{name}",
        "/v1/models/{name}:predict",
        "other",
    }


def test_the_process_has_loaded_nothing_of_the_workshop(asked):
    libraries = Path(f"/proc/{asked.process.pid}/maps").read_text("utf-8")
    assert "site-packages/numpy" in libraries
    for name in ("tensorflow", "scipy", "matplotlib"):
        assert f"site-packages/{name}" not in libraries

"""Versions below ROOT, seen over HTTP."""

import shutil
import time

import httpx
import pytest

from emo_tf.weights import weight_path


def put_version(root, number: int, content: bytes | None = None) -> None:
    """Puts a version of the model `faces` below ROOT, as a push does: whole at once."""
    hidden = root / "faces" / f".{number}"
    hidden.mkdir(parents=True)
    shutil.copy(weight_path("expression_float16"), hidden / "model_float16.tflite")
    if content is not None:
        (hidden / "model_float16.tflite").write_bytes(content)
    hidden.rename(root / "faces" / str(number))


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    put_version(root, 1)
    return root


@pytest.fixture(scope="module")
def client(start_server, root):
    server = start_server("--models", root, "--poll", 0.1)
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


def states(client) -> dict[str, str]:
    values = client.get("/v1/models/faces").json()["model_version_status"]
    return {status["version"]: status["state"] for status in values}


def wait_for(client, version: str, state: str) -> dict[str, str]:
    deadline = time.monotonic() + 20
    while states(client).get(version) != state:
        assert time.monotonic() < deadline, states(client)
        time.sleep(0.05)
    return states(client)


def test_versions_come_fail_and_go(client, root):
    assert states(client) == {"1": "AVAILABLE"}
    parts = client.get("/v1/models").json()["analysis"]
    assert parts["expression"] == {"model": "faces", "version": 1}

    put_version(root, 2)
    wait_for(client, "2", "AVAILABLE")
    wait_for(client, "1", "END")
    assert client.get("/v1/models/faces/metadata").json()["model_spec"]["version"] == "2"
    assert client.get("/v1/models/faces/versions/1/metadata").status_code == 404

    put_version(root, 3, b"no model")
    assert wait_for(client, "3", "END")["2"] == "AVAILABLE"
    (failed,) = client.get("/v1/models/faces/versions/3").json()["model_version_status"]
    assert failed["status"]["error_code"] != "OK"
    assert "model_float16.tflite" in failed["status"]["error_message"]
    assert client.get("/readyz").status_code == 200
    assert client.get("/v1/models").json()["models"][-1]["version"] == 2

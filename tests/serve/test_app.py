"""What the app does when something inside it goes wrong that nobody foresaw."""

import asyncio
import contextlib
import json
import logging

import httpx
import pytest

from emo_tf.serve.app import create_app
from emo_tf.serve.logs import LOGGER, JsonFormatter
from emo_tf.serve.model_versions import VersionStatus
from emo_tf.serve.settings import ServeSettings
from emo_tf.serve.worker_pool import WorkerPool


class BrokenRegistry:
    """Is ready, and fails at whatever it is asked."""

    ready = True

    def statuses(self, name: str, version: int | None = None) -> list[VersionStatus]:
        raise RuntimeError("inner secret")

    @contextlib.contextmanager
    def predictor(self, name: str, version: int | None = None):
        yield BrokenAnswerer()


class BrokenAnswerer:
    name = "broken"

    def answer(self, worker: int, requests: list[bytes]) -> list[bytes]:
        raise RuntimeError("inner secret")


@pytest.fixture
def app():
    pool = WorkerPool(workers=1, queue=4, batch=1)
    yield create_app(ServeSettings(), BrokenRegistry(), pool)
    pool.close(grace_s=5)


def ask(app, method: str, path: str, **options) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.request(method, path, **options)

    return asyncio.run(run())


FAILING = {
    "route": ("GET", "/v1/models/expression"),
    "thread": ("POST", "/v1/models/expression:predict"),
}


@pytest.mark.parametrize(("method", "path"), FAILING.values(), ids=FAILING.keys())
def test_a_bug_is_logged_with_its_traceback_and_not_shown(app, caplog, method, path):
    caplog.set_level(logging.INFO, LOGGER)
    answer = ask(app, method, path)
    assert answer.status_code == 500
    assert answer.json() == {"error": "the server failed; its log says why"}
    failed, request = (json.loads(JsonFormatter().format(record)) for record in caplog.records)
    assert (failed["event"], failed["level"]) == ("failed", "error")
    assert "RuntimeError: inner secret" in failed["traceback"]
    assert (request["event"], request["status"]) == ("request", 500)
    assert failed["id"] == request["id"] == answer.headers["x-request-id"]


def test_a_line_of_the_log_is_one_line_whatever_stands_in_it():
    record = logging.LogRecord("x", logging.INFO, "", 0, "two\nlines \ud800", (), None)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["event"] == "two\nlines \ud800"
    line.encode("utf-8")

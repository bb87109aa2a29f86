"""A request on its way to a thread: answered, or dropped when its client goes."""

import asyncio
import threading
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from starlette.requests import ClientDisconnect, Request

from emo_tf.errors import EmoError
from emo_tf.serve.measurements import Measurements
from emo_tf.serve.service import Service
from emo_tf.serve.settings import ServeSettings
from emo_tf.serve.work import TimeLimit
from emo_tf.serve.worker_pool import WorkerPool
from emo_tf.web.refusal import Refusal


class Echo:
    """Answers with what it is asked, once it may."""

    name = "echo"

    def __init__(self):
        self.may_answer = threading.Event()
        self.asked = []

    def answer(self, worker: int, requests: Sequence[bytes]) -> list[bytes | EmoError]:
        self.asked += requests
        self.may_answer.wait(10)
        return [EmoError("bad") if request == b"bad" else request for request in requests]


@pytest.fixture
def pool():
    pool = WorkerPool(workers=1, queue=4, batch=1)
    yield pool
    pool.close(grace_s=5)


@pytest.fixture
def service(pool):
    settings = ServeSettings(time_limit_s=0.3)
    registry = SimpleNamespace(ready=True)
    return Service(settings, registry, pool, measurements=Measurements())


def client_who_stays() -> Request:
    return Request({"type": "http"}, asyncio.Event().wait)


def client_who_goes() -> Request:
    async def receive() -> dict:
        return {"type": "http.disconnect"}

    return Request({"type": "http"}, receive)


def test_a_client_who_stays_gets_the_answer(service):
    echo = Echo()
    echo.may_answer.set()
    assert asyncio.run(service.answer(client_who_stays(), echo, b"a")) == b"a"


def test_an_error_of_the_answerer_comes_through(service):
    echo = Echo()
    echo.may_answer.set()
    with pytest.raises(EmoError, match="bad"):
        asyncio.run(service.answer(client_who_stays(), echo, b"bad"))


def test_the_work_for_a_client_who_goes_is_dropped(service, pool):
    echo = Echo()

    async def run() -> None:
        busy = asyncio.ensure_future(service.answer(client_who_stays(), echo, b"first"))
        while not echo.asked:
            await asyncio.sleep(0.001)
        with pytest.raises(ClientDisconnect):
            await service.answer(client_who_goes(), echo, b"second")
        assert pool.waiting == 0
        echo.may_answer.set()
        assert await busy == b"first"

    asyncio.run(run())
    assert echo.asked == [b"first"]


def test_an_answer_that_takes_too_long_is_given_up(service):
    echo = Echo()
    with pytest.raises(TimeLimit):
        asyncio.run(service.answer(client_who_stays(), echo, b"a"))
    echo.may_answer.set()


def test_a_server_that_is_stopping_is_not_ready(service):
    service.check_ready()
    service.stopping = True
    with pytest.raises(Refusal, match="stopping") as refused:
        service.check_ready()
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "5"})


def test_a_server_without_models_is_not_ready(service):
    service.registry.ready = False
    with pytest.raises(Refusal, match="loading"):
        service.check_ready()

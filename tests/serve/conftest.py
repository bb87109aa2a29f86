"""Servers, pools and models that the tests share."""

import contextlib
import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from emo_tf.runtime.litert import LiteRTModel
from emo_tf.serve.predictor import Predictor
from emo_tf.serve.worker_pool import WorkerPool
from emo_tf.weights import weight_path
from tests.running_server import RunningServer, running_server
from tests.serve.asked_predictors import open_predictor
from tests.serve.gated_answerers import PATIENCE_S

StartServer = Callable[..., RunningServer]


@pytest.fixture(scope="module")
def start_server(tmp_path_factory) -> Iterator[StartServer]:
    """Starts `emo-tf serve` with the given arguments; it ends with the module's tests.

    Writing a traceback is a failure of the module's last test.
    """
    numbers = itertools.count()
    with contextlib.ExitStack() as stack:

        def start(*arguments: object, **options) -> RunningServer:
            folder = tmp_path_factory.mktemp(f"server{next(numbers)}")
            return stack.enter_context(running_server(folder, *arguments, **options))

        yield start


@pytest.fixture(scope="module")
def server(start_server) -> RunningServer:
    """A server of the shipped models with its default settings."""
    return start_server()


@pytest.fixture(scope="session")
def slow_picture(make_picture) -> bytes:
    """A small file of so many pixels that a thread looks at them for about a second."""
    return make_picture(np.full((3000, 3000, 3), 128, np.uint8), "PNG")


@pytest.fixture
def open_pool() -> Iterator[Callable[..., WorkerPool]]:
    """Opens pools that are closed after the test."""
    pools = []

    def make(*, workers: int = 1, queue: int = 64, batch: int = 16, **options) -> WorkerPool:
        pools.append(WorkerPool(workers=workers, queue=queue, batch=batch, **options))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close(grace_s=PATIENCE_S)


@pytest.fixture(scope="module")
def expression() -> Predictor:
    """The shipped model of expressions."""
    return open_predictor(weight_path("expression_float16"), workers=2)


@pytest.fixture(scope="module")
def people(context_tflite) -> Predictor:
    """A tiny model of people in their scenes."""
    return open_predictor(context_tflite)


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    """Four faces of noise as `expression` takes them."""
    return np.random.default_rng(0).integers(0, 256, (4, 48, 48, 1), np.uint8)


@pytest.fixture(scope="module")
def expected(faces) -> np.ndarray:
    """What `expression` says of them."""
    return LiteRTModel(weight_path("expression_float16"), threads=1)(image=faces)["probabilities"]

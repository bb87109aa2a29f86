"""Servers for the tests of a module, started once."""

import contextlib
import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tests.running_server import RunningServer, running_server

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

"""Albums of large pictures, a server of one, and the page in tabs that are watched."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.annotating_server import annotating
from tests.annotation.albums import make_album
from tests.annotation.page.annotating_page import READY, AnnotatingPage
from tests.running_server import RunningServer

PICTURES = 16
LARGE = (2400, 1600)


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[RunningServer]:
    """A server of many pictures: each test takes one of its own, see `next_picture`."""
    folder = _with_album(tmp_path_factory.mktemp("annotate"), PICTURES)
    with annotating(folder, "--no-detect") as (server, _):
        yield server


@pytest.fixture(scope="module")
def _numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
def next_picture(_numbers) -> int:
    """The number of a picture in which nobody has worked."""
    number = next(_numbers)
    assert number <= PICTURES
    return number


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder with an album of two pictures that can be read."""
    return _with_album(tmp_path, 2)


@pytest.fixture
def visit(watch) -> Callable[..., AnnotatingPage]:
    """Opens the page: `visit(server, name="Ada", picture=3, **options_of_the_tab)`."""

    def visit(
        server: RunningServer, *, name: str | None = None, picture: int | None = None, **options
    ) -> AnnotatingPage:
        place = "" if picture is None else f"#picture={picture}"
        watched = watch(server.url, kind=AnnotatingPage, ready=READY, place=place, **options)
        if name is not None:
            watched.sign_in(name)
        return watched

    return visit


def _with_album(folder: Path, number: int) -> Path:
    names = [f"{index + 1:02d}.jpg" for index in range(number)]
    album = make_album(folder / "album", names, size=LARGE)
    (album / "99_broken.jpg").write_bytes(b"no picture")
    return folder

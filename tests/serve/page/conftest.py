"""Debian's Chromium, and tabs in it that are watched."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.serve.page.watched_page import WatchedPage, open_page

_CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


@pytest.fixture(scope="module")
def browser():
    """Chromium with a made-up camera."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not _CHROMIUM.is_file():
        pytest.skip(f"there is no {_CHROMIUM}")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser) -> Iterator[Callable[..., WatchedPage]]:
    """Opens the page of a server: `visit(server, refused=(413,), **options_of_the_tab)`.

    In the end the page has to have stayed with its server, with no complaint in the console but of
    the statuses that were `refused`.
    """
    opened = []

    def visit(server, *, refused: tuple[int, ...] = (), **options) -> WatchedPage:
        watched = open_page(browser, server.url, **options)
        opened.append((watched, refused))
        return watched

    yield visit
    for watched, refused in opened:
        watched.check(refused=refused)
        watched.page.context.close()


@pytest.fixture
def two_faces(tmp_path, astronaut) -> Path:
    """A picture of two smiling faces, one half as large as the other."""
    portrait = Image.open(astronaut).convert("RGB")
    both = Image.new("RGB", (1024, 512))
    both.paste(portrait, (0, 0))
    both.paste(portrait.resize((256, 256)), (640, 128))
    both.save(tmp_path / "two.png")
    return tmp_path / "two.png"

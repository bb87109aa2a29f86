"""Web pages in Debian's Chromium, watched: what they ask for and what they complain about."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

_CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
_LONGEST_MS = 20_000
_NOTE_VIOLATIONS = (
    "window.violations = []; document.addEventListener('securitypolicyviolation', "
    "(event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));"
)


@dataclass
class WatchedPage:
    """The page of a server in a browser's tab.

    Attributes:
        page: The tab.
        url: Of the server.
        addresses: Of all that it asked for.
        complaints: What the console showed as errors, and exceptions that nobody caught.
        expected: Parts of the complaints that the test is about.
    """

    page: "Page"
    url: str
    addresses: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def text(self, selector: str) -> str:
        """Returns what an element shows, with one space between words."""
        return " ".join(self.page.inner_text(selector).split())

    def overflow(self) -> int:
        """Returns by how many pixels the page is wider than its window."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )

    def check(self) -> None:
        """Checks that it stayed with its server and that the console is clean."""
        origin = f"{self.url}/"
        strangers = [
            one for one in self.addresses if not one.startswith((origin, f"blob:{self.url}"))
        ]
        assert strangers == []
        unexpected = [
            text for text in self.complaints if not any(part in text for part in self.expected)
        ]
        assert unexpected == []
        assert self.page.evaluate("window.violations") == []


@contextlib.contextmanager
def chromium() -> Iterator["Browser"]:
    """Runs Chromium with a made-up camera; skips the test where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not _CHROMIUM.is_file():
        pytest.skip(f"there is no {_CHROMIUM}")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


def open_page(
    browser: "Browser",
    url: str,
    *,
    kind: type[WatchedPage] = WatchedPage,
    ready: str,
    refused: tuple[int, ...] = (),
    answers: Mapping[str, dict] | None = None,
    place: str = "",
    **options,
) -> WatchedPage:
    """Opens a page in a tab of its own.

    Args:
        browser: A running browser.
        url: Of the server.
        kind: What is returned.
        ready: Selector of what shows that the page is there.
        refused: Statuses of answers that the test is about, which Chromium reports itself.
        answers: What the page hears, by pattern of the address, instead of what the server says.
        place: What follows the server's address.
        **options: Of the tab; see `Browser.new_context`.
    """
    tab = browser.new_context(**options)
    tab.set_default_timeout(_LONGEST_MS)
    page = tab.new_page()
    watched = kind(
        page, url, expected=[f"responded with a status of {status} " for status in refused]
    )
    page.add_init_script(_NOTE_VIOLATIONS)
    page.on("request", lambda request: watched.addresses.append(request.url))
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on(
        "console",
        lambda line: watched.complaints.append(line.text) if line.type == "error" else None,
    )
    for pattern, said in (answers or {}).items():
        page.route(pattern, _saying(said))
    page.goto(f"{url}/{place}")
    page.wait_for_selector(ready)
    return watched


def _saying(said: dict) -> Callable[["Route"], None]:
    return lambda route: route.fulfill(json=said)

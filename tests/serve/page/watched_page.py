"""The web page in Chromium, watched: what it asks for and what it complains about."""

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.running_server import RunningServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_LONGEST_MS = 20_000

_NOTE_VIOLATIONS = (
    "window.violations = []; document.addEventListener('securitypolicyviolation', "
    "(event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));"
)
_HAND_OVER = """([kinds, name, type, text]) => {
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  for (const kind of kinds) {
    const event = kind === "paste"
      ? new ClipboardEvent(kind, { clipboardData: data, bubbles: true })
      : new DragEvent(kind, { dataTransfer: data, bubbles: true });
    document.body.dispatchEvent(event);
  }
}"""


@dataclass
class WatchedPage:
    """The page of a server in a browser's tab.

    Attributes:
        page: The tab.
        url: Of the server.
        addresses: Of all that it asked for.
        complaints: What the console showed as errors, and exceptions that nobody caught.
    """

    page: "Page"
    url: str
    addresses: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def choose(self, file: Path) -> None:
        """Chooses a photo and waits for its result or an error."""
        self.page.set_input_files("#file", file)
        self.wait()

    def drop(self, file: Path) -> None:
        """Drops a PNG picture on the page and waits for its result or an error."""
        self._hand_over(("dragover", "drop"), file)

    def paste(self, file: Path) -> None:
        """Pastes a PNG picture into the page and waits for its result or an error."""
        self._hand_over(("paste",), file)

    def wait(self) -> None:
        """Waits for a result or an error."""
        self.page.wait_for_selector("#answer:not([hidden]), #problem:not([hidden])")

    def text(self, selector: str) -> str:
        """Returns what an element shows, with one space between words."""
        return " ".join(self.page.inner_text(selector).split())

    def box(self, key: str) -> list[float]:
        """Returns where a box lies, as shares of the picture: left, top, width, height."""
        frame = self.page.locator("#canvas").bounding_box()
        box = self.page.locator(f"[data-key={key}]").bounding_box()
        return [
            (box["x"] - frame["x"]) / frame["width"],
            (box["y"] - frame["y"]) / frame["height"],
            box["width"] / frame["width"],
            box["height"] / frame["height"],
        ]

    def overflow(self) -> int:
        """Returns by how many pixels the page is wider than its window."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )

    def _hand_over(self, kinds: tuple[str, ...], file: Path) -> None:
        text = base64.b64encode(file.read_bytes()).decode()
        self.page.evaluate(_HAND_OVER, [kinds, file.name, "image/png", text])
        self.wait()

    def check(self, *, refused: tuple[int, ...] = ()) -> None:
        """Checks that it stayed with its server and that the console is clean.

        Args:
            refused: Statuses of answers that the test is about, which Chromium reports itself.
        """
        origin = f"{self.url}/"
        strangers = [one for one in self.addresses if not one.startswith((origin, "blob:"))]
        assert strangers == []
        expected = [f"responded with a status of {status} " for status in refused]
        unexpected = [
            text for text in self.complaints if not any(part in text for part in expected)
        ]
        assert unexpected == []
        assert self.page.evaluate("window.violations") == []


def open_page(
    browser: "Browser", url: str, *, said_of_models: dict | None = None, **options
) -> WatchedPage:
    """Opens the page in a tab of its own.

    Args:
        browser: A running browser.
        url: Of the server.
        said_of_models: What the page hears when it asks for the models, if not what they are.
        **options: Of the tab; see `Browser.new_context`.
    """
    tab = browser.new_context(**options)
    tab.set_default_timeout(_LONGEST_MS)
    page = tab.new_page()
    watched = WatchedPage(page, url)
    page.add_init_script(_NOTE_VIOLATIONS)
    page.on("request", lambda request: watched.addresses.append(request.url))
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on(
        "console",
        lambda line: watched.complaints.append(line.text) if line.type == "error" else None,
    )
    if said_of_models is not None:
        page.route("**/v1/models", lambda route: route.fulfill(json=said_of_models))
    page.goto(url)
    page.wait_for_selector("#parts strong, #problem:not([hidden])")
    return watched


def answer_of(server: RunningServer, picture: Path) -> dict:
    """Returns what a server says of a picture, asked without the page."""
    upload = {"image": (picture.name, picture.read_bytes())}
    return httpx.post(f"{server.url}/v1/analyze", files=upload).json()

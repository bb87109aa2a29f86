"""The web page of `emo-tf serve` in Chromium."""

import base64
from pathlib import Path

import httpx

from tests.browser.watched_page import WatchedPage
from tests.running_server import RunningServer

READY = "#parts strong, #problem:not([hidden])"
"""Selector of what shows that the server was asked for its models."""

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


class ServePage(WatchedPage):
    """The page, to which pictures are given."""

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

    def _hand_over(self, kinds: tuple[str, ...], file: Path) -> None:
        text = base64.b64encode(file.read_bytes()).decode()
        self.page.evaluate(_HAND_OVER, [kinds, file.name, "image/png", text])
        self.wait()


def answer_of(server: RunningServer, picture: Path) -> dict:
    """Returns what a server says of a picture, asked without the page."""
    upload = {"image": (picture.name, picture.read_bytes())}
    return httpx.post(f"{server.url}/v1/analyze", files=upload).json()

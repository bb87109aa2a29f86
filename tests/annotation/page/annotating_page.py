"""The web page of `emo-tf annotate` in Chromium."""

import httpx

from tests.browser.watched_page import WatchedPage

READY = "#start:not([hidden]), #work:not([hidden]), #problem:not([hidden])"
"""Selector of what shows that the page has asked what is annotated."""

LABEL_KEYS = ("q", "l", "8", "4", "0", "Shift+F", "Shift+A")
LABELS = {
    "categories": ["Engagement", "Happiness"],
    "none_applies": False,
    "vad": [8, 4, 10],
    "gender": "Female",
    "age": "Adult",
}
"""What these keys stand for."""


class AnnotatingPage(WatchedPage):
    """The page, at which an annotator works."""

    def sign_in(self, name: str) -> None:
        """Types a name and waits for a picture."""
        self.page.fill("#name", name)
        self.page.keyboard.press("Enter")
        self.wait_for_person()

    def wait_for_person(self) -> None:
        """Waits until a picture is at hand, with somebody or nobody."""
        self.page.wait_for_selector("#work[aria-busy=false] #person-title:not(:empty)")

    def press(self, *keys: str) -> None:
        """Presses keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def new_box(self) -> None:
        """Makes a box in the middle, and waits until the server has it."""
        before = self.page.locator(".person-button").count()
        self.press("Shift+B")
        self.page.locator(".person-button").nth(before).wait_for()

    def save(self) -> None:
        """Saves, and waits until the page says that it has and is at what comes next."""
        self.press("Enter")
        self.wait_until_saved()

    def wait_until_saved(self) -> None:
        """Waits until the page says that it has saved and is at what comes next."""
        self.page.wait_for_selector("#saved.good", state="attached")
        self.page.wait_for_selector("#work[aria-busy=false], #done:not([hidden])")

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drags between two points of the window."""
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        mouse.move(*end)
        mouse.up()

    def middle(self, selector: str) -> tuple[float, float]:
        """Returns the middle of an element in the window."""
        box = self.page.locator(selector).bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def people(self, annotator: str) -> list[dict]:
        """Returns what the server holds of the picture at hand, asked without the page."""
        number = self.page.evaluate("new URLSearchParams(location.hash.slice(1)).get('picture')")
        return self.ask(f"/api/pictures/{number}?annotator={annotator}")["people"]

    def ask(self, path: str) -> dict:
        """Asks the server without the page."""
        return httpx.get(self.url + path).raise_for_status().json()

"""The web page has the colours of drawn pictures, and nothing in it that its policy forbids."""

import re

import pytest

from emo_tf.colours import EXPRESSION_COLOURS, GROUP_COLOURS, ink_on
from emo_tf.runtime.annotate_people import PERSON_COLOURS
from emo_tf.web.page_files import page_files

FILES = {name: file.content.decode() for name, file in page_files("emo_tf.serve").items()}
COLOURS = {
    "expression": EXPRESSION_COLOURS,
    "group": GROUP_COLOURS,
    "person": dict(enumerate(PERSON_COLOURS)),
}


def declared() -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Returns the colour and the ink of every class of the style sheet."""
    rules = re.findall(
        r"([^{}]+){ --colour: rgb\(([\d ]+)\); --on-colour: #(000|fff); }",
        FILES["page_colours.css"],
    )
    return {
        name: (tuple(map(int, colour.split())), (0, 0, 0) if ink == "000" else (255, 255, 255))
        for selectors, colour, ink in rules
        for name in re.findall(r"\.([\w-]+)", selectors)
    }


@pytest.mark.parametrize("kind", COLOURS)
def test_labels_have_the_colours_of_drawn_pictures(kind):
    expected = {f"{kind}-{name}": (tuple(c), ink_on(c)) for name, c in COLOURS[kind].items()}
    assert {name: one for name, one in declared().items() if name.startswith(kind)} == expected


def test_the_page_has_nothing_inline():
    html = FILES["index.html"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_all_that_the_page_names_is_served_and_nothing_else():
    html = FILES["index.html"]
    names = set(re.findall(r'(?:src|href)="([^"#][^"]*)"', html))
    for name, text in FILES.items():
        if name.endswith(".js"):
            names |= set(re.findall(r'from "\./([^"]+)"', text))
    assert names | {"index.html"} == FILES.keys()

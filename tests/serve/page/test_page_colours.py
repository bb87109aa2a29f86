"""The web pages have the colours of drawn pictures."""

import re

import pytest

from emo_tf.colours import EXPRESSION_COLOURS, GROUP_COLOURS, ink_on
from emo_tf.runtime.annotate_people import PERSON_COLOURS
from emo_tf.web.page_files import page_files

COLOURS = {
    "expression": EXPRESSION_COLOURS,
    "group": GROUP_COLOURS,
    "person": dict(enumerate(PERSON_COLOURS)),
}


def declared() -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Returns the colour and the ink of every class of the style sheet."""
    sheet = page_files("emo_tf.serve")["page_colours.css"].content.decode()
    rules = re.findall(
        r"([^{}]+){ --colour: rgb\(([\d ]+)\); --on-colour: #(000|fff); }",
        sheet,
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

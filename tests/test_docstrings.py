"""Every public name says what it is, takes, returns and refuses, as CONTRIBUTING.md asks."""

import ast
from collections.abc import Callable
from textwrap import dedent

import pytest

from tests import docstring_audit

AUDITS = {
    "what-it-is": docstring_audit.without_words,
    "what-it-takes": docstring_audit.without_arguments,
    "nothing-it-does-not-take": docstring_audit.with_other_arguments,
    "what-it-returns": docstring_audit.without_result,
    "what-it-raises": docstring_audit.without_errors,
    "shapes-of-arrays": docstring_audit.without_shapes,
}


@pytest.fixture(scope="module")
def modules() -> dict[str, ast.Module]:
    return docstring_audit.read_modules()


@pytest.fixture(scope="module")
def public_names(modules) -> list[docstring_audit.PublicName]:
    return docstring_audit.names_of(modules)


def test_every_module_says_what_is_in_it(modules):
    assert not [place for place, module in modules.items() if not ast.get_docstring(module)]


@pytest.mark.parametrize("audit", AUDITS.values(), ids=AUDITS)
def test_every_public_name_says(audit: Callable, public_names):
    gaps = list(audit(public_names))
    assert not gaps, "\n".join(gaps)


MADE_UP = '''
"""A module."""
class Shape:
    def area(self):
        """Returns the area."""

class Square(Shape):
    """A shape."""
    def area(self): return 1
    def turn(self): pass

@dataclass
class Size:
    """How large."""
    width: int

def scale(width, by):
    """Returns something wider.

    Args:
        width: Pixels.
        height: Pixels.
    """
    raise ValueError(by)

def count(places: np.ndarray):
    """Counts."""
    return len(places)

def sure():
    """Does it."""
    try:
        raise KeyError
    except KeyError:
        pass

def _hidden(): return 1
'''
FOUND = {
    "what-it-is": ["Shape", "Square:turn"],
    "what-it-takes": ["Size ['width']", "scale ['by']"],
    "nothing-it-does-not-take": ["scale ['height']"],
    "what-it-returns": ["count"],
    "what-it-raises": ["scale ['ValueError(by)']"],
    "shapes-of-arrays": ["count"],
}


@pytest.mark.parametrize("kind", AUDITS)
def test_what_a_docstring_leaves_unsaid_is_found(kind):
    names = docstring_audit.names_of({"made_up.py": ast.parse(dedent(MADE_UP))})
    assert list(AUDITS[kind](names)) == [f"made_up.py:{found}" for found in FOUND[kind]]

"""Words for numbers and lists, as the commands print them."""

from collections.abc import Sequence


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Returns `1 face`, `2 faces`; the plural is formed by an s unless it is given.

    Args:
        number: How many.
        noun: What is counted, in the singular.
        plural: The same in the plural.
    """
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def some_of(names: Sequence[str], *, most: int = 10) -> str:
    """Returns names side by side, `a, b and 3 more` where there are more than `most`.

    Args:
        names: The names.
        most: How many of them are written.
    """
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")

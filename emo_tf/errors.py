"""The one error that bad input raises."""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class EmoError(ValueError):
    """Input that cannot be used: the message names it, what was expected and what came."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> EmoError:
    """Returns the error for a `name` that is none of the `known`, with its close matches.

    Args:
        kind: What the name stands for, e.g. `"model"`.
        name: The name that was received.
        known: The names that would have been accepted.
    """
    known = sorted(known)
    close = difflib.get_close_matches(str(name), known, n=3)
    if close:
        hint = f"did you mean {' or '.join(close)}?"
    else:
        hint = f"expected one of {', '.join(known)}."
    return EmoError(f"Unknown {kind}: {hint} Received: {name!r}")


@contextmanager
def in_place(place: str) -> Iterator[None]:
    """Puts a place, such as a file and a row, before the message of an `EmoError` raised inside.

    Raises:
        EmoError: One was raised inside; with the place before its message.
    """
    try:
        yield
    except EmoError as error:
        raise EmoError(f"{place}: {error}") from error

"""Labelled photographs that an experiment mixes in."""

from collections.abc import Sized

from emo_tf.errors import EmoError

PHOTOGRAPHS = "labelled photographs"
"""What they are called in provenance."""


def check_photographs(photographs: Sized | None, *, wanted: bool, name: str) -> None:
    """Checks that photographs are there if an experiment mixes some in, and not otherwise.

    Args:
        photographs: Those that were given.
        wanted: Whether the experiment mixes some in.
        name: The experiment's name, for messages.

    Raises:
        EmoError: They are missing, or the experiment has no use for them.
    """
    if (photographs is not None) == wanted:
        return
    expected = "some to mix in" if wanted else "none"
    received = "none" if photographs is None else f"{len(photographs)} of them"
    raise EmoError(f"photographs: expected {expected} for {name}. Received: {received}")

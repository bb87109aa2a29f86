"""Options that make no sense beside others."""

from collections.abc import Mapping

from emo_tf.errors import EmoError


def refuse_options(given: Mapping[str, object], *, expected: str, received: str) -> None:
    """Refuses options beside which something else is expected.

    Args:
        given: Their values by name; `None` where one was not given.
        expected: What is expected with them.
        received: What was given instead.

    Raises:
        EmoError: One of them was given.
    """
    for option, value in given.items():
        if value is not None:
            raise EmoError(f"{option}: expected {expected} with it. Received: {received}")

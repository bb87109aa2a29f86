"""Checks of what a loss is given."""

import math
import numbers
from collections.abc import Callable, Sequence

from emo_tf.errors import EmoError


def checked_number(
    argument: str, value: float, *, expected: str, holds: Callable[[float], bool]
) -> float:
    """Returns `value` as a plain float.

    Args:
        argument: The name of the argument, for the message.
        value: What was handed in.
        expected: What the number should be, in words.
        holds: Whether a finite number is what was expected.

    Raises:
        EmoError: The value is no finite number or `holds` says no.
    """
    if not (isinstance(value, numbers.Real) and math.isfinite(value) and holds(value)):
        raise EmoError(f"{argument}: expected {expected}. Received: {value!r}")
    return float(value)


def not_negative(argument: str, value: float) -> float:
    """Returns `value` as a plain float.

    Args:
        argument: The name of the argument, for the message.
        value: What was handed in.

    Raises:
        EmoError: The value is no finite number from 0 up.
    """
    return checked_number(argument, value, expected="a number from 0 up", holds=lambda n: n >= 0)


def shapes_agree(first: Sequence[int | None], second: Sequence[int | None]) -> bool:
    """Returns whether two shapes, `first` and `second`, are equal wherever both are known."""
    return len(first) == len(second) and all(
        one is None or other is None or one == other
        for one, other in zip(first, second, strict=True)
    )

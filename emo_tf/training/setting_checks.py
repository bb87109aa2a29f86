"""Checks of settings: names out of a list, numbers within their range."""

import dataclasses
import math
from typing import Literal, get_args, get_origin, get_type_hints

from emo_tf.errors import EmoError, unknown_name

NOT_NEGATIVE = "0 or more", lambda value: 0 <= value < math.inf
POSITIVE = "a number above 0", lambda value: 0 < value < math.inf
COUNT = "1 or more", lambda value: value >= 1
DECAY = "0 to below 1", lambda value: 0 <= value < 1


def check_settings(settings: object, place: str = "", **ranges: tuple) -> None:
    """Checks the fields that are one of a few names, and the numbers that have a range.

    Args:
        settings: A dataclass.
        place: Where it stands in an experiment: `optimizer.`.
        ranges: By the name of a field, what to expect of it if it is given, in words and as a
            condition.

    Raises:
        EmoError: One of them is something else.
    """
    hints = get_type_hints(type(settings))
    for name in (one.name for one in dataclasses.fields(settings)):
        names, value = get_args(hints[name]), getattr(settings, name)
        if get_origin(hints[name]) is Literal and value not in names:
            raise unknown_name(f"{place}{name}", value, names)
    for name, (expected, holds) in ranges.items():
        value = getattr(settings, name)
        if value is not None and not holds(value):
            raise EmoError(f"{place}{name}: expected {expected}. Received: {value}")

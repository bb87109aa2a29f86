"""What holds of every result: boxes, numbers and distributions that make sense."""

import math
from collections.abc import Mapping, Sequence

from emo_tf.errors import EmoError


def check_box(box_xywh: Sequence[float]) -> None:
    """Checks that a box is `[x, y, width, height]`.

    Raises:
        EmoError: It has another length, numbers that are not finite or a negative side.
    """
    is_box = len(box_xywh) == 4 and all(map(math.isfinite, box_xywh))
    if not is_box or box_xywh[2] < 0 or box_xywh[3] < 0:
        raise EmoError(f"box_xywh: expected x, y, width >= 0, height >= 0. Received: {box_xywh}")


def check_number(name: str, value: float) -> None:
    """Checks that a number is finite.

    Args:
        name: What it is called in messages.
        value: The number.

    Raises:
        EmoError: It is not; says its `name`.
    """
    if not math.isfinite(value):
        raise EmoError(f"{name}: expected a finite number. Received: {value}")


def check_probabilities(probabilities: Mapping[str, float], label: str) -> None:
    """Checks that a distribution adds up to 1 and knows its label.

    Args:
        probabilities: By label, 0 to 1.
        label: The top label.

    Raises:
        EmoError: It does not.
    """
    total = sum(probabilities.values())
    if any(not 0 <= p <= 1 for p in probabilities.values()) or abs(total - 1) > 1e-3:
        raise EmoError(
            f"probabilities: expected values of 0 to 1 that add up to 1. Received: {probabilities}"
        )
    if label not in probabilities:
        raise EmoError(f"label: expected one of {', '.join(probabilities)}. Received: {label!r}")

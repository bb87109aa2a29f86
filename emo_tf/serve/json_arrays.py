"""Arrays as nested lists of JSON, both ways."""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.runtime.tensor_spec import TensorSpec
from emo_tf.web.request_json import shown

_KINDS = {np.dtype(np.float32): "numbers"} | {
    np.dtype(kind): f"whole numbers from {np.iinfo(kind).min} to {np.iinfo(kind).max}"
    for kind in (np.uint8, np.int32, np.int64)
}
"""What lists have to hold, by the type of the array."""


def is_readable(spec: TensorSpec) -> bool:
    """Returns whether lists can be made an array of that type."""
    return spec.dtype in _KINDS


def read_rows(rows: Sequence[object], spec: TensorSpec, *, name: str) -> np.ndarray:
    """Makes examples, each in nested lists, one array.

    Args:
        rows: N examples as JSON holds them, N at least 1.
        spec: What a model takes; the number of examples is not looked at.
        name: What they are called in messages.

    Returns:
        Shape (N, ...), of the model's type.

    Raises:
        EmoError: Lists are of unequal or other lengths, or hold something else than numbers of
            that type.
    """
    level, shape = rows, [len(rows)]
    for depth, side in enumerate(spec.shape[1:], start=1):
        if set(map(type, level)) != {list}:
            raise _refusal(spec, name, f"{shown(_first_other(level, {list}))} as item {depth} deep")
        lengths = set(map(len, level))
        length = lengths.pop()
        if lengths:
            received = f"lists of {length} and of {lengths.pop()} items, {depth} deep"
            raise _refusal(spec, name, received)
        if length == 0 or side not in (-1, length):
            raise _refusal(spec, name, f"lists of {length} items, {depth} deep")
        shape.append(length)
        level = list(chain.from_iterable(level))
    return _numbers(level, spec, name=name).reshape(shape)


def to_lists(array: np.ndarray) -> list:
    """Returns an array of any shape as lists; floats as short as tells them apart in float32."""
    # The text of a float32 is the shortest that means it alone; that of its float64 is longer.
    return (array.astype(str).astype(np.float64) if array.dtype == np.float32 else array).tolist()


def _numbers(values: list, spec: TensorSpec, *, name: str) -> np.ndarray:
    allowed = {int, float} if spec.dtype == np.float32 else {int}
    if not set(map(type, values)) <= allowed:
        raise _refusal(spec, name, shown(_first_other(values, allowed)))
    if spec.dtype == np.float32:
        return _floats(values, spec, name=name)
    limits = np.iinfo(spec.dtype)
    if min(values) < limits.min or max(values) > limits.max:
        other = next(value for value in values if not limits.min <= value <= limits.max)
        raise _refusal(spec, name, shown(other))
    return np.array(values, spec.dtype)


def _floats(values: list, spec: TensorSpec, *, name: str) -> np.ndarray:
    try:
        with np.errstate(over="ignore"):
            numbers = np.array(values, np.float64).astype(np.float32)
    except OverflowError as error:
        raise _refusal(spec, name, "a whole number that is too large") from error
    if not np.isfinite(numbers).all():
        raise _refusal(spec, name, "a number that is too large")
    return numbers


def _first_other(values: Sequence[object], kinds: set[type]) -> object:
    return next(value for value in values if type(value) not in kinds)


def _refusal(spec: TensorSpec, name: str, received: str) -> EmoError:
    kind = _KINDS[spec.dtype]
    sides = TensorSpec(spec.dtype, spec.shape[1:]).sides
    wanted = f"lists of shape ({sides}) that hold {kind}" if sides else f"{kind}, one for each"
    return EmoError(f"{name}: expected {wanted}. Received: {received}")

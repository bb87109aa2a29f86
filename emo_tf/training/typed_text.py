"""Reads values of an annotated type from text, as it comes from the command line."""

import ast
import collections.abc
import json
import math
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

from emo_tf.errors import EmoError, unknown_name

_NAMES = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    types.NoneType: "none",
    object: "a value",
    Any: "a value",
}
_SEQUENCES = (tuple, list, collections.abc.Sequence)
_MAPPINGS = (dict, collections.abc.Mapping)
_BOOLS = {"true": True, "false": False}


class _MismatchError(Exception):
    """A value is not of its type."""


def read_as(text: str, kind: object) -> object:
    """Returns the value of type `kind` that `text` stands for.

    Args:
        text: What was typed: text as it is, `none`, `true`, a number (`1e-3`), a list with or
            without brackets (`a,b`), or a literal of JSON or Python.
        kind: An annotation: `int`, `float`, `bool`, `str`, `object`, `Literal[...]`, `X | None`,
            `tuple[X, ...]`, `tuple[X, Y]`, `Sequence[X]`, `Mapping[str, X]`, within each other.

    Returns:
        The value; tuples for lists, dicts for mappings.

    Raises:
        EmoError: It stands for no such value; for a `Literal`, close matches are listed.
    """
    try:
        return _checked(_parsed(text, kind), kind)
    except _MismatchError:
        choices = [str(choice) for choice in _choices(kind)]
        if choices:
            raise unknown_name("value", text, choices) from None
        raise EmoError(f"expected {_described(kind)}. Received: {text!r}") from None


def _members(kind: object) -> tuple[object, ...]:
    """Returns the types of a union, or the one type."""
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def _choices(kind: object) -> list[object]:
    """Returns what a literal type, perhaps in a union with None, chooses from."""
    members = _members(kind)
    literals = [member for member in members if get_origin(member) is Literal]
    rest = [member for member in members if member not in literals]
    choices = [choice for literal in literals for choice in get_args(literal)]
    return [*choices, *("none" for _ in rest)] if set(rest) <= {types.NoneType} else []


def _described(kind: object) -> str:
    members, inner = _members(kind), get_args(kind)
    if len(members) > 1:
        return " or ".join(_described(member) for member in members)
    if get_origin(kind) in _SEQUENCES:
        return f"[{', '.join('...' if item is ... else _described(item) for item in inner)}]"
    if get_origin(kind) in _MAPPINGS:
        return f'{{"name": {_described(inner[1])}, ...}}'
    if get_origin(kind) is Literal:
        return " or ".join(map(str, inner))
    return _NAMES.get(kind, "nothing, as it cannot be set from text")


def _literal(text: str) -> object:
    """Returns a literal of JSON or else of Python, or the text itself."""
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return text


def _parsed(text: str, kind: object) -> object:
    """Returns the text as a literal, in the way that suits the type."""
    members = _members(kind)
    if {types.NoneType, object, Any} & set(members) and text.lower() in ("none", "null"):
        return None
    members = [member for member in members if member is not types.NoneType]
    if str in members:
        return text
    for member in members:
        if get_origin(member) is Literal:
            return next((choice for choice in get_args(member) if str(choice) == text), text)
        if get_origin(member) in _SEQUENCES and text.lstrip()[:1] not in ("[", "("):
            inner = get_args(member)[0]
            return [_parsed(item.strip(), inner) for item in text.split(",")] if text else []
    return _BOOLS.get(text.lower(), _literal(text))


def _checked(value: object, kind: object) -> object:
    """Returns a literal as a value of the type.

    Raises:
        _MismatchError: It is none.
    """
    members = _members(kind)
    if len(members) > 1:
        return _first_that_fits(value, members)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal and value in inner:
        return value
    if origin in _SEQUENCES and isinstance(value, list | tuple):
        kinds = inner if origin is tuple and inner[-1] is not ... else inner[:1] * len(value)
        if len(kinds) == len(value):
            return tuple(map(_checked, value, kinds))
    if origin in _MAPPINGS and isinstance(value, Mapping) and all(type(k) is str for k in value):
        return {key: _checked(item, inner[1]) for key, item in value.items()}
    if kind is float and type(value) in (int, float):
        return _finite(value)
    if kind in (object, Any) or (kind in (int, bool, str, types.NoneType) and type(value) is kind):
        return value
    raise _MismatchError


def _finite(value: int | float) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise _MismatchError from None
    if not math.isfinite(number):
        raise _MismatchError
    return number


def _first_that_fits(value: object, members: tuple[object, ...]) -> object:
    for member in members:
        try:
            return _checked(value, member)
        except _MismatchError:
            continue
    raise _MismatchError

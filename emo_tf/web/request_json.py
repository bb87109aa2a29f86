"""The JSON of a request: strict and bounded."""

import json

from emo_tf.errors import EmoError

_MOST_LISTS = 1_000_000
"""Lists and objects in a request: 3 bytes of JSON become 64 in memory."""

_LONGEST_SHOWN = 40


def read_request_json(body: bytes) -> object:
    """Reads the body of a request, JSON in UTF-8.

    Returns:
        What it says, of whatever type.

    Raises:
        EmoError: It is no JSON, which NaN is not either; names something twice in an object; or
            holds too many lists and objects.
    """
    count = body.count(b"[") + body.count(b"{")
    if count > _MOST_LISTS:
        raise EmoError(
            f"request: expected at most {_MOST_LISTS:,} lists and objects; send pictures as "
            f"files in base64, not as lists. Received: {count:,}"
        )
    try:
        text = body.decode("utf-8")
        return json.loads(text, object_pairs_hook=_make_object, parse_constant=_refuse_constant)
    except EmoError:
        raise
    except RecursionError as error:
        received = "lists or objects nested too deeply"
        raise EmoError(f"request: expected JSON. Received: {received}") from error
    except UnicodeDecodeError as error:
        received = f"another byte at {error.start}"
        raise EmoError(f"request: expected JSON in UTF-8. Received: {received}") from error
    except json.JSONDecodeError as error:
        received = f"{error.msg} at character {error.pos}"
        raise EmoError(f"request: expected JSON. Received: {received}") from error
    except ValueError as error:  # Python reads no whole numbers of thousands of digits
        raise EmoError("request: expected JSON. Received: a number that is too large") from error


def shown(value: object) -> str:
    """Returns a value that a caller sent for a message, cut short."""
    if isinstance(value, list | dict):
        return f"a {'list' if isinstance(value, list) else 'JSON object'} of {len(value)}"
    text = repr(value[:_LONGEST_SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _make_object(pairs: list[tuple[str, object]]) -> dict:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _named_twice(pairs)
    return made


def _named_twice(pairs: list[tuple[str, object]]) -> EmoError:
    seen = set()
    again = next(name for name, _ in pairs if name in seen or seen.add(name))
    return EmoError(
        f"request: expected each name once in an object. Received: {shown(again)} again"
    )


def _refuse_constant(name: str) -> None:
    raise EmoError(f"request: expected JSON. Received: {name}, which is none")

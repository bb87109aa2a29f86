"""What requests that change something bring along: an object of JSON."""

import json
from collections.abc import Collection

from starlette.requests import Request

from emo_tf.annotation.answer_records import Box
from emo_tf.errors import EmoError, unknown_name
from emo_tf.web.bodies import Bodies
from emo_tf.web.request_json import read_request_json, shown

MAX_BYTES = 64 * 2**10
TIME_LIMIT_S = 10.0
_MOST_AT_ONCE = 64


class RequestValues:
    """Reads the objects that requests bring, within limits."""

    def __init__(self):
        self._bodies = Bodies(
            max_bytes=MAX_BYTES,
            max_held_bytes=_MOST_AT_ONCE * MAX_BYTES,
            time_limit_s=TIME_LIMIT_S,
        )

    async def read(self, request: Request) -> dict:
        """Returns the object in the body of a request.

        Raises:
            Refusal: The body is too large, packed or too slow.
            EmoError: It holds anything else.
        """
        async with self._bodies.read(request) as body:
            values = read_request_json(body)
        if not isinstance(values, dict):
            raise EmoError(f"request: expected a JSON object. Received: {shown(values)}")
        try:
            json.dumps(values, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError as error:
            raise EmoError("request: expected Unicode text. Received: half a character") from error
        return values


def text(values: dict, name: str) -> str:
    """Takes a text out of an object and returns it.

    Args:
        values: The object; what is taken is gone from it.
        name: The text's name there.

    Raises:
        EmoError: It is missing or something else than text.
    """
    taken = values.pop(name, None)
    if not isinstance(taken, str):
        raise EmoError(f"{name}: expected text. Received: {shown(taken)}")
    return taken


def box(values: dict) -> Box:
    """Takes `box_xywh` out of an object and returns it.

    Raises:
        EmoError: It is missing or something else than four numbers.
    """
    sides = values.pop("box_xywh", None)
    if not isinstance(sides, list) or [type(side) in (int, float) for side in sides] != [True] * 4:
        raise EmoError(
            f"box_xywh: expected four numbers, x, y, width and height. Received: {shown(sides)}"
        )
    try:
        return tuple(map(float, sides))
    except OverflowError as error:
        raise EmoError("box_xywh: expected pixels. Received: a number that is too large") from error


def nothing_else(values: dict, names: Collection[str]) -> None:
    """Checks that nothing is left in an object of which all that counts was taken.

    Args:
        values: The object.
        names: What may be in it, for the message.

    Raises:
        EmoError: There is more.
    """
    for name in values:
        raise unknown_name("name in the request", name, names)

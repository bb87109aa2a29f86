"""Answers over HTTP in JSON; of errors always `{"error": "one sentence"}`."""

import json

from starlette.responses import Response
from starlette.types import Scope

JSON = "application/json"

SAFE_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
"""What every answer says to browsers."""


def json_answer(values: object, *, status: int = 200) -> Response:
    """Returns values as an answer, in ASCII: what it holds may be half a character.

    Args:
        values: What JSON can hold.
        status: Of HTTP.
    """
    return Response(json.dumps(values), status, media_type=JSON)


def error_answer(status: int, message: str, *, headers: dict[str, str] | None = None) -> Response:
    """Returns a sentence as the answer that something went wrong.

    Args:
        status: Of HTTP.
        message: The sentence.
        headers: Headers besides, by name.
    """
    return Response(json.dumps({"error": message}), status, headers=headers, media_type=JSON)


def head_as_get(scope: Scope) -> Scope:
    """Returns a request for HEAD as one for GET, and others as they are.

    The server below leaves out the body of an answer to HEAD.
    """
    return scope | {"method": "GET"} if scope["method"] == "HEAD" else scope

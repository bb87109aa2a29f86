"""Answers over HTTP in JSON; of errors always `{"error": "one sentence"}`."""

import json

from starlette.responses import Response

JSON = "application/json"


def json_answer(values: object, *, status: int = 200) -> Response:
    """Returns values as an answer, in ASCII: what it holds may be half a character."""
    return Response(json.dumps(values), status, media_type=JSON)


def error_answer(status: int, message: str, *, headers: dict[str, str] | None = None) -> Response:
    """Returns a sentence as the answer that something went wrong."""
    return Response(json.dumps({"error": message}), status, headers=headers, media_type=JSON)

"""What the server answers when something goes wrong."""

from collections.abc import Callable

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from emo_tf.errors import EmoError
from emo_tf.serve.refusal import Refusal
from emo_tf.serve.registry import UnknownModel
from emo_tf.serve.work import QueueFull, Stopped, TimeLimit
from emo_tf.web.answers import error_answer

CLIENT_GONE = 499
"""What logs and metrics say of a request whose client went before the answer, as nginx does."""

BUG = '{"error": "the server failed; its log says why"}'


def add_error_answers(app: FastAPI, *, count: Callable[[str], None]) -> None:
    """Has an app answer for every error that a route may raise.

    Args:
        app: The app.
        count: Told the reason of each refusal.
    """

    def refused(_: Request, error: Refusal) -> Response:
        count(error.reason)
        return error_answer(error.status, error.message, headers=error.headers)

    def bad(_: Request, error: EmoError) -> Response:
        return error_answer(400, str(error))

    def unknown(_: Request, error: UnknownModel) -> Response:
        return error_answer(404, str(error))

    def full(_: Request, error: QueueFull) -> Response:
        count("queue")
        after = {"Retry-After": str(error.retry_after_s)}
        return error_answer(429, f"server: {error}", headers=after)

    def late(_: Request, error: TimeLimit) -> Response:
        count("time_limit")
        return error_answer(503, f"server: {error}; try again", headers={"Retry-After": "1"})

    def stopped(_: Request, error: Stopped) -> Response:
        count("stopping")
        return error_answer(503, str(error), headers={"Retry-After": "5"})

    def no_route(_: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            # Where GET is, HEAD is too; see `Observation`.
            allowed = error.headers["Allow"].replace("GET", "GET, HEAD")
            text = f"method: expected {allowed}. Received: another"
            return error_answer(405, text, headers={"Allow": allowed})
        text = "path: expected one that GET /openapi.json names. Received: another"
        return error_answer(error.status_code, text)

    def gone(_: Request, __: ClientDisconnect) -> Response:
        return Response(status_code=CLIENT_GONE)

    for error, handler in {
        Refusal: refused,
        UnknownModel: unknown,
        EmoError: bad,
        QueueFull: full,
        TimeLimit: late,
        Stopped: stopped,
        HTTPException: no_route,
        ClientDisconnect: gone,
    }.items():
        app.add_exception_handler(error, _awaited(handler))


def _awaited(handler):
    # Starlette runs what is not a coroutine on a thread of its own.
    async def answer(request: Request, error: Exception) -> Response:
        return handler(request, error)

    return answer

"""What servers answer when something goes wrong."""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from emo_tf.errors import EmoError
from emo_tf.web.answers import error_answer
from emo_tf.web.refusal import Refusal

CLIENT_GONE = 499
"""What logs and metrics say of a request whose client went before the answer, as nginx does."""

ErrorAnswer = Callable[[Request, Exception], Response]


def add_error_answers(
    app: FastAPI,
    *,
    statuses: Mapping[type[Exception], int],
    paths: str,
    refused: Callable[[str], None] = lambda reason: None,
    further: Mapping[type[Exception], ErrorAnswer] | None = None,
) -> None:
    """Has an app answer for errors that a route may raise; for an `EmoError` by status 400.

    Args:
        app: The app.
        statuses: Statuses of errors whose message is the answer.
        paths: Which paths there are, for messages: `"one that ..."`.
        refused: Told the reason of each refusal.
        further: What makes the answers to other errors.
    """

    def refuse(_: Request, error: Refusal) -> Response:
        refused(error.reason)
        return error_answer(error.status, error.message, headers=error.headers)

    def no_route(_: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            # Where GET is, HEAD is too.
            allowed = error.headers["Allow"].replace("GET", "GET, HEAD")
            text = f"method: expected {allowed}. Received: another"
            return error_answer(405, text, headers={"Allow": allowed})
        return error_answer(error.status_code, f"path: expected {paths}. Received: another")

    def gone(_: Request, __: ClientDisconnect) -> Response:
        return Response(status_code=CLIENT_GONE)

    answers = {
        Refusal: refuse,
        HTTPException: no_route,
        ClientDisconnect: gone,
        **{error: _of_status(status) for error, status in {EmoError: 400, **statuses}.items()},
        **(further or {}),
    }
    for error, answer in answers.items():
        app.add_exception_handler(error, _awaited(answer))


def _of_status(status: int) -> ErrorAnswer:
    return lambda _, error: error_answer(status, str(error))


def _awaited(answer: ErrorAnswer) -> Callable[[Request, Exception], Awaitable[Response]]:
    # Starlette runs what is not a coroutine on a thread of its own.
    async def awaited(request: Request, error: Exception) -> Response:
        return answer(request, error)

    return awaited

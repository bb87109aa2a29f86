"""What the server answers when something goes wrong."""

from collections.abc import Callable

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from emo_tf.serve.registry import UnknownModel
from emo_tf.serve.work import QueueFull, Stopped, TimeLimit
from emo_tf.web import error_answers
from emo_tf.web.answers import error_answer

BUG = '{"error": "the server failed; its log says why"}'


def add_error_answers(app: FastAPI, *, count: Callable[[str], None]) -> None:
    """Has an app answer for every error that a route may raise.

    Args:
        app: The app.
        count: Told the reason of each refusal.
    """

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

    error_answers.add_error_answers(
        app,
        statuses={UnknownModel: 404},
        paths="one that GET /openapi.json names",
        refused=count,
        further={QueueFull: full, TimeLimit: late, Stopped: stopped},
    )

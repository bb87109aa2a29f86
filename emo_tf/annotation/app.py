"""The annotation tool's routes, put together."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from emo_tf.annotation.answer_errors import NotFound, NotSaved, Taken
from emo_tf.annotation.answer_routes import add_answer_routes
from emo_tf.annotation.desk import Desk
from emo_tf.annotation.own_page import API, OwnPage
from emo_tf.annotation.picture_routes import add_picture_routes
from emo_tf.web.access import Access
from emo_tf.web.answers import error_answer
from emo_tf.web.error_answers import add_error_answers
from emo_tf.web.page_files import add_page

_LONGEST_SHOWN = 100


def create_app(desk: Desk, *, loopback: bool, token: str | None = None) -> FastAPI:
    """Returns the app of the annotation tool.

    Args:
        desk: What the annotators work at.
        loopback: Whether it is for this machine alone; see `OwnPage`.
        token: What requests have to show; `None` for none.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    add_picture_routes(app, desk)
    add_answer_routes(app, desk)
    add_page(app, "emo_tf.annotation")
    add_error_answers(
        app,
        statuses={NotFound: 404, Taken: 409, NotSaved: 507},
        paths="one that the page asks for",
        further={RequestValidationError: _invalid, Exception: _failed},
    )
    # What is added last is outermost.
    if token is not None:
        app.add_middleware(Access, token=token, guarded=(API,))
    app.add_middleware(OwnPage, loopback=loopback)
    return app


def _invalid(_: Request, error: RequestValidationError) -> Response:
    """Answers for a number in a path, or a name behind it, that is none."""
    problem = error.errors()[0]
    place, name = problem["loc"][:2]
    is_missing = problem["type"] == "missing"
    received = "none" if is_missing else repr(problem["input"])[:_LONGEST_SHOWN]
    expected = "one" if is_missing else "a number from 1"
    return error_answer(
        404 if place == "path" else 400, f"{name}: expected {expected}. Received: {received}"
    )


def _failed(_: Request, __: Exception) -> Response:
    return error_answer(500, "the server failed; its output says why")

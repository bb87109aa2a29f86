"""Routes that show: the project, the pictures and how far the annotators are."""

from typing import Annotated

from fastapi import FastAPI, Path, Query
from starlette.responses import Response

from emo_tf.annotation.agreement import agreement
from emo_tf.annotation.desk import Desk
from emo_tf.web.answers import json_answer

_HIGHEST = 2**63 - 1  # SQLite knows no higher number

Id = Annotated[int, Path(ge=1, le=_HIGHEST)]
"""Number of a picture or a person in a path."""

_After = Annotated[int | None, Query(ge=1, le=_HIGHEST)]


def add_picture_routes(app: FastAPI, desk: Desk) -> None:
    """Adds the routes.

    Args:
        app: The app.
        desk: What is shown.
    """
    store = desk.store

    @app.get("/api/project", response_model=None)
    def project() -> Response:
        return json_answer(desk.project())

    # A name may hold a slash.
    @app.get("/api/annotators/{name:path}/progress", response_model=None)
    def progress(name: str) -> Response:
        return json_answer(store.progress(name))

    @app.get("/api/annotators/{name:path}/next", response_model=None)
    def next_person(name: str, after: _After = None) -> Response:
        found = store.next_person(name, after=after)
        return json_answer(found and dict(zip(("picture", "person"), found, strict=True)))

    @app.get("/api/pictures", response_model=None)
    def pictures(annotator: str) -> Response:
        return json_answer(desk.listing(annotator))

    @app.get("/api/pictures/{id}", response_model=None)
    def picture(id: Id, annotator: str) -> Response:
        return json_answer(desk.open_picture(id, annotator))

    @app.get("/api/pictures/{id}/image", response_model=None)
    def image(id: Id) -> Response:
        shown = desk.shown(id)
        return Response(shown.content, media_type=shown.media_type)

    @app.get("/api/agreement", response_model=None)
    def how_far_they_agree() -> Response:
        return json_answer(agreement(store).to_dict())

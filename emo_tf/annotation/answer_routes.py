"""Routes that save: annotators, boxes and answers."""

from typing import Annotated

from fastapi import Depends, FastAPI
from starlette.responses import Response

from emo_tf.annotation.answer import answer_from_dict
from emo_tf.annotation.answer_records import DRAWN
from emo_tf.annotation.desk import Desk
from emo_tf.annotation.picture_routes import Id
from emo_tf.annotation.request_values import RequestValues, box, nothing_else, text
from emo_tf.web.answers import json_answer

_NAME = "name"
_ANNOTATOR = "annotator"
_BOX = (_ANNOTATOR, "box_xywh")


def add_answer_routes(app: FastAPI, desk: Desk) -> None:
    """Adds the routes; each answers once what it saves is on the disk.

    Args:
        app: The app.
        desk: Where the answers file is.
    """
    store = desk.store
    values_of = RequestValues()
    Values = Annotated[dict, Depends(values_of.read)]  # noqa: N806 (a type)

    @app.post("/api/annotators", response_model=None)
    def add_annotator(values: Values) -> Response:
        name = text(values, _NAME)
        nothing_else(values, [_NAME])
        return json_answer({_NAME: store.add_annotator(name)})

    @app.post("/api/pictures/{id}/people", response_model=None)
    def add_person(id: Id, values: Values) -> Response:
        annotator, box_xywh = text(values, _ANNOTATOR), box(values)
        nothing_else(values, _BOX)
        person = store.add_person(id, box_xywh, origin=DRAWN, annotator=annotator)
        return json_answer(desk.person(person, annotator), status=201)

    @app.put("/api/pictures/{id}/nobody", response_model=None)
    def save_nobody(id: Id, values: Values) -> Response:
        annotator = text(values, _ANNOTATOR)
        nothing_else(values, [_ANNOTATOR])
        store.save_nobody(id, annotator)
        return json_answer({"progress": store.progress(annotator)})

    @app.put("/api/people/{id}/box", response_model=None)
    def move_person(id: Id, values: Values) -> Response:
        annotator, box_xywh = text(values, _ANNOTATOR), box(values)
        nothing_else(values, _BOX)
        person = store.move_person(id, box_xywh, annotator=annotator)
        return json_answer(desk.person(person, annotator))

    @app.delete("/api/people/{id}", response_model=None)
    def remove_person(id: Id, annotator: str) -> Response:
        store.remove_person(id, annotator=annotator)
        return Response(status_code=204)

    @app.put("/api/people/{id}/answer", response_model=None)
    def save(id: Id, values: Values) -> Response:
        annotator = text(values, _ANNOTATOR)
        revision = store.save(id, annotator, answer_from_dict(values))
        return json_answer({"revision": revision, "progress": store.progress(annotator)})

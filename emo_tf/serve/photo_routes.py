"""The route that looks at a whole photo."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from emo_tf.serve.analysis import Upload
from emo_tf.serve.documents import PhotoAnswer
from emo_tf.serve.form import image_of_form
from emo_tf.serve.openapi import ANALYZE_BODY, extra, responses
from emo_tf.serve.service import Service
from emo_tf.web.answers import JSON


def add_photo_routes(app: FastAPI, service: Service) -> None:
    """Adds `/v1/analyze`.

    Args:
        app: The server's application.
        service: What answers.
    """

    @app.post(
        "/v1/analyze",
        operation_id="analyze",
        summary="Faces, people and the group of a photo",
        tags=["photos"],
        response_model=None,
        responses=responses(PhotoAnswer, 400, 401, 408, 413, 415, 429, 503),
        openapi_extra=extra(body=ANALYZE_BODY, guarded=service.settings.token is not None),
    )
    async def analyze(request: Request) -> Response:
        service.check_ready()
        async with service.bodies.read(request) as body:
            name, content = image_of_form(request.headers.get("content-type", ""), body)
            del body  # only the picture is needed any more
            with service.registry.analysis() as analysis:
                answer = await service.answer(request, analysis, Upload(name, content))
        return Response(answer, media_type=JSON)

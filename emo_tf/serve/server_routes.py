"""Routes about the server itself."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from emo_tf.serve.documents import Health
from emo_tf.serve.measurements import CONTENT_TYPE
from emo_tf.serve.openapi import extra, responses
from emo_tf.serve.service import Service
from emo_tf.web.answers import JSON, json_answer


def add_server_routes(app: FastAPI, service: Service) -> None:
    """Adds `/healthz`, `/readyz`, `/metrics` and `/openapi.json`.

    Args:
        app: The server's application.
        service: What answers.
    """
    common = {"response_model": None, "tags": ["server"]}

    @app.get(
        "/healthz",
        operation_id="healthz",
        summary="Whether it runs",
        responses=responses(Health),
        **common,
    )
    async def health(request: Request) -> Response:
        return json_answer({"status": "ok"})

    @app.get(
        "/readyz",
        operation_id="readyz",
        summary="Whether it takes requests",
        responses=responses(Health, 503),
        **common,
    )
    async def readiness(request: Request) -> Response:
        service.check_ready()
        return json_answer({"status": "ready"})

    @app.get(
        "/metrics",
        operation_id="metrics",
        summary="Figures for Prometheus",
        responses={
            200: {
                "description": "Prometheus' text format.",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        }
        | {status: responses(None, 401)[status] for status in (401,)},
        openapi_extra=extra(guarded=service.settings.token is not None),
        response_class=Response,
        **common,
    )
    async def metrics(request: Request) -> Response:
        return Response(service.measurements.text(), headers={"Content-Type": CONTENT_TYPE})

    @app.get("/openapi.json", include_in_schema=False, response_model=None)
    async def description(request: Request) -> Response:
        return Response(app.state.openapi_file, media_type=JSON)

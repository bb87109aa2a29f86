"""TensorFlow Serving's routes: state, description and predictions of a model."""

from fastapi import FastAPI
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from emo_tf.serve.documents import (
    ColumnAnswers,
    ModelDescription,
    Models,
    ModelStates,
    RowAnswers,
)
from emo_tf.serve.openapi import NAME, PREDICT_BODY, VERSION, extra, responses
from emo_tf.serve.service import Service
from emo_tf.web.answers import JSON, json_answer

_MODEL = "/v1/models/{name:emo_tf_model}"
_VERSION = _MODEL + "/versions/{version:emo_tf_version}"


class _NameConvertor(Convertor[str]):
    """The name of a model: whatever stands before the colon of a verb."""

    regex = "[^/:]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class _VersionConvertor(Convertor[int]):
    """A version: an integer of 64 bits without leading zeros."""

    regex = "(?:0|[1-9][0-9]{0,17})"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


def add_model_routes(app: FastAPI, service: Service) -> None:
    """Adds the routes below `/v1/models`.

    Args:
        app: The server's application.
        service: What answers.
    """
    register_url_convertor("emo_tf_model", _NameConvertor())
    register_url_convertor("emo_tf_version", _VersionConvertor())
    guarded = service.settings.token is not None
    common = {"response_model": None, "tags": ["models"]}

    @app.get(
        "/v1/models",
        operation_id="models",
        summary="Models that are served, those behind /v1/analyze, and limits of requests",
        responses=responses(Models, 401, 503),
        openapi_extra=extra(guarded=guarded),
        **common,
    )
    async def models(request: Request) -> Response:
        service.check_ready()
        with service.registry.analysis() as analysis:
            parts = analysis.parts
        limits = {
            "bytes": service.settings.max_bytes,
            "pixels": service.settings.max_pixels,
            "seconds": service.settings.time_limit_s,
        }
        listing = service.registry.listing()
        return json_answer({"models": listing, "analysis": parts, "limits": limits})

    async def state(request: Request) -> Response:
        statuses = service.registry.statuses(**request.path_params)
        return json_answer({"model_version_status": [_state(status) for status in statuses]})

    async def metadata(request: Request) -> Response:
        with service.registry.predictor(**request.path_params) as predictor:
            return json_answer(predictor.describe())

    async def predict(request: Request) -> Response:
        service.check_ready()
        async with service.bodies.read(request) as body:
            with service.registry.predictor(**request.path_params) as predictor:
                content = await service.answer(request, predictor, body)
        return Response(content, media_type=JSON)

    for path, parameters, which in (
        (_MODEL, (NAME,), ""),
        (_VERSION, (NAME, VERSION), "_version"),
    ):
        app.post(
            f"{path}:predict",
            operation_id=f"predict{which}",
            summary="Ask a model",
            responses=responses(RowAnswers | ColumnAnswers, 400, 401, 404, 408, 413, 415, 429, 503),
            openapi_extra=extra(*parameters, body=PREDICT_BODY, guarded=guarded),
            **common,
        )(predict)
        app.get(
            path,
            operation_id=f"state{which}",
            summary="State of a model",
            responses=responses(ModelStates, 401, 404),
            openapi_extra=extra(*parameters, guarded=guarded),
            **common,
        )(state)
        app.get(
            f"{path}/metadata",
            operation_id=f"metadata{which}",
            summary="Signatures of a model, and what it is",
            responses=responses(ModelDescription, 401, 404),
            openapi_extra=extra(*parameters, guarded=guarded),
            **common,
        )(metadata)


def _state(status) -> dict:
    return {
        "version": str(status.version),
        "state": status.state,
        "status": {
            # TensorFlow's name for what could not be loaded.
            "error_code": "OK" if status.error is None else "FAILED_PRECONDITION",
            "error_message": status.error or "",
        },
    }

"""The server's routes, put together."""

import functools
import json

from fastapi import FastAPI

import emo_tf
from emo_tf.serve.answers import add_error_answers
from emo_tf.serve.measurements import Measurements
from emo_tf.serve.model_routes import add_model_routes
from emo_tf.serve.observation import Observation
from emo_tf.serve.openapi import SECURITY_SCHEME
from emo_tf.serve.photo_routes import add_photo_routes
from emo_tf.serve.registry import ModelRegistry
from emo_tf.serve.server_routes import add_server_routes
from emo_tf.serve.service import Service
from emo_tf.serve.settings import ServeSettings
from emo_tf.serve.worker_pool import WorkerPool
from emo_tf.web.access import Access
from emo_tf.web.page_files import add_page

_GUARDED = ("/v1/", "/metrics")
_ABOUT = (
    "Apparent emotion in photos: how faces and people look to others, not what they go through. "
    "Pictures are held in memory while they are looked at and are not stored."
)


def create_app(
    settings: ServeSettings,
    registry: ModelRegistry | None,
    pool: WorkerPool | None,
    *,
    measurements: Measurements | None = None,
) -> FastAPI:
    """Returns the app that answers for the models of a registry.

    Args:
        settings: Limits, and the token if there is one.
        registry: The models; `None` if the app is wanted for its OpenAPI file alone.
        pool: The threads; `None` if the app is wanted for its OpenAPI file alone.
        measurements: Where it counts; its own if `None`.

    Returns:
        The app, whose `state.service` is what its routes share.
    """
    measurements = measurements or Measurements()
    service = Service(settings, registry, pool, measurements=measurements)
    app = FastAPI(
        title="emo-tf serve",
        version=emo_tf.__version__,
        description=_ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    # The first that fits is taken: those that have to be fast come first.
    add_photo_routes(app, service)
    add_model_routes(app, service)
    add_server_routes(app, service)
    add_page(app, "emo_tf.serve")
    add_error_answers(app, count=measurements.add_refusal)
    # What is added last is outermost.
    if settings.token is not None:
        app.add_middleware(
            Access,
            token=settings.token,
            guarded=_GUARDED,
            refused=functools.partial(measurements.add_refusal, "token"),
        )
    app.add_middleware(Observation, measurements=measurements)
    measurements.watch(
        waiting=lambda: pool.waiting,
        held_bytes=lambda: service.bodies.held,
        models=lambda: registry.listing(),
    )
    app.state.openapi_file = _openapi_file(app)
    return app


def openapi_file(settings: ServeSettings) -> bytes:
    """Returns the OpenAPI file of a server with these settings, JSON in UTF-8."""
    return create_app(settings, None, None).state.openapi_file


def _openapi_file(app: FastAPI) -> bytes:
    description = app.openapi()
    components = description.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEME
    return (json.dumps(description, indent=2, ensure_ascii=False) + "\n").encode("utf-8")

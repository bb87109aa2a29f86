"""The parts of the OpenAPI file that FastAPI cannot know of itself."""

from collections.abc import Mapping

from emo_tf.serve.documents import Error
from emo_tf.serve.form import IMAGE_FIELD

SECURITY_SCHEME = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The server's token, if it was started with one.",
    }
}

_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds after which to try again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}
_ERRORS: Mapping[int, dict] = {
    400: {"description": "The request cannot be read; the sentence says why."},
    401: {
        "description": "The token is missing or another one.",
        "headers": {
            "WWW-Authenticate": {"required": True, "schema": {"type": "string"}},
        },
    },
    404: {"description": "No such model or version."},
    408: {"description": "The body did not arrive in time."},
    413: {"description": "The body is too large."},
    415: {"description": "The body is of another type, or packed."},
    429: {"description": "The server is busy.", "headers": _RETRY_AFTER},
    503: {"description": "Not ready, stopping, or not done in time.", "headers": _RETRY_AFTER},
}

NAME = {
    "name": "name",
    "in": "path",
    "required": True,
    "description": "Name of the model.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.-]+$"},
    "example": "expression",
}
VERSION = {
    "name": "version",
    "in": "path",
    "required": True,
    "description": "Version of the model.",
    "schema": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
    "example": 1,
}

_SIGNATURE = {
    "type": "string",
    "description": "`serve_bytes` takes picture files, `serving_default` (if left out) pixels and "
    "other numbers.",
}
_PICTURE = {
    "type": "object",
    "required": ["b64"],
    "properties": {
        "b64": {"type": "string", "contentEncoding": "base64", "description": "A picture file."}
    },
}
_EXAMPLE_PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mM4AQAAygDJNEIn8wAAAABJRU5ErkJggg=="
)
PREDICT_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "description": "As TensorFlow Serving takes it: by rows (`instances`) or by "
                "columns (`inputs`).",
                "properties": {
                    "signature_name": _SIGNATURE,
                    "instances": {
                        "type": "array",
                        "minItems": 1,
                        "description": "One entry a picture: `image_bytes` holds its file, for "
                        "models of people `box_xywh` the box of the person; or the values of the "
                        "inputs, by name where there are several.",
                        "items": {
                            "anyOf": [
                                {
                                    "type": "object",
                                    "properties": {
                                        "image_bytes": _PICTURE,
                                        "box_xywh": {
                                            "type": "array",
                                            "items": {"type": "number"},
                                            "minItems": 4,
                                            "maxItems": 4,
                                        },
                                    },
                                },
                                {"type": "array"},
                                {"type": "number"},
                            ]
                        },
                    },
                    "inputs": {
                        "anyOf": [{"type": "object"}, {"type": "array"}],
                        "description": "The values of the one input, or lists by input.",
                    },
                },
                "oneOf": [{"required": ["instances"]}, {"required": ["inputs"]}],
            },
            "example": {
                "signature_name": "serve_bytes",
                "instances": [{"image_bytes": {"b64": _EXAMPLE_PICTURE}}],
            },
        }
    },
}
ANALYZE_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": [IMAGE_FIELD],
                "additionalProperties": False,
                "properties": {
                    IMAGE_FIELD: {
                        "type": "string",
                        "format": "binary",
                        "description": "A picture file: JPEG, PNG, WebP, ...",
                    }
                },
            }
        }
    },
}


def responses(ok: type | object, *errors: int) -> dict[int, dict]:
    """Returns the answers of a route for its documentation.

    Args:
        ok: The model of what it answers with status 200.
        *errors: The other statuses.
    """
    success = {"model": ok, "description": "The answer."}
    return {200: success} | {status: {"model": Error} | _ERRORS[status] for status in errors}


def extra(*parameters: dict, body: dict | None = None, guarded: bool | None = None) -> dict:
    """Returns what the documentation of a route has besides its answers.

    Args:
        *parameters: The parts of its path that vary.
        body: What it takes.
        guarded: Whether it wants the token; `None` for one that never does.
    """
    said = {"parameters": list(parameters)} if parameters else {}
    if body is not None:
        said["requestBody"] = body
    if guarded is not None:
        said["security"] = [{"bearer": []}] if guarded else [{}, {"bearer": []}]
    return said

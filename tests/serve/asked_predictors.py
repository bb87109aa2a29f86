"""Asking a predictor of the server without a server."""

import base64
import json
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.serve.predictor import Predictor

MAX_PIXELS = 600 * 600
MOST = 5


def open_predictor(file: Path, **options: object) -> Predictor:
    settings = {"name": "served", "version": 3, "workers": 1, "max_pixels": MAX_PIXELS}
    return Predictor(file, **{**settings, "max_instances": MOST, **options})


def ask(predictor: Predictor, **body: object) -> object:
    """Returns what is predicted, and raises what is wrong."""
    (answer,) = predictor.answer(0, [json.dumps(body).encode()])
    if isinstance(answer, EmoError):
        raise answer
    ((_, found),) = json.loads(answer).items()
    return found


def ask_of_files(predictor: Predictor, *files: bytes, **values: list) -> object:
    """As `ask`, for picture files and what else belongs to each."""
    instances = [{"image_bytes": b64(file)} for file in files]
    for name, rows in values.items():
        instances = [{**row, name: value} for row, value in zip(instances, rows, strict=True)]
    return ask(predictor, signature_name="serve_bytes", instances=instances)


def b64(content: bytes) -> dict:
    return {"b64": base64.b64encode(content).decode()}

"""Questions to a `.tflite` file through `emo-tf serve`: a drawn person among malformed requests."""

import math
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.export.checks import Check
from emo_tf.export.fresh_process import Ended, FreshProcess
from emo_tf.export.http_client import Answer, HttpClient
from emo_tf.export.probe_predict import described, wanted
from emo_tf.export.probe_requests import BATCHES, drawn_picture, encoded, malformed_pictures
from emo_tf.export.served_signature import ServedSignature
from emo_tf.model_metadata import PHOTO_TASKS, ModelMetadata

COMMAND = ("-m", "emo_tf", "serve")
"""What follows `python`."""

_ANY_NAME = "model"
_LISTENS = re.compile(r"Serving on http://([\w.]+):(\d+)")
_NOT_INSTALLED = "pip install 'emo_tf[serve]'"
_TOKEN = "EMO_TF_TOKEN"
_ANALYZE, _FIELD = "/v1/analyze", "image"
_BAD_REQUEST = 400
_OK = 200
_FINITE = "finite predictions"
_REFUSAL = "400 and an error"
_SAME = "the same answer"


def probe(path: Path, *, time_limit_s: float) -> list[Check]:
    """Starts `emo-tf serve` with a model and asks it, as its users will.

    Args:
        path: A `.tflite` file.
        time_limit_s: After that many seconds the server is killed.

    Returns:
        The checks; one that is not judged where the server is not installed.
    """
    try:
        metadata = ModelMetadata.read(path)
    except EmoError as error:
        return [Check("emo-tf serve", str(error), "answers", False)]
    checks: list[Check] = []
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "served"
        # Under another name, a model of faces would stand beside the shipped one.
        name = metadata.task if metadata.task in PHOTO_TASKS else _ANY_NAME
        version = root / name / "1"
        version.mkdir(parents=True)
        shutil.copy(path, version)
        with FreshProcess(
            [*COMMAND, "--models", root, "--port", "0"],
            folder=root,
            time_limit_s=time_limit_s,
            environment={_TOKEN: None},
        ) as server:
            address = _LISTENS.fullmatch(server.read_line())
            if address:
                host, port = address.groups()
                client = HttpClient(host, int(port), time_limit_s=time_limit_s)
                checks = [*_ask_model(client, name), *_ask_photo(client, metadata)]
            server.stop()
            ended = server.wait()
    if not address and _NOT_INSTALLED in ended.stderr:
        return [Check("emo-tf serve", None, f"not judged: {_NOT_INSTALLED}", None)]
    if not address:
        return [Check("emo-tf serve", ended.summary, "a server that listens", False)]
    checks += _ending(ended)
    return [Check(f"emo-tf serve, {one.name}", one.value, one.limit, one.passed) for one in checks]


def _ask_model(client: HttpClient, name: str) -> Iterator[Check]:
    """Yields what comes of questions in the shape of TensorFlow Serving."""
    url = f"/v1/models/{name}"
    yield Check.equal("status", _state(client.get(url)), "AVAILABLE")
    about = client.get(f"{url}/metadata")
    try:
        signature = ServedSignature.choose(about.body)
    except (KeyError, TypeError, ValueError) as error:
        received = f"{about.summary}, {type(error).__name__}: {error}"
        yield Check("metadata", received, "the inputs of a signature", False)
        return
    picture, corners = drawn_picture()
    url = f"{url}:predict"
    good, first = b"", None
    for batch in signature.batches(BATCHES):
        body = signature.request(encoded(picture, "PNG"), corners, batch=batch)
        answer = client.post(url, body)
        received = _describe_predictions(answer, batch)
        yield Check.equal(f"{signature.name} of {batch}", received, _FINITE)
        if first is None:
            good, first = body, answer
    malformed = {
        "garbage": bytes(range(256)),
        "a truncated request": good[: len(good) // 2],
        "an empty request": b"",
    }
    if signature.takes_files:
        malformed |= {
            f"{what} for a picture": signature.request(content, corners, batch=1)
            for what, content in malformed_pictures(picture).items()
        }
    for what, body in malformed.items():
        received = _describe_refusal(client.post(url, body))
        yield Check.equal(f"{signature.name}, {what}", received, _REFUSAL)
    yield _again(signature.name, first, client.post(url, good))


def _ask_photo(client: HttpClient, metadata: ModelMetadata) -> Iterator[Check]:
    """Yields what comes of photographs, where the model is one for them."""
    if metadata.task not in PHOTO_TASKS:
        return
    picture, _ = drawn_picture()
    good = encoded(picture, "PNG")
    first = client.post_picture(_ANALYZE, good, field=_FIELD)
    entry = first.body if first.status == _OK and isinstance(first.body, dict) else None
    received = first.summary
    if entry is not None:
        received = described(entry, task=metadata.task, metadata=metadata)
    yield Check.equal("analyze, a picture", received, wanted(metadata.labels))
    for what, content in malformed_pictures(picture).items():
        answer = client.post_picture(_ANALYZE, content, field=_FIELD)
        yield Check.equal(f"analyze, {what}", _describe_refusal(answer), _REFUSAL)
    yield _again("analyze", first, client.post_picture(_ANALYZE, good, field=_FIELD))


def _state(answer: Answer) -> str:
    try:
        return answer.body["model_version_status"][0]["state"]
    except (KeyError, TypeError, IndexError):
        return answer.summary


def _describe_predictions(answer: Answer, batch: int) -> str:
    """Returns what is wrong with predictions, or `_FINITE`."""
    predictions = answer.body.get("predictions") if isinstance(answer.body, dict) else None
    if not isinstance(predictions, list):
        return answer.summary
    if len(predictions) != batch:
        return f"{len(predictions)} predictions for {batch} examples"
    numbers = [*_leaves(predictions)]
    is_finite = all(isinstance(one, int | float) and math.isfinite(one) for one in numbers)
    return _FINITE if numbers and is_finite else "predictions that are not finite"


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _leaves(one)
    else:
        yield value


def _describe_refusal(answer: Answer) -> str:
    return _REFUSAL if answer.status == _BAD_REQUEST and answer.error else answer.summary


def _again(name: str, before: Answer, after: Answer) -> Check:
    """Returns whether malformed requests have left the answer as it was, its times aside."""
    kept = [
        {key: value for key, value in answer.body.items() if key != "timings_ms"}
        if isinstance(answer.body, dict)
        else answer.body
        for answer in (before, after)
    ]
    is_same = before.status == after.status == _OK and kept[0] == kept[1]
    received = "another answer" if after.status == _OK else after.summary
    return Check.equal(f"{name}, the first again", _SAME if is_same else received, _SAME)


def _ending(ended: Ended) -> Iterator[Check]:
    yield Check.equal("SIGTERM", ended.death or f"exit code {ended.code}", "exit code 0")
    said = "a traceback" if "Traceback" in ended.stderr else "no traceback"
    yield Check.equal("stderr", said, "no traceback")

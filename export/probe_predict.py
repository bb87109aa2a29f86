"""Questions to a `.tflite` file through `emo-tf predict`: one real picture among malformed ones."""

import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.export.checks import Check
from emo_tf.export.fresh_process import run_fresh
from emo_tf.export.probe_requests import drawn_picture, encoded, malformed_pictures
from emo_tf.labels import VAD
from emo_tf.model_metadata import ModelMetadata

TASKS = ("expression", "emotic", "group")
"""What `emo-tf predict --model` takes."""

SOME_FAILED = 1
_GOOD = "good.png"
_PEOPLE = "people.txt"


def probe(path: Path, *, task: str, time_limit_s: float) -> list[Check]:
    """Runs `emo-tf predict` with a model, as its users will.

    Args:
        path: A `.tflite` file.
        task: What the model does; one of `TASKS`.
        time_limit_s: After that many seconds the command is killed.

    Returns:
        The checks.
    """
    try:
        metadata = ModelMetadata.read(path)
    except EmoError as error:
        return [Check("emo-tf predict", str(error), "an answer", False)]
    picture, corners = drawn_picture()
    bad = {f"{number}.jpg": kind for number, kind in enumerate(malformed_pictures(picture))}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / _GOOD).write_bytes(encoded(picture, "PNG"))
        for name, content in zip(bad, malformed_pictures(picture).values(), strict=True):
            (folder / name).write_bytes(content)
        source = _GOOD
        if task == "emotic":
            source = _PEOPLE
            (folder / _PEOPLE).write_text(" ".join(map(str, (_GOOD, *corners))) + "\n", "utf-8")
        options = ["--model", path.resolve(), "--json", "-"]
        ended = run_fresh(
            ["-m", "emo_tf", "predict", source, *bad, *options],
            folder=folder,
            time_limit_s=time_limit_s,
        )
    if ended.code != SOME_FAILED:
        expected = f"exit code {SOME_FAILED}, as some pictures are malformed"
        return [Check("emo-tf predict", ended.summary, expected, False)]
    entries = _entries(ended.stdout)
    answer = _describe(entries.get(_GOOD, {}), task=task, metadata=metadata)
    checks = [Check.equal("emo-tf predict, a picture", answer, _wanted(metadata.labels))]
    for name, kind in bad.items():
        received = "an error entry" if "error" in entries.get(name, {}) else "none"
        checks.append(Check.equal(f"emo-tf predict, {kind}", received, "an error entry"))
    said = "a traceback" if "Traceback" in ended.stderr else "no traceback"
    return [*checks, Check.equal("emo-tf predict, stderr", said, "no traceback")]


def _entries(text: str) -> dict[str, dict]:
    """Returns JSON Lines by their source; none at all where one cannot be read."""
    try:
        return {entry["source"]: entry for entry in map(json.loads, text.splitlines())}
    except (ValueError, TypeError, KeyError):
        return {}


def _wanted(labels: Sequence[str]) -> str:
    return f"finite scores of {len(labels)} labels"


def _describe(entry: Mapping, *, task: str, metadata: ModelMetadata) -> str:
    """Returns what an entry of the JSON Lines holds, in the words of `_wanted` if all is well."""
    if "error" in entry:
        return f"the error {entry['error']}"
    if task == "group":
        scores = ((entry.get("group") or {}).get("verdicts") or {}).get(metadata.name)
        if not scores:
            return f"no verdict of {metadata.name}"
        return _scores(scores, [*scores.values()], metadata.labels)
    found = entry.get("people" if task == "emotic" else "faces")
    if not found:
        return "nobody found"
    if task == "emotic":
        scores = {item["label"]: item["score"] for item in found[0]["categories"]}
        numbers = [*scores.values(), *(found[0]["vad"][name] for name in VAD)]
        return _scores(scores, numbers, metadata.labels)
    scores = found[0]["expression"]["probabilities"]
    return _scores(scores, [*scores.values()], metadata.labels)


def _scores(scores: Mapping, numbers: Sequence, labels: Sequence[str]) -> str:
    if set(scores) != set(labels):
        return f"scores of {', '.join(scores)}"
    if not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
        return "scores that are not finite"
    return _wanted(labels)

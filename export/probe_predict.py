"""Questions to a `.tflite` file through `emo-tf predict`: a drawn person among malformed files."""

import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.export.checks import Check
from emo_tf.export.fresh_process import run_fresh
from emo_tf.export.probe_requests import drawn_picture, encoded, malformed_pictures
from emo_tf.labels import VAD
from emo_tf.model_metadata import PHOTO_TASKS, VIDEO, ModelMetadata
from emo_tf.runtime.video_writer import VideoWriter

TASKS = (*PHOTO_TASKS, VIDEO)
"""What `emo-tf predict --model` takes."""

SOME_FAILED = 1
_GOOD, _GOOD_VIDEO = "good.png", "good.mp4"
_PEOPLE = "people.txt"
_FRAMES, _FRAMES_PER_SECOND = 12, 25


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
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        good, source, bad = _write_sources(folder, task)
        options = ["--model", path.resolve(), "--json", "-"]
        ended = run_fresh(
            ["-m", "emo_tf", "predict", source, *bad, *options],
            folder=folder,
            time_limit_s=time_limit_s,
        )
    if ended.code != SOME_FAILED:
        expected = f"exit code {SOME_FAILED}, as some files are malformed"
        return [Check("emo-tf predict", ended.summary, expected, False)]
    entries = _entries(ended.stdout)
    answer = described(entries.get(good, {}), task=task, metadata=metadata)
    what = "a video" if good == _GOOD_VIDEO else "a picture"
    checks = [Check.equal(f"emo-tf predict, {what}", answer, wanted(metadata.labels))]
    for name, kind in bad.items():
        received = "an error entry" if "error" in entries.get(name, {}) else "none"
        checks.append(Check.equal(f"emo-tf predict, {kind}", received, "an error entry"))
    said = "a traceback" if "Traceback" in ended.stderr else "no traceback"
    return [*checks, Check.equal("emo-tf predict, stderr", said, "no traceback")]


def _write_sources(folder: Path, task: str) -> tuple[str, str, dict[str, str]]:
    """Writes what the command is given.

    Returns:
        The file that shows a person, what is given for it, and what is wrong with each of the
        others, by their names.
    """
    picture, corners = drawn_picture()
    malformed = malformed_pictures(picture)
    good, suffix = _GOOD, ".jpg"
    if task == "video":
        good, suffix = _GOOD_VIDEO, ".mp4"
        _write_video(folder / good, picture)
        # Of a JPEG: a video that is cut short is analysed as far as it goes.
        malformed = {
            what.replace("truncated", "renamed"): content for what, content in malformed.items()
        }
    else:
        (folder / good).write_bytes(encoded(picture, "PNG"))
    bad = {f"{number}{suffix}": kind for number, kind in enumerate(malformed)}
    for name, content in zip(bad, malformed.values(), strict=True):
        (folder / name).write_bytes(content)
    if task != "emotic":
        return good, good, bad
    (folder / _PEOPLE).write_text(" ".join(map(str, (good, *corners))) + "\n", "utf-8")
    return good, _PEOPLE, bad


def _write_video(path: Path, picture: np.ndarray) -> None:
    """Writes a video of a picture that stands still."""
    height, width = picture.shape[:2]
    with VideoWriter(path, width=width, height=height) as writer:
        for frame in range(_FRAMES):
            writer.write(picture, frame / _FRAMES_PER_SECOND)


def _entries(text: str) -> dict[str, dict]:
    """Returns the last JSON line of each source; none at all where one cannot be read."""
    try:
        return {entry["source"]: entry for entry in map(json.loads, text.splitlines())}
    except (ValueError, TypeError, KeyError):
        return {}


def wanted(labels: Sequence[str]) -> str:
    """Returns what `described` says where all is well."""
    return f"finite scores of {len(labels)} labels"


def described(entry: Mapping, *, task: str, metadata: ModelMetadata) -> str:
    """Returns what a result holds, in the words of `wanted` if all is well.

    Args:
        entry: The result as JSON has it.
        task: What the model does; one of `TASKS`.
        metadata: What the model says of itself.
    """
    if "error" in entry:
        return f"the error {entry['error']}"
    if task == "group":
        scores = ((entry.get("group") or {}).get("verdicts") or {}).get(metadata.name)
        if not scores:
            return f"no verdict of {metadata.name}"
        return _scores(scores, [*scores.values()], metadata.labels)
    found = entry.get({"emotic": "people", "video": "tracks"}.get(task, "faces"))
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
    return wanted(labels)

"""Questions to a SavedModel in TensorFlow alone, as TensorFlow Serving would load it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from emo_tf.export.checks import Check
from emo_tf.export.probe_requests import (
    BATCHES,
    Inputs,
    ask,
    ask_malformed,
    drawn_picture,
    encoded,
    made_up_array,
    malformed_pictures,
)
from emo_tf.export.warmup import EXTRA_FOLDER, WARMUP_FILE
from emo_tf.runtime.litert import SIGNATURE
from emo_tf.runtime.picture_requests import BOX_XYWH

FORMATS = ("PNG", "JPEG")


def probe(path: Path) -> list[Check]:
    """Asks every signature for answers: to a drawn picture and malformed ones if it takes files.

    Args:
        path: The SavedModel.

    Returns:
        The checks.
    """
    # The signatures live no longer than what was loaded.
    loaded = tf.saved_model.load(str(path))
    names = ", ".join(sorted(loaded.signatures))
    is_there = SIGNATURE in loaded.signatures
    checks = [Check("signatures", names, f"{SIGNATURE} among them", is_there)]
    for name, function in sorted(loaded.signatures.items()):
        checks += _ask_signature(name, function)
    return [*checks, _warmup(path / EXTRA_FOLDER / WARMUP_FILE)]


def _ask_signature(name: str, function: Callable) -> list[Check]:
    specs = function.structured_input_signature[1]
    picture, corners = drawn_picture()
    takes_files = any(spec.dtype == tf.string for spec in specs.values())
    contents = (
        {kind: encoded(picture, kind) for kind in FORMATS} if takes_files else {"made up": b""}
    )

    def call(inputs: Inputs) -> dict[str, np.ndarray]:
        return {output: value.numpy() for output, value in function(**inputs).items()}

    checks = []
    for kind, content in contents.items():
        for batch in BATCHES:
            inputs = _request(specs, content, corners, batch=batch)
            checks.append(ask(call, inputs, name=f"{name}, {batch} {kind}", batch=batch))
    if not takes_files:
        return checks
    malformed = {
        kind: _request(specs, content, corners, batch=1)
        for kind, content in malformed_pictures(picture).items()
    }
    good = _request(specs, contents[FORMATS[0]], corners, batch=1)
    refusal = tf.errors.InvalidArgumentError
    return checks + ask_malformed(call, malformed, good=good, name=name, refusal=refusal)


def _request(
    specs: dict[str, tf.TensorSpec], content: bytes, corners: Sequence[int], *, batch: int
) -> Inputs:
    """Returns inputs for a signature: file and person where it takes files, else made-up ones."""
    rng = np.random.default_rng(0)
    left, top, right, bottom = corners

    def value(name: str, spec: tf.TensorSpec) -> Sequence | np.ndarray:
        if spec.dtype == tf.string:
            return [content] * batch
        if name == BOX_XYWH:
            return np.array([[left, top, right - left, bottom - top]] * batch, np.float32)
        return made_up_array(spec.shape.as_list(), spec.dtype.as_numpy_dtype, batch=batch, rng=rng)

    return {name: tf.constant(value(name, spec)) for name, spec in specs.items()}


def _warmup(path: Path) -> Check:
    name, limit = "warm-up requests", "a TFRecord file with one at least"
    try:
        count = sum(1 for _ in tf.data.TFRecordDataset(str(path)))
    except tf.errors.OpError as error:
        return Check(name, f"{type(error).__name__}: {error.message}", limit, False)
    return Check(name, f"{count} of them", limit, count > 0)

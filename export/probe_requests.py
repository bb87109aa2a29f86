"""Requests to a model, real and malformed, and what its answers are held against."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO

import numpy as np
from PIL import Image

from emo_tf.data.miniature.faces import EXPRESSION_SHAPES
from emo_tf.data.miniature.portraits import Portrait, draw_portrait
from emo_tf.export.checks import Check

BATCHES = (1, 3)
"""Numbers of examples that a model is asked with, where it takes any."""

STREAM_FRAMES = 4
"""Frames that a model is asked one after the other, where it takes them so."""

# Of sides that may have any length.
_ANY_SIDE = 48
_FINITE = "finite outputs"

Inputs = Mapping[str, object]
Model = Callable[[Inputs], Mapping[str, np.ndarray]]
"""From inputs by name to outputs by name, the examples in front."""


def made_up_array(
    shape: Sequence[int | None], dtype: np.dtype, *, batch: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns an input drawn by lot: pixels, or numbers of 0 to 1 where they are floats.

    Args:
        shape: Shape with the batch in front; `None` and -1 stand for any length.
        dtype: uint8 or a float.
        batch: Number of examples, where the shape leaves it open.
        rng: Draws it.
    """
    sides = [_ANY_SIDE if side in (None, -1) else int(side) for side in shape]
    if shape[0] in (None, -1):
        sides[0] = batch
    if np.issubdtype(dtype, np.floating):
        return rng.uniform(0, 1, sides).astype(dtype)
    return rng.integers(0, 256, sides).astype(dtype)


def drawn_picture() -> tuple[np.ndarray, tuple[int, int, int, int]]:
    """Returns a drawn picture of one person whose face can be found.

    Returns:
        uint8 RGB of shape (H, W, 3), and the corners `x1 y1 x2 y2` of the person in pixels.
    """
    portrait = Portrait(EXPRESSION_SHAPES["happy"], width=300, height=320, seed=(0,))
    picture, (x, y, face_width, _) = draw_portrait(portrait)
    height, width = picture.shape[:2]
    # The body is three faces wide and reaches down to the edge.
    left, right = max(0, int(x - face_width)), min(width, int(x + 2 * face_width))
    return picture, (left, int(y), right, height)


def encoded(picture: np.ndarray, format_name: str) -> bytes:
    """Returns a uint8 RGB picture as a file of `PNG` or `JPEG`.

    Args:
        picture: uint8 RGB, shape (H, W, 3).
        format_name: `PNG` or `JPEG`.
    """
    stream = BytesIO()
    Image.fromarray(picture).save(stream, format_name)
    return stream.getvalue()


def malformed_pictures(picture: np.ndarray) -> dict[str, bytes]:
    """Returns contents of files that are no whole pictures, by what they are."""
    jpeg = encoded(picture, "JPEG")
    return {
        "garbage": bytes(range(256)),
        "a truncated JPEG": jpeg[: len(jpeg) // 2],
        "an empty file": b"",
    }


def ask(model: Model, inputs: Inputs, *, name: str, batch: int) -> Check:
    """Asks a model for an answer.

    Args:
        model: The model.
        inputs: What it is asked.
        name: Name of the check.
        batch: How many examples the inputs hold.
    """
    return Check.equal(name, _described(model(inputs), batch), _FINITE)


def ask_malformed(
    model: Model,
    requests: Mapping[str, Inputs],
    *,
    good: Inputs,
    name: str,
    refusal: type[Exception],
) -> list[Check]:
    """Asks a model for answers to malformed requests, then again for the one that it gave before.

    Args:
        model: The model.
        requests: What it is asked, by what is wrong with it.
        good: A request that it can answer.
        name: How the names of the checks begin.
        refusal: What the model raises to refuse a request.

    Returns:
        A check for each request.
    """
    before = model(good)
    checks = []
    for what, request in requests.items():
        try:
            model(request)
            received = "an answer"
        except refusal:
            received = "a refusal"
        except Exception as error:  # Whatever else comes is what the check looks for.
            received = f"{type(error).__name__}: {error}"
        checks.append(Check.equal(f"{name}, {what}", received, "a refusal"))
    after = model(good)
    is_same = all(np.array_equal(before[output], after[output]) for output in before)
    received = "the same answer" if is_same else "another answer"
    return [*checks, Check.equal(f"{name}, the first again", received, "the same answer")]


def ask_stream(
    model: Model, requests: Mapping[int, Inputs], *, states: Sequence[str], name: str
) -> list[Check]:
    """Asks a model frame after frame, giving back the states that it returned, and once more.

    Args:
        model: The model.
        requests: What it is asked, by number of examples; its states count for nothing.
        states: The names of its states.
        name: How the names of the checks begin.

    Returns:
        Checks of each request.
    """
    checks = []
    for batch, request in requests.items():
        runs = [_streamed(model, request, states) for _ in range(2)]
        found = {_described(outputs, batch) for outputs in runs[0]}
        received = ", ".join(sorted(found - {_FINITE})) or _FINITE
        checks.append(Check.equal(f"{name}, a stream of {batch}", received, _FINITE))
        is_same = all(
            np.array_equal(first[output], second[output])
            for first, second in zip(*runs, strict=True)
            for output in first
        )
        received = "the same answers" if is_same else "other answers"
        checks.append(
            Check.equal(f"{name}, the stream of {batch} again", received, "the same answers")
        )
    return checks


def _streamed(model: Model, request: Inputs, states: Sequence[str]) -> list[Mapping]:
    """Returns what a model answers to the same frame time and again, from states of zeros."""
    carried = {state: np.zeros_like(request[state]) for state in states}
    answers = []
    for _ in range(STREAM_FRAMES):
        outputs = model({**request, **carried})
        answers.append(outputs)
        carried = {state: outputs[state] for state in carried}
    return answers


def _described(outputs: Mapping[str, np.ndarray], batch: int) -> str:
    """Returns what is wrong with outputs, or `_FINITE`."""
    for name, array in outputs.items():
        shape = np.shape(array)
        if shape[:1] != (batch,):
            return f"{name} of shape {shape} for {batch} examples"
        if not np.isfinite(array).all():
            return f"{name} that is not finite"
    return _FINITE if outputs else "no outputs"

"""Questions to a `.tflite` file through the runtime, which needs no TensorFlow."""

from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.export.checks import Check
from emo_tf.export.latency import THREADS
from emo_tf.export.latency import latency_ms as measure_latency_ms
from emo_tf.export.probe_requests import (
    BATCHES,
    Inputs,
    ask,
    ask_malformed,
    ask_stream,
    made_up_array,
)
from emo_tf.runtime.litert import SIGNATURE, LiteRTModel, open_interpreter


def probe(path: Path, *, latency_ms: float | None) -> list[Check]:
    """Asks every signature of a model for answers to made-up inputs and to malformed ones.

    Args:
        path: A `.tflite` file with its metadata.
        latency_ms: What the median call of `serving_default` may take for one example; `None` for
            no matter what.

    Returns:
        The checks.

    Raises:
        EmoError: The file cannot be loaded.
    """
    checks, requests = [], _requests(path)
    for signature, by_batch in requests.items():
        model = LiteRTModel(path, signature=signature)

        def call(inputs: Inputs, model: LiteRTModel = model) -> dict[str, np.ndarray]:
            return model(**inputs)

        for batch, inputs in by_batch.items():
            checks.append(ask(call, inputs, name=f"{signature}, batch of {batch}", batch=batch))
        good = by_batch[BATCHES[0]]
        checks += ask_malformed(call, _malformed(good), good=good, name=signature, refusal=EmoError)
        states = model.metadata.states
        if set(states) & set(good):
            checks += ask_stream(call, by_batch, states=states, name=signature)
    return checks + _latency(path, requests[SIGNATURE][BATCHES[0]], latency_ms)


def _requests(path: Path) -> dict[str, dict[int, Inputs]]:
    """Returns made-up inputs by signature and number of examples."""
    interpreter, rng = open_interpreter(path), np.random.default_rng(0)
    requests = {}
    for signature in interpreter.get_signature_list():
        details = interpreter.get_signature_runner(signature).get_input_details()
        shapes = {name: its["shape_signature"].tolist() for name, its in details.items()}
        # A streaming model may be made for one camera alone.
        is_open = all(shape[0] == -1 for shape in shapes.values())
        requests[signature] = {
            batch: {
                name: made_up_array(shape, details[name]["dtype"], batch=batch, rng=rng)
                for name, shape in shapes.items()
            }
            for batch in (BATCHES if is_open else BATCHES[:1])
        }
    return requests


def _malformed(inputs: Inputs) -> dict[str, Inputs]:
    name, array = next(iter(inputs.items()))
    return {
        "another shape": {**inputs, name: array[None]},
        "another type": {**inputs, name: array.astype(np.float64)},
        "a missing input": {other: value for other, value in inputs.items() if other != name},
        "an unknown input": {**inputs, "no_such_input": array},
    }


def _latency(path: Path, inputs: Inputs, budget_ms: float | None) -> list[Check]:
    if budget_ms is None:
        return [Check("latency", None, "not judged: no budget", None)]
    medians = {
        threads: measure_latency_ms(path, inputs=inputs, threads=threads)["median"]
        for threads in THREADS
    }
    return [
        Check(
            f"latency in ms, threads={threads}",
            median,
            f"at most {budget_ms:g}",
            median <= budget_ms,
        )
        for threads, median in medians.items()
    ]

"""How long a `.tflite` file takes for one example."""

import statistics
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.runtime.litert import LiteRTModel

WARM_UP_CALLS = 3
THREADS = (1, 2)
"""Numbers of threads that a model is timed with."""


def latency_ms(
    path: Path, *, inputs: Mapping[str, np.ndarray], threads: int, seconds: float = 1.0
) -> dict[str, float]:
    """Times a model on one example after the other, as a camera would call it.

    The first calls, in which the interpreter plans its memory, do not count.

    Args:
        path: A `.tflite` file with its metadata.
        inputs: Arrays by the names of the model's inputs; the first dimension counts the
            examples, which come in turn.
        threads: Threads for the network.
        seconds: How long to go on calling; the model is called at least once.

    Returns:
        `median`, `least` and `most` of a call, in milliseconds.

    Raises:
        EmoError: The file or `threads` cannot be used, an input is not what the model takes, or
            the inputs are of no number of examples or of several.
    """
    counts = {name: len(array) for name, array in inputs.items()}
    if len(set(counts.values())) != 1 or 0 in counts.values():
        raise EmoError(
            f"inputs: expected the same examples for all, one or more. Received: {counts}"
        )
    count = next(iter(counts.values()))
    examples = [
        {name: array[index : index + 1] for name, array in inputs.items()} for index in range(count)
    ]
    model = LiteRTModel(path, threads=threads)
    for call in range(WARM_UP_CALLS):
        model(**examples[call % count])
    times, end = [], time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        example = examples[len(times) % count]
        start = time.perf_counter()
        model(**example)
        times.append(1000 * (time.perf_counter() - start))
    return {"median": statistics.median(times), "least": min(times), "most": max(times)}

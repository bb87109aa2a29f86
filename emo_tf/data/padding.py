"""Parts of examples that vary in length: padded in batches, kept without the padding."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from emo_tf.data.example_cache import Arrays, Rows


def kept_rows(part: tf.TensorSpec, count: int, lengths: np.ndarray | None) -> Rows:
    """Returns what a cache keeps of a part.

    Args:
        part: Of one example.
        count: How many examples there are.
        lengths: How many of its rows are more than padding, (N,); `None` where all are.
    """
    kind = np.dtype(part.dtype.as_numpy_dtype)
    if lengths is None:
        return Rows((count, *part.shape), kind)
    return Rows((int(lengths.sum()), *part.shape[1:]), kind)


def without_padding(batches: Iterator[Arrays], lengths: dict[str, np.ndarray]) -> Iterator[Arrays]:
    """Yields batches with the rows of padded parts, those that are none left out, in a row.

    Args:
        batches: Arrays by name, shape (B, longest, ...) where they are padded.
        lengths: Rows that are none of padding, shape (N,), by the names of padded arrays.
    """
    first = 0
    for batch in batches:
        end = first + len(next(iter(batch.values())))
        yield {
            name: values[np.arange(values.shape[1]) < lengths[name][first:end, None]]
            if name in lengths
            else values
            for name, values in batch.items()
        }
        first = end


def padded(kept: np.ndarray, rows: np.ndarray, *, ends: np.ndarray, length: int) -> np.ndarray:
    """Returns a part of some examples with its padding.

    Args:
        kept: The rows of all examples, one after another.
        rows: Which examples, (b,).
        ends: Where the rows of each example end, (N,).
        length: Rows with the padding, which is zeros.

    Returns:
        Shape (b, length, ...).
    """
    padded = np.zeros((len(rows), length, *kept.shape[1:]), kept.dtype)
    for place, row in enumerate(rows):
        own = kept[ends[row - 1] if row else 0 : ends[row]]
        padded[place, : len(own)] = own
    return padded

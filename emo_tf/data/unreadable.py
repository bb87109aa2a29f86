"""Where a file of a data set cannot be read, and why."""

import re
from collections.abc import Callable

import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.example_kind import Element, ExampleKind, parse_record
from emo_tf.data.records import RecordFile, read_records


def first_unreadable(
    file: RecordFile,
    *,
    features: tfds.features.FeaturesDict,
    kind: ExampleKind,
    decode: Callable[[Element], dict[str, tf.Tensor]],
) -> str | None:
    """Returns the first place in a file that cannot be read, and why; `None` where all can.

    Args:
        file: With the records that belong to a split.
        features: Those of the data set.
        kind: What an example is.
        decode: `kind.decode` as it is used, a graph.
    """
    good = 0
    try:
        for record in read_records([file]):
            names = parse_record(record, features, names=kind.named_by)
            place = "/".join(_text(names[name]) for name in kind.named_by)
            try:
                for element in kind.elements(tf.data.Dataset.from_tensors(record)):
                    _try_to_decode(element, kind, decode)
            except tf.errors.InvalidArgumentError as error:
                return (
                    f"{file.filename}: {place}: expected {kind.expected}. "
                    f"Received: {_reason(error)}"
                )
            good += 1
    except tf.errors.OpError as error:
        return (
            f"{file.filename}: record {good + 1}: expected one of the data set. "
            f"Received: {_reason(error)}"
        )
    return None


def _text(value: tf.Tensor) -> str:
    content = value.numpy()
    return content.decode() if isinstance(content, bytes) else str(content)


def _try_to_decode(element: Element, kind: ExampleKind, decode: Callable) -> None:
    try:
        decode(element)
    except tf.errors.InvalidArgumentError:
        kind.decode(element)  # Says what is wrong; the graph says where it was built.
        raise


def _reason(error: tf.errors.OpError) -> str:
    """Returns TensorFlow's message without the names of its graph."""
    return re.sub(r"^({{.*?}}\s*)+|\s*\[Op:\w+\].*", "", error.message.splitlines()[0])

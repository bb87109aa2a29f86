"""What an example of a data set is: how a record becomes one, and what it then holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.records import RecordFile, count_records

Element = tf.Tensor | dict[str, tf.Tensor]
"""What is left encoded until it is chosen: a record, or a part of one."""


def _as_they_are(records: tf.data.Dataset) -> tf.data.Dataset:
    return records


def _all_records(files: Sequence[RecordFile]) -> np.ndarray:
    return np.arange(count_records(files))


@dataclass(frozen=True)
class ExampleKind:
    """What an example is.

    Attributes:
        noun: Examples, in messages, in the plural.
        expected: What a record has to hold, in messages.
        named_by: Features whose values, joined by slashes, name a record in messages.
        parts: What an example holds, by name.
        decode: Makes an element an example.
        description: What decides its pixels besides the record, of what JSON can hold.
        elements: Makes records, one after another, the elements that are examples.
        count: How many examples files have.
        numbers: Which records of files are examples, (N,), for kinds of which no record is several.
        lengths: For parts of which only the first rows are more than padding: how many are, of
            each example of files, (N,). A cache keeps those alone.
    """

    noun: str
    expected: str
    named_by: tuple[str, ...]
    parts: Mapping[str, tf.TensorSpec]
    decode: Callable[[Element], dict[str, tf.Tensor]]
    description: Mapping[str, object]
    elements: Callable[[tf.data.Dataset], tf.data.Dataset] = _as_they_are
    count: Callable[[Sequence[RecordFile]], int] = count_records
    numbers: Callable[[Sequence[RecordFile]], np.ndarray] = _all_records
    lengths: Mapping[str, Callable[[Sequence[RecordFile]], np.ndarray]] = field(
        default_factory=dict
    )


def parse_record(
    record: tf.Tensor, features: tfds.features.FeaturesDict, *, names: Sequence[str]
) -> dict[str, tf.Tensor]:
    """Parses some features of a record; pictures stay encoded.

    Args:
        record: As it lies in the file, a scalar string.
        features: Those of the data set.
        names: Which of them; with a slash those inside another: `faces/score`.

    Returns:
        The features by name.
    """
    wanted = {}
    for name in names:
        outer, _, inner = name.partition("/")
        feature = features[outer].feature[inner] if inner else features[outer]
        # As it is stored: TFDS skips decoding by calls that TensorFlow warns of.
        if isinstance(feature, tfds.features.Image):
            feature = tfds.features.Text()
        elif _is_pictures(feature):
            feature = tfds.features.Sequence(tfds.features.Text())
        if inner:
            wanted.setdefault(outer, {})[inner] = feature
        else:
            wanted[outer] = feature
    wanted = {
        name: tfds.features.Sequence(part) if isinstance(part, dict) else part
        for name, part in wanted.items()
    }
    return tfds.features.FeaturesDict(wanted).deserialize_example(record)


def _is_pictures(feature: tfds.features.FeatureConnector) -> bool:
    pictures = tfds.features.Image
    return isinstance(feature, tfds.features.Sequence) and isinstance(feature.feature, pictures)

"""Copies of the twin of groups with other records."""

import shutil
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data import builders

Edit = Callable[[int, tf.train.Example], None]
"""Changes a record of train; the number is its place."""


def edited(twin: Path, folder: Path, edit: Edit) -> tfds.core.DatasetBuilder:
    """Copies the prepared twin into `folder` and changes the records of train."""
    target = folder / "group_affect" / "faces" / "1.0.0"
    shutil.copytree(twin / "group_affect" / "faces" / "1.0.0", target)
    (path,) = target.glob("*-train.tfrecord*")
    records = [r.numpy() for r in tf.data.TFRecordDataset(str(path))]
    with tf.io.TFRecordWriter(str(path)) as writer:
        for place, record in enumerate(records):
            example = tf.train.Example.FromString(record)
            edit(place, example)
            writer.write(example.SerializeToString())
    return builders.prepared("group_affect/faces", data_dir=folder)


def without_faces(example: tf.train.Example) -> None:
    """Takes the faces out of a record."""
    for name, feature in example.features.feature.items():
        if name.startswith("faces/"):
            feature.Clear()
    example.features.feature["face_count"].int64_list.value[:] = [0]

"""The records of a prepared data set as they lie in its files."""

import os
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.tuning import without_autograph
from emo_tf.errors import EmoError, unknown_name

RecordFile = tfds.core.utils.shard_utils.FileInstruction
"""A file and which of its records belong to a split."""

Block = tf.Tensor | dict[str, tf.Tensor]
"""Records, or what is left of each by name, in a row."""

_BLOCK = 16  # Records taken from a file before the next has its turn.


def record_files(
    dataset: tfds.core.DatasetBuilder, split: str, *, limit: int | None = None
) -> tuple[RecordFile, ...]:
    """Returns the files of a split, in order.

    Args:
        dataset: What `builders.prepare` returned.
        split: Such as `train`, or whatever TFDS takes for one.
        limit: Only the first so many records.

    Raises:
        EmoError: There is no such split, nothing in it, or the data set is in another format than
            TFRecord.
    """
    if dataset.info.file_format is not tfds.core.FileFormat.TFRECORD:
        raise EmoError(
            f"{dataset.data_path}: expected a data set in tfrecord. "
            f"Received: {dataset.info.file_format.value}"
        )
    try:
        files = dataset.info.splits[split].file_instructions
    except (KeyError, ValueError) as error:
        raise unknown_name(f"split of {dataset.name}", split, dataset.info.splits) from error
    files = [file for file in files if file.take]
    if not files:
        raise EmoError(f"{dataset.data_path}: {split}: expected something in it. Received: nothing")
    if limit is None:
        return tuple(files)
    taken, left = [], limit
    for file in files:
        if left:
            taken.append(replace(file, take=min(file.take, left)))
            left -= taken[-1].take
    return tuple(taken)


def count_records(files: Sequence[RecordFile]) -> int:
    """Returns how many records are in these files."""
    return sum(file.take for file in files)


def read_records(files: Sequence[RecordFile], *, parallel: int = 1) -> tf.data.Dataset:
    """Returns records, scalar strings, in an order that follows from the arguments alone.

    Args:
        files: In the order in which to open them.
        parallel: How many files are read at a time, a few records of each in turn.
    """
    parallel = min(parallel, len(files))
    paths = [os.fspath(file.filename) for file in files]
    skips, takes = (np.array([getattr(f, name) for f in files]) for name in ("skip", "take"))
    return tf.data.Dataset.from_tensor_slices((paths, skips, takes)).interleave(
        without_autograph(
            lambda path, skip, take: tf.data.TFRecordDataset(path).skip(skip).take(take)
        ),
        cycle_length=parallel,
        block_length=_BLOCK,
        num_parallel_calls=parallel,
        deterministic=True,
    )


def shuffle_records(records: tf.data.Dataset, buffer: int, *, seed: tf.Tensor) -> tf.data.Dataset:
    """Returns records with each successive `buffer` of them, or parts of them, shuffled.

    Unlike `Dataset.shuffle`, whose order follows TensorFlow's global seed too.

    Args:
        records: In any order that is always the same.
        buffer: Records held in memory.
        seed: Two int64, shape (2,).
    """

    @without_autograph
    def shuffled(number: tf.Tensor, block: Block) -> Block:
        own_seed = tf.random.experimental.stateless_fold_in(seed, number)
        shuffle = tf.random.experimental.stateless_shuffle  # The same seed, the same order.
        return tf.nest.map_structure(lambda part: shuffle(part, own_seed), block)

    blocks = records.batch(buffer).enumerate()
    return blocks.map(shuffled, num_parallel_calls=1).unbatch()

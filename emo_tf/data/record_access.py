"""Records of a prepared data set at any places, straight from its files."""

import os
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from emo_tf.data.records import RecordFile
from emo_tf.data.tuning import without_autograph
from emo_tf.errors import EmoError

# Of a TFRecord file: the length of a record and its checksum come before it, another after it.
_LENGTH = struct.Struct("<Q")
_BEFORE, _AFTER = _LENGTH.size + 4, 4


class RecordAccess:
    """Reads records in any order, each from where it lies in its file.

    Nothing but the places is kept, 16 bytes a record. Checksums are not compared.

    Args:
        files: Those of a split, in order.

    Raises:
        EmoError: A file ends within a record that belongs to the split.
        FileNotFoundError: A file is missing.
    """

    def __init__(self, files: Sequence[RecordFile]):
        self._paths = [Path(file.filename) for file in files]
        places = [_places(file) for file in files]
        counts = [len(offsets) for offsets, _ in places]
        self._files = np.repeat(np.arange(len(files), dtype=np.int32), counts)
        self._offsets, self._lengths = (
            np.concatenate(parts) for parts in zip(*places, strict=True)
        )

    def __len__(self) -> int:
        return len(self._offsets)

    def read(self, places: np.ndarray) -> tf.data.Dataset:
        """Returns the records, scalar strings, at these places of the order of the files, (N,)."""

        @without_autograph
        def record(place: tf.Tensor) -> tf.Tensor:
            content = tf.numpy_function(self._read, [place], tf.string, stateful=False)
            return tf.ensure_shape(content, ())

        return tf.data.Dataset.from_tensor_slices(places).map(record, num_parallel_calls=1)

    def _read(self, place: int) -> bytes:
        path, length = self._paths[self._files[place]], int(self._lengths[place])
        with path.open("rb", buffering=0) as file:
            content = os.pread(file.fileno(), length, int(self._offsets[place]))
        if len(content) != length:
            raise ValueError(f"{path}: expected {length} bytes more. Received: {len(content)}")
        return content


def _places(file: RecordFile) -> tuple[np.ndarray, np.ndarray]:
    """Returns where the records of a file begin, and their lengths in bytes, int64."""
    offsets, lengths, place = [], [], 0
    path = Path(file.filename)
    with path.open("rb", buffering=0) as opened:
        descriptor, size = opened.fileno(), path.stat().st_size
        for number in range(file.skip + file.take):
            head = os.pread(descriptor, _LENGTH.size, place)
            length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else size
            end = place + _BEFORE + length + _AFTER
            if end > size:
                raise EmoError(
                    f"{path}: record {number + 1}: expected one of the data set. "
                    "Received: a file that ends within it"
                )
            if number >= file.skip:
                offsets.append(place + _BEFORE)
                lengths.append(length)
            place = end
    return np.array(offsets, np.int64), np.array(lengths, np.int64)

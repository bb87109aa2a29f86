"""Reads the numbers of tensors from the bytes of their storages, and trusts no claim of size."""

import math
from collections.abc import Callable

import numpy as np

from emo_tf.checkpoints.arrays import from_bfloat16, from_bytes_of_bool, plain_array
from emo_tf.checkpoints.damage import refusal
from emo_tf.checkpoints.numpy_values import NumpyArray
from emo_tf.checkpoints.tensors import Storage, Tensor

_MOST_GROWTH = 4
_ALWAYS_ALLOWED = 2**26


class TensorReader:
    """Makes arrays of the tensors of one file.

    All tensors together may claim four times the bytes of the file, and 64 MiB: one whose strides
    overlap, such as an expanded tensor with a stride of 0, can claim any number of values.

    Args:
        find_storage: Returns the bytes that the file keeps under a key.
        byte_order: `"<"` or `">"`, that of the file.
        file_size: In bytes.
    """

    def __init__(
        self, find_storage: Callable[[str], memoryview], *, byte_order: str, file_size: int
    ) -> None:
        self._find_storage = find_storage
        self._byte_order = byte_order
        self._left = _MOST_GROWTH * file_size + _ALWAYS_ALLOWED
        self._done: dict[Tensor, np.ndarray] = {}

    def read(self, value: Tensor | NumpyArray) -> np.ndarray:
        """Returns values in their shape; halves as float32, the same array for equal tensors.

        Raises:
            EmoError: The tensor claims more than its storage holds, or all claim too much.
        """
        if isinstance(value, NumpyArray):
            self._take(len(value.raw))
            return value.read()
        if value not in self._done:
            self._done[value] = self._read(value)
        return self._done[value]

    def _read(self, tensor: Tensor) -> np.ndarray:
        kind = tensor.data_type
        if len(tensor.size) != len(tensor.stride):
            raise refusal(f"a tensor of size {tensor.size} and stride {tensor.stride}")
        count = math.prod(tensor.size)
        self._take(count * kind.size)
        if not count:
            return plain_array(self._decoded(np.empty(tensor.size, kind.code), tensor))
        last = tensor.offset + sum(
            (size - 1) * stride for size, stride in zip(tensor.size, tensor.stride, strict=True)
        )
        raw = self._bytes_of(tensor.storage)
        if (last + 1) * kind.size > len(raw):
            raise refusal(
                f"a tensor of size {tensor.size}, stride {tensor.stride} and offset "
                f"{tensor.offset} on a storage of {tensor.storage.count} numbers"
            )
        view = np.ndarray(
            tensor.size,
            self._byte_order + kind.code,
            raw,
            tensor.offset * kind.size,
            tuple(stride * kind.size for stride in tensor.stride),
        )
        return self._decoded(view, tensor)

    def _bytes_of(self, storage: Storage) -> memoryview:
        kept = self._find_storage(storage.key)
        begin, end = (
            number * storage.data_type.size
            for number in (storage.first, storage.first + storage.count)
        )
        if end > len(kept):
            raise refusal(f"a storage of {storage.count} numbers on {len(kept)} bytes")
        return kept[begin:end]

    def _decoded(self, view: np.ndarray, tensor: Tensor) -> np.ndarray:
        if tensor.data_type.name == "bfloat16":
            return from_bfloat16(view)
        if tensor.data_type.name == "bool":
            return from_bytes_of_bool(view)
        return plain_array(view)

    def _take(self, size: int) -> None:
        """Takes as many bytes from what is allowed."""
        self._left -= size
        if self._left < 0:
            raise refusal("tensors that together claim many times the size of the file")

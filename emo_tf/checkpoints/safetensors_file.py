"""The safetensors format: 8 bytes of length, a header in JSON, the numbers in little endian."""

import json
import math
import mmap
from pathlib import Path

import numpy as np
from safetensors import safe_open

from emo_tf.checkpoints.arrays import from_bfloat16, from_bytes_of_bool, plain_array
from emo_tf.checkpoints.damage import cut_short, refusal

FORMAT = "safetensors"

_LENGTH_SIZE = 8
_NUMPY_CODES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "<i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "<u1",
    "BOOL": "<u1",
    "C64": "<c8",
}


def read_safetensors(path: Path, mapped: mmap.mmap) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Returns the tensors by name in the order of the file, and the metadata.

    The safetensors package checks the header. Its numpy reader knows no bfloat16, so that the
    arrays are made here: views of the file, but for halves, which become float32.

    Args:
        path: The file.
        mapped: Its bytes.

    Raises:
        EmoError: The file is cut short, or has floats of 8 bits or fewer.
    """
    begin = header_end(mapped[:_LENGTH_SIZE])
    if begin > len(mapped):
        raise cut_short(FORMAT)
    header = json.loads(mapped[_LENGTH_SIZE:begin])
    header.pop("__metadata__", None)
    end = max((entry["data_offsets"][1] for entry in header.values()), default=0)
    if begin + end > len(mapped):
        raise cut_short(FORMAT)
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata() or {}
    entries = sorted(header.items(), key=lambda item: item[1]["data_offsets"])
    numbers = memoryview(mapped)[begin:]
    return {name: _array(name, entry, numbers) for name, entry in entries}, metadata


def header_end(head: bytes) -> int:
    """Returns where the header of a file ends that begins with these bytes."""
    return _LENGTH_SIZE + int.from_bytes(head[:_LENGTH_SIZE], "little")


def _array(name: str, entry: dict, numbers: memoryview) -> np.ndarray:
    kind, shape = entry["dtype"], entry["shape"]
    if kind not in _NUMPY_CODES:
        raise refusal(f"the tensor {name!r:.200} of type {kind}, which cannot be read")
    begin, end = entry["data_offsets"]
    array = np.frombuffer(numbers[begin:end], _NUMPY_CODES[kind])
    if math.prod(shape) != array.size:
        raise refusal(f"the tensor {name!r:.200} of shape {shape} on {array.size} numbers")
    array = array.reshape(shape)
    if kind == "BF16":
        return from_bfloat16(array)
    return from_bytes_of_bool(array) if kind == "BOOL" else plain_array(array)

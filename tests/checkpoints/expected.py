"""The numbers in the files of `tests/checkpoints/files`, by one formula from name and shape."""

import zlib

import numpy as np

TYPES = {
    "float64": "float64",
    "float32": "float32",
    "float16": "float32",
    "bfloat16": "float32",
    "int64": "int64",
    "int32": "int32",
    "int16": "int16",
    "int8": "int8",
    "uint8": "uint8",
    "uint16": "uint16",
    "bool": "bool",
    "complex64": "complex64",
}
"""What each type of torch is read as."""


def numbers(name: str, shape: tuple[int, ...], data_type: str = "float32") -> np.ndarray:
    """Returns the values of a tensor, which every type holds exactly.

    Consecutive thirteenths: `(i + crc32(name)) % 13`, of which floats and complex numbers take
    `(n - 6) / 4`, signed integers `n - 6`, unsigned ones `n` and truth values whether it is odd.

    Args:
        name: Full name of the tensor, e.g. `layer1.0.conv1.weight`.
        shape: Its shape.
        data_type: As numpy calls it; bfloat16 is read as float32.
    """
    count = int(np.prod(shape, dtype=int))
    whole = (np.arange(count).reshape(shape) + zlib.crc32(name.encode())) % 13
    kind = np.dtype(data_type).kind
    values = {"f": (whole - 6) / 4, "c": (whole - 6) / 4, "i": whole - 6, "u": whole}.get(kind)
    return np.asarray(whole % 2 if values is None else values).astype(data_type)

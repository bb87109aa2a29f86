"""Arrays as they leave the package: native, contiguous, no halves."""

import numpy as np


def plain_array(array: np.ndarray) -> np.ndarray:
    """Returns an array of any shape in native byte order, C-contiguous, aligned; halves as float32.

    It is the array itself where it is all that.
    """
    half = array.dtype.kind == "f" and array.dtype.itemsize == 2
    data_type = np.dtype(np.float32) if half else array.dtype.newbyteorder("=")
    if array.flags.c_contiguous and array.flags.aligned and array.dtype == data_type:
        return array
    return array.astype(data_type, order="C")


def from_bfloat16(bits: np.ndarray) -> np.ndarray:
    """Returns float32 of the same shape from bfloat16, whose 16 bits are a float32's upper half.

    Args:
        bits: The numbers as unsigned integers of 16 bits, in any byte order.
    """
    wide = bits.astype(np.uint32, order="C")
    wide <<= 16
    return wide.view(np.float32)


def from_bytes_of_bool(numbers: np.ndarray) -> np.ndarray:
    """Returns booleans of the same shape from bytes; numpy takes each for 0 or 1."""
    return np.not_equal(numbers, 0, out=np.empty(numbers.shape, bool))

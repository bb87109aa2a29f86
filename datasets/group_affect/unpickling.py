"""Reads the pickles that come with the corpus without letting them call anything.

A pickle is a program. What these files hold needs none of the functions of Python: lists of texts,
and arrays of numbers, which stand-ins take apart and put together again.
"""

import pickle
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from emo_tf.errors import EmoError

# Whatever a damaged pickle makes of its own stack ends in one of these.
_DAMAGED = (
    pickle.UnpicklingError,
    EOFError,
    AttributeError,
    ImportError,
    IndexError,
    KeyError,
    MemoryError,
    OverflowError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
    OSError,
)


def load_names(path: Path) -> list[str]:
    """Returns a pickled list of file names.

    Args:
        path: Written by any version of Python.

    Raises:
        EmoError: The file holds anything else; nothing in it is called.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            names = _Unpickler(stream, known={}).load()
    except _DAMAGED as error:
        raise EmoError(
            f"{path}: expected a pickled list of file names. Received: {_said(error)}"
        ) from error
    if not isinstance(names, list):
        raise EmoError(
            f"{path}: expected a pickled list of file names. Received: a {type(names).__name__}"
        )
    for place, name in enumerate(names):
        if not isinstance(name, str):
            raise EmoError(
                f"{path}, entry {place}: expected a file name. Received: {type(name).__name__}"
            )
    return names


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """Reads a `.npz` file of numbers.

    Args:
        path: A file as `numpy.savez` writes it. An array of arrays, which it pickles, is read too.

    Returns:
        Arrays by name; an array of arrays has shape (N,) and dtype object.

    Raises:
        EmoError: The file is damaged or holds anything else; nothing in it is called.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return {Path(name).stem: _read_array(archive.open(name)) for name in archive.namelist()}
    except _DAMAGED as error:
        raise EmoError(
            f"{path}: expected arrays as numpy.savez writes them. Received: {_said(error)}"
        ) from error


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _read_array(stream: BinaryIO) -> np.ndarray:
    with stream:
        version = np.lib.format.read_magic(stream)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read_header is None:
            raise ValueError(f"an array of format {version}")
        shape, fortran_order, dtype = read_header(stream)
        if dtype.hasobject:
            state = _Unpickler(stream, known=_STAND_INS).load()
            return _nested(state)
        return _filled(shape, dtype, stream.read(), fortran_order=fortran_order)


class _Unpickler(pickle.Unpickler):
    """Gives a pickle nothing but the stand-ins that it is told of."""

    def __init__(self, stream: BinaryIO, *, known: Mapping[tuple[str, str], object]):
        super().__init__(stream, encoding="latin1")  # what Python 2 wrote
        self._known = known

    def find_class(self, module: str, name: str) -> object:
        try:
            return self._known[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"a call of {module}.{name}") from None


class _Array:
    """Stands in for an array until all of it is read."""

    def __init__(self, *_: object):
        self.state: tuple = ()

    def __setstate__(self, state: tuple) -> None:
        self.state = state


class _Dtype:
    """Stands in for a kind of numbers."""

    def __init__(self, code: str, *_: object):
        self.code = code
        self.byte_order = "="

    def __setstate__(self, state: tuple) -> None:
        self.byte_order = state[1]


def _encoded(text: str, encoding: str) -> bytes:
    """Stands in for `_codecs.encode`, by which Python 3 writes bytes for Python 2."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"bytes in {encoding}")
    return text.encode("latin1")


_STAND_INS = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _encoded,
}


def _nested(array: object) -> np.ndarray:
    """Returns the array of arrays that a stand-in holds."""
    _, shape, dtype, _, members = _state_of(array)
    if dtype.code not in ("O", "O8") or len(shape) != 1 or len(members) != shape[0]:
        raise ValueError(f"an array of {dtype.code} and shape {shape}")
    found = np.empty(len(members), object)
    for place, member in enumerate(members):
        _, shape, dtype, fortran_order, data = _state_of(member)
        found[place] = _filled(
            shape, _number_type(dtype), _as_bytes(data), fortran_order=bool(fortran_order)
        )
    return found


def _state_of(array: object) -> tuple:
    if not isinstance(array, _Array) or len(array.state) != 5:
        raise ValueError(f"a {type(array).__name__} where an array should be")
    if not isinstance(array.state[2], _Dtype):
        raise ValueError("an array without a type")
    return array.state


def _number_type(dtype: _Dtype) -> np.dtype:
    order = "" if dtype.byte_order in ("|", "=") else dtype.byte_order
    found = np.dtype(f"{order}{dtype.code}")
    if found.kind not in "biuf":
        raise ValueError(f"an array of {dtype.code}")
    return found


def _as_bytes(data: object) -> bytes:
    return data.encode("latin1") if isinstance(data, str) else bytes(data)


def _filled(
    shape: tuple[int, ...], dtype: np.dtype, data: bytes, *, fortran_order: bool
) -> np.ndarray:
    array = np.frombuffer(data, dtype)
    return array.reshape(shape, order="F" if fortran_order else "C")

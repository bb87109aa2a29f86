"""Reads files of MATLAB 5, and the nested structs, cells and texts in them by their names.

Needs numpy and scipy alone.

Arrays of MATLAB have any shape.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadWarning, matfile_version

from emo_tf.errors import EmoError

Numbers = tuple[int | float, ...]
"""Numbers as the file holds them: int where it has integers, float where it has floats."""

_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def read_variables(
    source: BinaryIO | Path, *, names: Sequence[str], origin: str
) -> dict[str, np.ndarray]:
    """Returns those of the named variables that a file holds.

    Args:
        source: The file, or a seekable stream of its bytes.
        names: The variables to read.
        origin: How to call the file in messages.

    Raises:
        EmoError: The file is cut off, damaged or of another version than MATLAB 5.
    """
    try:
        if isinstance(source, Path):
            with source.open("rb") as stream:
                return _variables_of(stream, names)
        return _variables_of(source, names)
    # scipy lets through whatever its parsers stumble over in a damaged file: ValueError, TypeError,
    # OSError, IndexError, MemoryError, zlib.error, ...
    except Exception as error:
        raise EmoError(
            f"{origin}: expected a whole file of MATLAB 5 (`save -v7` or earlier). "
            f"Received: {' '.join(str(error).split())}"
        ) from error


def _variables_of(stream: BinaryIO, names: Sequence[str]) -> dict[str, np.ndarray]:
    beginning = stream.read(len(_HDF5_SIGNATURE))
    stream.seek(0)
    # MATLAB puts 512 bytes of its own before the signature, other writers of HDF5 nothing.
    major = 2 if beginning == _HDF5_SIGNATURE else matfile_version(stream)[0]
    if major != 1:
        raise ValueError({0: "MATLAB 4", 2: "MATLAB 7.3 (HDF5)"}.get(major, f"version {major}"))
    stream.seek(0)
    with warnings.catch_warnings():
        # scipy goes on after a damaged variable, with a warning and a text in place of the array.
        warnings.filterwarnings("error", category=MatReadWarning)
        warnings.filterwarnings("error", message="Unreadable variable")
        return loadmat(stream, variable_names=names, simplify_cells=False)


def field(struct: np.void, name: str) -> np.ndarray:
    """Returns what a field of one struct holds.

    Args:
        struct: One struct.
        name: The field's name.

    Raises:
        EmoError: It has no such field.
    """
    if name not in struct.dtype.names:
        raise EmoError(f"expected a field {name}. Received: {', '.join(struct.dtype.names)}")
    return struct[name]


# MATLAB writes an empty array of numbers, `[]`, wherever a value is missing. All of these read it.
def structs(value: np.ndarray) -> list[np.void]:
    """Returns the structs of a struct array of any shape.

    Raises:
        EmoError: It is no struct.
    """
    if value.dtype.names is None and value.size:
        raise EmoError(f"expected a struct. Received: {_shown(value)}")
    return list(value.ravel(order="F")) if value.dtype.names else []


def cells(value: np.ndarray) -> list[np.ndarray]:
    """Returns what the cells of a cell array hold; an array that is none counts as one cell."""
    if value.dtype == object:
        return list(value.ravel(order="F"))
    return [value] if value.size else []


def text(value: np.ndarray) -> str:
    """Returns a text, `""` where there is none.

    Raises:
        EmoError: It is no text.
    """
    if value.size == 0:
        return ""
    if value.dtype.kind != "U" or value.size > 1:
        raise EmoError(f"expected a text. Received: {_shown(value)}")
    return str(value.item())


def numbers(value: np.ndarray) -> Numbers:
    """Returns the numbers of an array of any shape.

    Raises:
        EmoError: They are no numbers.
    """
    if value.size and value.dtype.kind not in "iuf":
        raise EmoError(f"expected numbers. Received: {_shown(value)}")
    return tuple(value.ravel(order="F").tolist())


def _shown(value: np.ndarray) -> str:
    names = f" with the fields {', '.join(value.dtype.names)}" if value.dtype.names else ""
    return f"{value.dtype.name} of shape {value.shape}{names}"

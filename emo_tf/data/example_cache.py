"""Examples that were read once and stay: in memory, or in files of their own."""

import json
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.files import new_folder

Arrays = dict[str, np.ndarray]
"""Rows one after another, by name."""

_DESCRIPTION = "description.json"


@dataclass(frozen=True)
class Rows:
    """An array that is kept.

    Attributes:
        shape: Of the whole, rows first.
        kind: Of its numbers.
    """

    shape: tuple[int, ...]
    kind: np.dtype


def keep_in_memory(
    batches: Iterable[Arrays], expected: Mapping[str, Rows], *, noun: str = "people"
) -> Arrays:
    """Reads all examples into arrays.

    Args:
        batches: Arrays by name, each the next rows.
        expected: What they come to.
        noun: What an example is, in messages, in the plural.

    Returns:
        Arrays by name, a row an example: shape (N, ...).

    Raises:
        EmoError: There are not as many.
    """
    arrays = {name: np.empty(rows.shape, rows.kind) for name, rows in expected.items()}
    ends = dict.fromkeys(expected, 0)
    for batch in _counted(batches, expected, noun=noun):
        for name, values in batch.items():
            first, ends[name] = ends[name], ends[name] + len(values)
            arrays[name][first : ends[name]] = values
    return arrays


def keep_on_disk(
    batches: Iterable[Arrays],
    expected: Mapping[str, Rows],
    *,
    folder: Path,
    description: Mapping[str, object],
    noun: str = "people",
) -> Arrays:
    """Maps the examples in a folder into memory, and writes the folder first where need be.

    The folder appears whole or not at all. It is read through once, to compare checksums; one that
    is damaged, or describes something else, is written anew.

    Args:
        batches: Arrays by name, each the next rows.
        expected: What they come to.
        folder: Where they are kept, an `.npy` file a name.
        description: What decides what is in the files, of what JSON can hold.
        noun: What an example is, in messages, in the plural.

    Returns:
        Arrays by name, a row an example: shape (N, ...).

    Raises:
        EmoError: The folder cannot be written: the disk is full, or not ours; or there are not as
            many examples.
    """
    description = json.loads(json.dumps(description))
    found = _opened(folder, expected, description=description)
    if found is not None:
        return found
    try:
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
        else:
            folder.unlink(missing_ok=True)
        with new_folder(folder) as temporary:
            sums = _write(temporary, _counted(batches, expected, noun=noun), expected)
            text = json.dumps({**description, "crc32": sums}, indent=1)
            (temporary / _DESCRIPTION).write_text(text + "\n", "utf-8")
    except OSError as error:
        # Another process may have been faster.
        found = _opened(folder, expected, description=description)
        if found is None:
            size = sum(int(np.prod(r.shape)) * r.kind.itemsize for r in expected.values())
            raise EmoError(
                f"{folder}: expected a place for {size / 1e6:.1f} MB of {noun}. "
                f"Received: {error.strerror or error}"
            ) from error
        return found
    found = _opened(folder, expected, description=description)
    if found is None:
        raise EmoError(f"{folder}: expected what was just written. Received: something else")
    return found


def _counted(
    batches: Iterable[Arrays], expected: Mapping[str, Rows], *, noun: str
) -> Iterator[Arrays]:
    found = dict.fromkeys(expected, 0)
    for batch in batches:
        for name, values in batch.items():
            found[name] += len(values)
        if any(found[name] > rows.shape[0] for name, rows in expected.items()):
            break
        yield batch
    for name, rows in expected.items():
        if found[name] != rows.shape[0]:
            raise EmoError(
                f"expected {rows.shape[0]} {noun} in the files of the data set. "
                f"Received: {found[name]}"
            )


def _write(folder: Path, batches: Iterable[Arrays], expected: Mapping[str, Rows]) -> dict[str, int]:
    """Writes the files batch by batch; returns the checksums of their contents."""
    sums = dict.fromkeys(expected, 0)
    files = {name: (folder / f"{name}.npy").open("wb") for name in expected}
    try:
        for name, file in files.items():
            header = {
                "descr": np.lib.format.dtype_to_descr(expected[name].kind),
                "fortran_order": False,
                "shape": expected[name].shape,
            }
            np.lib.format.write_array_header_1_0(file, header)
        for batch in batches:
            for name, values in batch.items():
                content = values.tobytes()
                files[name].write(content)
                sums[name] = zlib.crc32(content, sums[name])
    finally:
        _close(files.values())
    return sums


def _close(files: Iterable) -> None:
    """Closes all files, and raises what the first of them that could not be written whole did."""
    errors = []
    for file in files:
        try:
            file.close()
        except OSError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _opened(
    folder: Path, expected: Mapping[str, Rows], *, description: Mapping[str, object]
) -> Arrays | None:
    """Returns what is in the folder if it is what is described, and whole."""
    try:
        written = json.loads((folder / _DESCRIPTION).read_text("utf-8"))
        sums = written.pop("crc32")
        if written != description:
            return None
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in expected}
        whole = all(
            array.shape == expected[name].shape and zlib.crc32(array) == sums[name]
            for name, array in arrays.items()
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None
    return arrays if whole else None

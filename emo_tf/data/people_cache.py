"""People who were read once and stay: in memory, or in files of their own."""

import json
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from emo_tf.errors import EmoError
from emo_tf.files import new_folder

Arrays = dict[str, np.ndarray]
"""A row a person, by name."""

_DESCRIPTION = "description.json"


def keep_in_memory(
    people: tf.data.Dataset, count: int, *, parts: Mapping[str, tf.TensorSpec]
) -> Arrays:
    """Reads all people into arrays.

    Args:
        people: Batches.
        count: How many people there are.
        parts: What each person has.

    Raises:
        EmoError: There are not as many.
    """
    arrays = {
        name: np.empty((count, *part.shape), part.dtype.as_numpy_dtype)
        for name, part in parts.items()
    }
    first = 0
    for batch in _counted(people, count):
        for name, values in batch.items():
            end = first + len(values)
            arrays[name][first:end] = values
        first = end
    return arrays


def keep_on_disk(
    people: tf.data.Dataset,
    count: int,
    *,
    parts: Mapping[str, tf.TensorSpec],
    folder: Path,
    description: Mapping[str, object],
) -> Arrays:
    """Maps the people in a folder into memory, and writes the folder first where need be.

    The folder appears whole or not at all. It is read through once, to compare checksums; one that
    is damaged, or describes something else, is written anew.

    Args:
        people: Batches.
        count: How many people there are.
        parts: What each person has.
        folder: Where they are kept, an `.npy` file a part.
        description: What decides what is in the files, of what JSON can hold.

    Raises:
        EmoError: The folder cannot be written: the disk is full, or not ours; or there are not as
            many people.
    """
    description = json.loads(json.dumps(description))
    shapes = {name: (count, *part.shape) for name, part in parts.items()}
    found = _opened(folder, shapes, description=description)
    if found is not None:
        return found
    try:
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
        else:
            folder.unlink(missing_ok=True)
        with new_folder(folder) as temporary:
            sums = _write(temporary, _counted(people, count), shapes, parts=parts)
            text = json.dumps({**description, "crc32": sums}, indent=1)
            (temporary / _DESCRIPTION).write_text(text + "\n", "utf-8")
    except OSError as error:
        # Another process may have been faster.
        found = _opened(folder, shapes, description=description)
        if found is None:
            size = count * sum(_row_bytes(part) for part in parts.values())
            raise EmoError(
                f"{folder}: expected a place for {size / 1e6:.1f} MB of people. "
                f"Received: {error.strerror or error}"
            ) from error
        return found
    found = _opened(folder, shapes, description=description)
    if found is None:
        raise EmoError(f"{folder}: expected what was just written. Received: something else")
    return found


def _counted(people: tf.data.Dataset, count: int) -> Iterator[Arrays]:
    found = 0
    for batch in people.as_numpy_iterator():
        found += len(next(iter(batch.values())))
        yield batch
    if found != count:
        raise EmoError(f"expected {count} people in the files of the data set. Received: {found}")


def _row_bytes(part: tf.TensorSpec) -> int:
    return part.dtype.size * part.shape.num_elements()


def _write(
    folder: Path,
    batches: Iterable[Arrays],
    shapes: Mapping[str, tuple],
    *,
    parts: Mapping[str, tf.TensorSpec],
) -> dict[str, int]:
    """Writes the files batch by batch; returns the checksums of their contents."""
    sums = dict.fromkeys(shapes, 0)
    files = {name: (folder / f"{name}.npy").open("wb") for name in shapes}
    try:
        for name, file in files.items():
            kind = np.dtype(parts[name].dtype.as_numpy_dtype)
            header = {
                "descr": np.lib.format.dtype_to_descr(kind),
                "fortran_order": False,
                "shape": shapes[name],
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
    folder: Path, shapes: Mapping[str, tuple], *, description: Mapping[str, object]
) -> Arrays | None:
    """Returns what is in the folder if it is what is described, and whole."""
    try:
        written = json.loads((folder / _DESCRIPTION).read_text("utf-8"))
        sums = written.pop("crc32")
        if written != description:
            return None
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in shapes}
        whole = all(
            array.shape == shapes[name] and zlib.crc32(array) == sums[name]
            for name, array in arrays.items()
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None
    return arrays if whole else None

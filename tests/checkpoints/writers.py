"""Writes checkpoints as torch does, without torch.

from tests.checkpoints.writers import write_torch_legacy, write_torch_zip
"""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from tests.checkpoints.pickle_writer import Call, Name, Persistent, pickled

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
STORAGES = {
    "f8": "DoubleStorage",
    "f4": "FloatStorage",
    "f2": "HalfStorage",
    "i8": "LongStorage",
    "i4": "IntStorage",
    "i2": "ShortStorage",
    "i1": "CharStorage",
    "u1": "ByteStorage",
    "b1": "BoolStorage",
}


def write_torch_zip(
    path: Path, tensors: Mapping[str, np.ndarray], *, wrap: Callable[[dict], object] = dict
) -> Path:
    """Writes what `torch.save` writes since 1.6, and returns the path.

    Args:
        path: The file.
        tensors: Arrays by name.
        wrap: Makes the object that is saved from the state dict, e.g.
            `lambda state: {"state_dict": state, "arch": "resnet18"}`.
    """
    state = {
        name: rebuilt(array, storage(array, str(index)))
        for index, (name, array) in enumerate(tensors.items())
    }
    raw = {str(index): array.tobytes() for index, array in enumerate(tensors.values())}
    return zip_around(path, pickled(wrap(state)), raw)


def write_torch_legacy(
    path: Path, tensors: Mapping[str, np.ndarray], *, wrap: Callable[[dict], object] = dict
) -> Path:
    """Writes what `torch.save` wrote before 1.6, and returns the path.

    Args:
        path: The file.
        tensors: Arrays by name.
        wrap: Makes the object that is saved from the state dict.
    """
    state = {
        name: rebuilt(array, storage(array, str(index), None))
        for index, (name, array) in enumerate(tensors.items())
    }
    return legacy_around(
        path,
        pickled(wrap(state)),
        {str(index): array for index, array in enumerate(tensors.values())},
    )


def zip_around(
    path: Path,
    pickle: bytes,
    storages: Mapping[str, bytes] = {},
    *,
    folder: str = "archive/",
    **more: bytes,
) -> Path:
    """Writes a zip file of torch around a pickle; `more` are further members by name."""
    members = {"data.pkl": pickle, "byteorder": b"little", "version": b"3\n"} | more
    members |= {f"data/{key}": raw for key, raw in storages.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, raw in members.items():
            archive.writestr(folder + name, raw)
    return path


def legacy_around(path: Path, pickle: bytes, storages: Mapping[str, np.ndarray] = {}) -> Path:
    """Writes a file of the old format around a pickle."""
    facts = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"int": 4}}
    with path.open("wb") as file:
        for part in (MAGIC_NUMBER, 1001, facts):
            file.write(pickled(part))
        file.write(pickle + pickled(list(storages)))
        for array in storages.values():
            file.write(array.size.to_bytes(8, "little") + array.tobytes())
    return path


def storage(array: np.ndarray, key: str, *view: object) -> Persistent:
    """Returns how a pickle names the numbers of an array."""
    kind = Name("torch", STORAGES[array.dtype.str[1:]])
    return Persistent(("storage", kind, key, "cpu", array.size, *view))


def rebuilt(array: np.ndarray, kept: object) -> Call:
    """Returns how a pickle rebuilds a tensor of the shape of an array from its storage."""
    strides = tuple(int(np.prod(array.shape[axis + 1 :])) for axis in range(array.ndim))
    hooks = Call(Name("collections", "OrderedDict"), ())
    arguments = (kept, 0, array.shape, strides, False, hooks)
    return Call(Name("torch._utils", "_rebuild_tensor_v2"), arguments)

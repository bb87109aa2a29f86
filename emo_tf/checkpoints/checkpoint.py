"""Reads the weights of a checkpoint of torch or safetensors into numpy arrays."""

import mmap
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.checkpoints import legacy_file, safetensors_file, zip_file
from emo_tf.checkpoints.damage import sound
from emo_tf.checkpoints.file_format import HEAD_SIZE, file_format
from emo_tf.checkpoints.numpy_values import NumpyArray
from emo_tf.checkpoints.state_dict import normal_names, weights_of
from emo_tf.checkpoints.tensor_reader import TensorReader
from emo_tf.checkpoints.tensors import Tensor
from emo_tf.errors import EmoError, in_place

_TORCH_READERS = {
    zip_file.FORMAT: zip_file.read_zip,
    legacy_file.FORMAT: legacy_file.read_legacy,
}


@dataclass(frozen=True)
class Checkpoint:
    """The weights in a file.

    Attributes:
        path: The file.
        format: `"torch zip"`, `"torch legacy"` or `"safetensors"`.
        tensors: Arrays by their names in torch, e.g. `layer1.0.conv1.weight`, in the order of the
            file. In the byte order of the machine and C-contiguous; float16 and bfloat16 have
            become float32, all other types are kept. They may be read-only views of the file, and
            the same array where torch shared one.
        values: The other entries of the top level that are a number, a truth value, a line of
            text or None, such as `arch` or `epoch`; of safetensors the metadata.
        modules: Of a whole pickled module the full name of its class, then those of the modules
            in it, each once; empty otherwise.
    """

    path: Path
    format: str
    tensors: dict[str, np.ndarray]
    values: dict[str, object]
    modules: tuple[str, ...]


def read_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint; nothing that the file holds is run.

    The format is told from the contents: what `torch.save` writes, both since 1.6 and before, and
    safetensors. `state_dict.STATE_KEYS` says where the weights may lie in it, and
    `state_dict.normal_names` how they are renamed.

    Args:
        path: The file; its suffix does not matter.

    Raises:
        EmoError: There is no such file, or it is of another format, cut short, damaged, or asks
            for something that no checkpoint needs.
    """
    path = Path(path)
    with in_place(str(path)):
        format_name, mapped = _opened(path)
        with sound(format_name):
            if format_name == safetensors_file.FORMAT:
                tensors, metadata = safetensors_file.read_safetensors(path, mapped)
                return Checkpoint(path, format_name, _renamed(tensors), _plain(metadata), ())
            root, reader = _TORCH_READERS[format_name](path, mapped)
            weights = weights_of(root)
            tensors = {
                name: _read(reader, name, value)
                for name, value in _renamed(weights.tensors).items()
            }
            values = {name: _number(reader, name, value) for name, value in weights.values.items()}
            return Checkpoint(path, format_name, tensors, _plain(values), weights.modules)


def _opened(path: Path) -> tuple[str, mmap.mmap]:
    """Returns the format and the bytes of a file; bytes are loaded only where looked at."""
    try:
        with path.open("rb") as stream:
            format_name = file_format(stream.read(HEAD_SIZE))
            return format_name, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise EmoError(f"expected a file. Received: {error.strerror}") from error


def _renamed(tensors: dict) -> dict:
    return {new: tensors[name] for name, new in normal_names(list(tensors)).items()}


def _read(reader: TensorReader, name: str, value: Tensor | NumpyArray) -> np.ndarray:
    with in_place(name):
        return reader.read(value)


def _number(reader: TensorReader, name: object, value: object) -> object:
    """Returns the number of a tensor of no dimension, anything else as it is."""
    if isinstance(value, Tensor) and value.size == ():
        return _read(reader, repr(name), value).item()
    return value


def _plain(values: dict) -> dict[str, object]:
    """Returns the entries that can be shown on a line."""
    return {
        name: value
        for name, value in values.items()
        if isinstance(name, str) and name.isprintable() and _is_plain(value)
    }


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return value.isprintable()
    if isinstance(value, int):
        return value.bit_length() < 64
    return value is None or isinstance(value, float)

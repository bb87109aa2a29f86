"""Reads the weight files and whole-model files of Keras 2 into numpy arrays, without Keras."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from emo_tf.checkpoints.damage import refusal, sound
from emo_tf.errors import EmoError, in_place

FORMAT = "Keras 2"
BACKEND = "tensorflow"
_WHOLE = "model_weights"
"""The group that holds the weights where the file is of a whole model."""


@dataclass(frozen=True)
class Keras2File:
    """What an `.h5` file of Keras 2 holds.

    Attributes:
        path: The file.
        layers: By layer of the model, in the order of the file, the arrays of its weights in
            float32 by their names, e.g. `conv2d_8/kernel:0`; of a model inside another, all of
            that model's.
        architecture: What `Model.to_json` returns, of a whole model; None where the file has the
            weights alone.
        version: The version of Keras that wrote it, or nothing where the file does not say.
    """

    path: Path
    layers: dict[str, dict[str, np.ndarray]]
    architecture: dict | None
    version: str


def read_keras2_file(path: Path) -> Keras2File:
    """Reads what `Model.save_weights` or `Model.save` of Keras 2 wrote as HDF5.

    Raises:
        EmoError: There is no such file, it is damaged or of another format, leads to numbers
            outside itself, or was written over another backend than TensorFlow.
    """
    path = Path(path)
    with in_place(str(path)):
        if not path.is_file():
            raise EmoError("expected a weight file of Keras 2. Received: no such file")
        try:
            file = h5py.File(path)
        except OSError as error:
            raise EmoError(f"expected an HDF5 file of Keras 2. Received: {error}") from error
        with file:
            try:
                with sound(FORMAT):
                    return _contents(path, file)
            except (OSError, RuntimeError) as error:  # What h5py raises on bytes without sense.
                raise EmoError(
                    f"expected a {FORMAT} file that can be read. Received: a damaged one ({error})"
                ) from error


def _contents(path: Path, file: h5py.File) -> Keras2File:
    root = file.get(_WHOLE, file)
    _check_backend(root)
    config = file.attrs.get("model_config")
    return Keras2File(
        path,
        layers={name: _arrays(root, name) for name in _names(root, "layer_names")},
        architecture=None if config is None else _architecture(_text(config)),
        version=_text(root.attrs.get("keras_version", "")),
    )


def read_architecture(path: Path) -> dict:
    """Returns the architecture that `Model.to_json` of Keras 2 described, from a file.

    Raises:
        EmoError: There is no such file, or it holds something else.
    """
    path = Path(path)
    with in_place(str(path)):
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise EmoError(f"expected a file. Received: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise EmoError(f"expected the JSON of Model.to_json. Received: {error}") from error
        with sound(FORMAT):
            return _architecture(text)


def _architecture(text: str) -> dict:
    try:
        architecture = json.loads(text)
    except json.JSONDecodeError as error:
        raise EmoError(f"expected the JSON of Model.to_json. Received: {error}") from error
    if not isinstance(architecture, dict) or not {"class_name", "config"} <= set(architecture):
        raise EmoError("expected a model with class_name and config. Received: other JSON")
    return architecture


def _check_backend(root: h5py.Group) -> None:
    if not any(name.startswith("layer_names") for name in root.attrs):
        raise EmoError(f"expected the weights of a {FORMAT} model. Received: no layer_names in it")
    backend = _text(root.attrs.get("backend", BACKEND))
    if backend != BACKEND:
        # Theano turns kernels round, so that the same numbers mean another network.
        raise EmoError(f"expected weights of the backend {BACKEND}. Received: {backend}")


def _arrays(root: h5py.Group, layer: str) -> dict[str, np.ndarray]:
    with in_place(f"layer {layer}"):
        group = _member(root, layer, h5py.Group)
        return {name: _array(group, name) for name in _names(group, "weight_names")}


def _array(group: h5py.Group, name: str) -> np.ndarray:
    dataset = _member(group, name, h5py.Dataset)
    if dataset.is_virtual or dataset.external:
        raise refusal(f"{name!r:.200}, whose numbers lie in another file")
    if dataset.dtype.kind != "f":
        raise refusal(f"{name!r:.200} of type {dataset.dtype}")
    if dataset.id.get_storage_size() < dataset.nbytes:
        raise refusal(f"{name!r:.200}, whose numbers are compressed or not stored")
    return np.asarray(dataset[()], np.float32)


def _member(group: h5py.Group, path: str, kind: type) -> h5py.Group | h5py.Dataset:
    """Returns what stands at a path in a group, following no link out of the file."""
    for part in path.split("/"):
        if not isinstance(group, h5py.Group) or part not in group:
            raise EmoError(f"expected {path!r:.200}, as the file lists it. Received: none")
        if not isinstance(group.get(part, getlink=True), h5py.HardLink):
            raise refusal(f"{path!r:.200}, a link to somewhere else")
        group = group[part]
    if not isinstance(group, kind):
        raise EmoError(f"{path!r:.200}: expected a {kind.__name__}. Received: something else")
    return group


def _names(group: h5py.Group, attribute: str) -> list[str]:
    """Returns a list of names, which Keras cuts into several attributes where it is long."""
    return [_text(name) for values in _chunks(group, attribute) for name in np.atleast_1d(values)]


def _chunks(group: h5py.Group, attribute: str) -> Iterator[np.ndarray]:
    if attribute in group.attrs:
        yield group.attrs[attribute]
        return
    number = 0
    while f"{attribute}{number}" in group.attrs:
        yield group.attrs[f"{attribute}{number}"]
        number += 1


def _text(value: bytes | str) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)

"""Keras' own export formats beside SavedModel and TFLite: ONNX and OpenVINO."""

import importlib.util
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import keras

from emo_tf.errors import EmoError, unknown_name
from emo_tf.files import replace_folder, replace_whole

ONNX_FILE = "model.onnx"
OPENVINO_FOLDER = "openvino"
OPENVINO_FILE = "model.xml"

_LIBRARIES = {"onnx": ("tf2onnx", "onnx"), "openvino": ("openvino",)}
FORMATS = tuple(_LIBRARIES)


def export_formats(model: keras.Model, out: Path, *, formats: Sequence[str]) -> dict[str, Path]:
    """Writes `model.onnx` and `openvino/`, an `.xml` file and a `.bin` file; earlier ones go.

    Args:
        model: Functional model that takes uint8 pictures by name and returns a dict.
        out: Folder to write to.
        formats: Those of `FORMATS` to write.

    Returns:
        The file of ONNX and the folder of OpenVINO, by format.

    Raises:
        EmoError: A format is unknown or its library is not installed, or the model has no names
            for its outputs, has the same name for an input and an output, or an operation that
            the format lacks.
    """
    for name in FORMATS:
        if name in formats:
            _check_names(model, name)
    check_formats(formats)
    writers = {"onnx": _write_onnx, "openvino": _write_openvino}
    return {name: writers[name](model, Path(out)) for name in dict.fromkeys(formats)}


def check_formats(formats: Sequence[str]) -> None:
    """Checks that formats can be written, whatever the model.

    Raises:
        EmoError: One is unknown or its library is not installed.
    """
    for name in formats:
        if name not in FORMATS:
            raise unknown_name("format", name, FORMATS)
        _check_libraries(name)


def _check_names(model: keras.Model, name: str) -> None:
    if not isinstance(model.output, dict):
        raise EmoError(
            f"{name}: expected a model that returns a dict. "
            f"Received: {model.name}, which returns a {type(model.output).__name__}"
        )
    both = sorted({tensor.name for tensor in model.inputs} & set(model.output))
    if both:
        raise EmoError(
            f"{name}: expected other names for outputs than for inputs, as a graph names each "
            "tensor once. The online form cannot: equal names of states in and out. "
            f"Received: {', '.join(both)} in both"
        )


def _check_libraries(name: str) -> None:
    missing = [library for library in _LIBRARIES[name] if not importlib.util.find_spec(library)]
    if missing:
        raise EmoError(
            f"{name}: expected {' and '.join(_LIBRARIES[name])}; "
            f"`pip install 'emo_tf[formats]'`. Received: no {' and no '.join(missing)}"
        )


def _write_onnx(model: keras.Model, out: Path) -> Path:
    import onnx

    path = out / ONNX_FILE
    model(model.input)  # Keras takes none that was never called.
    with replace_whole(path) as temporary:
        with warnings.catch_warnings(), _conversion(model, path):
            # Keras gives NumPy 2 the old name that tf2onnx asks for.
            warnings.filterwarnings("ignore", message=".*`np.object`", category=FutureWarning)
            model.export(str(temporary), format="onnx", verbose=False)
        try:
            # Unknown operations are written as they are.
            onnx.checker.check_model(str(temporary))
        except onnx.checker.ValidationError as error:
            raise _no_conversion(model, path, error) from error
    return path


def _write_openvino(model: keras.Model, out: Path) -> Path:
    path = out / OPENVINO_FOLDER
    with replace_folder(path) as folder, _no_telemetry(), _conversion(model, path):
        model.export(str(folder / OPENVINO_FILE), format="openvino", verbose=False)
    return path


@contextmanager
def _conversion(model: keras.Model, path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, RuntimeError) as error:
        raise _no_conversion(model, path, error) from error


def _no_conversion(model: keras.Model, path: Path, error: Exception) -> EmoError:
    reason = " ".join(str(error).split())
    return EmoError(
        f"{path}: expected a model that the format can express. Received: {model.name} ({reason})"
    )


@contextmanager
def _no_telemetry() -> Iterator[None]:
    """Keeps OpenVINO from reporting its use to its makers, which it does unasked when imported.

    Without its package for that, it goes on with a stand-in that sends nothing.
    """
    package = "openvino_telemetry"
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # an import fails as if it was not installed
    try:
        yield
    finally:
        del sys.modules[package]

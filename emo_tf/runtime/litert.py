"""A `.tflite` file as a function from named arrays to named arrays."""

import contextlib
import importlib
import os
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError, unknown_name
from emo_tf.model_metadata import ModelMetadata
from emo_tf.runtime.native_output import without_lines

# On small boards `tflite_runtime` stands in for LiteRT; TensorFlow is the last resort.
INTERPRETER_MODULES = (
    "ai_edge_litert.interpreter",
    "tflite_runtime.interpreter",
    "tensorflow.lite.python.interpreter",
)
SIGNATURE = "serving_default"
FILE_IDENTIFIER = b"TFL3"

# LiteRT prints this on stderr at the first model of a process and has no setting for it.
_DELEGATE_NOTICE = b"INFO: Created TensorFlow Lite XNNPACK delegate"


class LiteRTModel:
    """A model that says itself what it takes and returns.

    Changing the number of images costs microseconds; changing their height or width makes the
    network's convolutions be planned anew, about a millisecond: pictures of many sizes are better
    cut into tiles of one size. One instance serves one thread at a time.

    Args:
        path: A `.tflite` file that the project's exporter wrote.
        threads: Threads for the network; the machine's number of cores if `None`.

    Attributes:
        path: The file.
        metadata: What the file says about the model, as `emo_tf.model_metadata.ModelMetadata`.

    Raises:
        EmoError: The file is missing or unreadable, is no TFLite model or lacks our metadata, or
            `threads` is not positive.

    Example:
        >>> model = LiteRTModel(weight_path("mtcnn_onet"))
        >>> model(image=np.zeros((2, 48, 48, 3), np.uint8))["score"].shape
        (2, 1)
    """

    def __init__(self, path: Path, *, threads: int | None = None):
        self.path = Path(path)
        check_is_tflite(self.path)
        self.metadata = ModelMetadata.read(self.path)
        self._interpreter = open_interpreter(self.path, threads=threads)
        try:
            runner = self._interpreter.get_signature_runner(SIGNATURE)
        except (ValueError, RuntimeError) as error:
            raise _cannot_load(self.path, error) from error
        self._inputs = runner.get_input_details()
        self._outputs = runner.get_output_details()
        self._shapes: dict[str, tuple[int, ...]] | None = None
        self._is_planned = False

    def __call__(self, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Runs the model.

        Args:
            **inputs: Arrays by the names, types and shapes in `metadata.inputs`; the first
                dimension is the batch, 1 or more.

        Returns:
            Arrays by the names in `metadata.outputs`, which are the caller's to keep.

        Raises:
            EmoError: A name, type or shape is not the model's; says what was expected.
        """
        self._check(inputs)
        self._resize({name: array.shape for name, array in inputs.items()})
        for name, array in inputs.items():
            self._interpreter.set_tensor(self._inputs[name]["index"], array)
        self._interpreter.invoke()
        return {
            name: self._interpreter.get_tensor(details["index"])
            for name, details in self._outputs.items()
        }

    def _check(self, inputs: dict[str, np.ndarray]) -> None:
        for name in inputs:
            if name not in self._inputs:
                raise unknown_name(f"input of {self.path.name}", name, self._inputs)
        for name, details in self._inputs.items():
            sides = tuple(details["shape_signature"])  # -1 stands for any length
            wanted = (
                f"{self.path.name}: expected {name} of type {np.dtype(details['dtype'])} and shape"
                f" ({', '.join('any' if side < 0 else str(side) for side in sides)})."
            )
            if name not in inputs:
                raise EmoError(f"{wanted} Received: none")
            array = inputs[name]
            if not isinstance(array, np.ndarray):
                raise EmoError(f"{wanted} Received: {type(array).__name__}")
            fits = len(array.shape) == len(sides) and all(
                length > 0 and side in (-1, length)
                for side, length in zip(sides, array.shape, strict=True)
            )
            if array.dtype != details["dtype"] or not fits:
                raise EmoError(f"{wanted} Received: {array.dtype} of shape {array.shape}")

    def _resize(self, shapes: dict[str, tuple[int, ...]]) -> None:
        if shapes == self._shapes:
            return
        self._shapes = None  # until the memory is there
        for name, shape in shapes.items():
            self._interpreter.resize_tensor_input(self._inputs[name]["index"], shape)
        try:
            # Only the first plan of an interpreter may print.
            plan(self._interpreter, quietly=not self._is_planned)
        except RuntimeError as error:
            raise EmoError(
                f"{self.path.name}: expected inputs that the network has room for."
                f" Received: {shapes} ({error})"
            ) from error
        self._shapes = shapes
        self._is_planned = True


def check_is_tflite(path: Path) -> None:
    """Checks that a file can be read and is of the TFLite format.

    Raises:
        EmoError: It is missing, unreadable or of another kind.
    """
    try:
        with path.open("rb") as file:
            is_tflite = file.read(8)[4:] == FILE_IDENTIFIER
    except FileNotFoundError as error:
        raise EmoError(f"{path}: no such model file") from error
    except OSError as error:
        raise EmoError(f"{path}: the model file cannot be read ({error.strerror})") from error
    if not is_tflite:
        raise EmoError(f"{path}: expected a TFLite model. Received: a file of another kind")


def open_interpreter(path: Path, *, threads: int | None = None):
    """Opens a `.tflite` file with the interpreter that is installed, whoever wrote the file.

    Args:
        path: The file.
        threads: Threads for the network; the machine's number of cores if `None`.

    Returns:
        An `Interpreter` of `INTERPRETER_MODULES`, its memory not yet planned.

    Raises:
        EmoError: The interpreter refuses the file, or `threads` is not positive.
    """
    if threads is not None and threads < 1:
        raise EmoError(f"threads: expected 1 or more. Received: {threads}")
    threads = threads or os.cpu_count() or 1
    try:
        return _interpreter_class()(model_path=str(path), num_threads=threads)
    except (ValueError, RuntimeError) as error:
        raise _cannot_load(path, error) from error


def plan(interpreter, *, quietly: bool = True) -> None:
    """Plans an interpreter's memory; `quietly` keeps LiteRT's notice of a first time off stderr.

    Raises:
        RuntimeError: The network has no room for its inputs.
    """
    with without_lines(_DELEGATE_NOTICE) if quietly else contextlib.nullcontext():
        interpreter.allocate_tensors()


def _cannot_load(path: Path, error: Exception) -> EmoError:
    return EmoError(f"{path}: LiteRT cannot load the model ({error})")


def _interpreter_class():
    for name in INTERPRETER_MODULES:
        try:
            return importlib.import_module(name).Interpreter
        except ModuleNotFoundError:
            continue
    raise EmoError(
        "No TFLite interpreter: expected one of the packages ai-edge-litert, tflite-runtime or"
        " tensorflow. Received: none of them; `pip install ai-edge-litert`"
    )

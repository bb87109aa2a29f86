"""A `.tflite` file as a function from named arrays to named arrays."""

import importlib
import os
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError, unknown_name
from emo_tf.model_metadata import ModelMetadata
from emo_tf.runtime.native_output import without_lines
from emo_tf.runtime.tensor_spec import TensorSpec

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
# An interpreter's errors hold all of its earlier ones.
_LONGEST_REASON = 200
# TensorFlow's interpreter says it, then serves all the same.
_DEPRECATION = r"\s*Warning: tf\.lite\.Interpreter is deprecated"


class LiteRTModel:
    """A model that says itself what it takes and returns.

    Changing the number of images costs microseconds; changing their height or width makes the
    network's convolutions be planned anew, about a millisecond: pictures of many sizes are better
    cut into tiles of one size. One instance serves one thread at a time.

    Args:
        path: A `.tflite` file that the project's exporter wrote.
        threads: Threads for the network; the machine's number of cores if `None`.
        signature: Which of the file's signatures to call: `stream` of a streaming model takes one
            frame and its states, and returns the states to give it with the next.
        interpreter: One of `INTERPRETER_MODULES`; the first that is installed if `None`.

    Attributes:
        path: The file.
        metadata: What the file says about the model, as `emo_tf.model_metadata.ModelMetadata`.
        inputs: What the signature takes, by name.
        outputs: What it returns, by name.

    Raises:
        EmoError: The file is missing or unreadable, is no TFLite model or lacks our metadata or
            the signature, `threads` is not positive, or the interpreter is unknown or not
            installed.

    Example:
        >>> model = LiteRTModel(weight_path("mtcnn_onet"))
        >>> model(image=np.zeros((2, 48, 48, 3), np.uint8))["score"].shape
        (2, 1)
    """

    def __init__(
        self,
        path: Path,
        *,
        threads: int | None = None,
        signature: str = SIGNATURE,
        interpreter: str | None = None,
    ):
        self.path = Path(path)
        check_is_tflite(self.path)
        self.metadata = ModelMetadata.read(self.path)
        self._interpreter = open_interpreter(self.path, threads=threads, module=interpreter)
        signatures = self._interpreter.get_signature_list()
        if signature not in signatures:
            raise unknown_name(f"signature of {self.path}", signature, signatures)
        self._signature = signature
        runner = self._interpreter.get_signature_runner(signature)
        details = runner.get_input_details(), runner.get_output_details()
        self.inputs, self.outputs = (
            {name: TensorSpec.of(its) for name, its in of_all.items()} for of_all in details
        )
        self._tensors = {name: its["name"] for name, its in details[0].items()}
        self._run = None

    def __call__(self, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Runs the model.

        Args:
            **inputs: Arrays by the names, types and shapes in `metadata.inputs` and
                `metadata.arrays`, those that the signature takes; the first dimension is the
                batch, 1 or more.

        Returns:
            Arrays by the names in `metadata.outputs`, those that the signature returns; they are
            the caller's to keep.

        Raises:
            EmoError: A name, type or shape is not the model's; says what was expected.
        """
        self._check(inputs)
        try:
            if self._run is None:
                self._run = self._start(inputs)
            return self._run(**inputs)
        except RuntimeError as error:
            shapes = {name: array.shape for name, array in inputs.items()}
            raise EmoError(
                f"{self.path.name}: expected inputs that the network has room for."
                f" Received: {shapes} ({str(error)[:_LONGEST_REASON]})"
            ) from error

    def _start(self, inputs: dict[str, np.ndarray]) -> Callable[..., dict[str, np.ndarray]]:
        """Plans the memory for the first inputs and returns what runs the signature.

        In tflite-runtime the plan alone speeds a network up, several times, by XNNPACK; what runs
        a signature plans anew for other shapes, but does not add that.
        """
        # An interpreter plans its first subgraph, which may be another signature's.
        planned = {item["name"]: item["index"] for item in self._interpreter.get_input_details()}
        own = {name: planned.get(tensor) for name, tensor in self._tensors.items()}
        for name, index in own.items():
            if index is not None:
                self._interpreter.resize_tensor_input(index, inputs[name].shape)
        try:
            plan(self._interpreter)
        except RuntimeError:
            if any(index is not None for index in own.values()):
                raise
        return self._interpreter.get_signature_runner(self._signature)

    def _check(self, inputs: dict[str, np.ndarray]) -> None:
        for name in inputs:
            if name not in self.inputs:
                raise unknown_name(f"input of {self.path.name}", name, self.inputs)
        for name, spec in self.inputs.items():
            wanted = (
                f"{self.path.name}: expected {name} of type {spec.dtype} and shape ({spec.sides})."
            )
            if name not in inputs:
                raise EmoError(f"{wanted} Received: none")
            array = inputs[name]
            if not isinstance(array, np.ndarray):
                raise EmoError(f"{wanted} Received: {type(array).__name__}")
            fits = len(array.shape) == len(spec.shape) and all(
                length > 0 and side in (-1, length)
                for side, length in zip(spec.shape, array.shape, strict=True)
            )
            if array.dtype != spec.dtype or not fits:
                raise EmoError(f"{wanted} Received: {array.dtype} of shape {array.shape}")


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


def open_interpreter(path: Path, *, threads: int | None = None, module: str | None = None):
    """Opens a `.tflite` file with an interpreter that is installed, whoever wrote the file.

    Args:
        path: The file.
        threads: Threads for the network; the machine's number of cores if `None`.
        module: One of `INTERPRETER_MODULES`; the first that is installed if `None`.

    Returns:
        An `Interpreter` of `INTERPRETER_MODULES`, its memory not yet planned.

    Raises:
        EmoError: The interpreter refuses the file, is unknown or not installed, or `threads` is
            not positive.
    """
    if threads is not None and threads < 1:
        raise EmoError(f"threads: expected 1 or more. Received: {threads}")
    threads = threads or os.cpu_count() or 1
    make = _interpreter_class(module)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=_DEPRECATION)
            return make(model_path=str(path), num_threads=threads)
    except (ValueError, RuntimeError) as error:
        raise _cannot_load(path, error) from error


def plan(interpreter) -> None:
    """Plans an interpreter's memory and keeps LiteRT's notice of a first time off stderr.

    Raises:
        RuntimeError: The network has no room for its inputs.
    """
    with without_lines(_DELEGATE_NOTICE):
        interpreter.allocate_tensors()


def _cannot_load(path: Path, error: Exception) -> EmoError:
    return EmoError(f"{path}: LiteRT cannot load the model ({error})")


def _interpreter_class(module: str | None):
    if module is not None and module not in INTERPRETER_MODULES:
        raise unknown_name("interpreter", module, INTERPRETER_MODULES)
    for name in INTERPRETER_MODULES if module is None else (module,):
        try:
            return importlib.import_module(name).Interpreter
        except ModuleNotFoundError:
            continue
    if module is not None:
        raise EmoError(f"interpreter: expected one that is installed. Received: {module!r}")
    raise EmoError(
        "No TFLite interpreter: expected one of the packages ai-edge-litert, tflite-runtime or"
        " tensorflow. Received: none of them; `pip install ai-edge-litert`"
    )

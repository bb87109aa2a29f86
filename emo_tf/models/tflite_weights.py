"""Weights of a `.tflite` file put back into the Keras model that it was exported from."""

import re
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers

from emo_tf.errors import EmoError, in_place
from emo_tf.model_metadata import ModelMetadata

_BATCH_NORM = layers.BatchNormalization


@dataclass(frozen=True, eq=False)
class _Weighted:
    """An operation of a file that has a kernel.

    Attributes:
        names: Names of its kernel, what it puts out and its bias; each tells its layer.
        kernel: As Keras has it: the last axis counts the outputs.
        bias: One number an output.
    """

    names: tuple[str, ...]
    kernel: np.ndarray
    bias: np.ndarray


def fill_from_tflite(model: keras.Model, path: Path) -> tuple[str, ...]:
    """Fills a model's convolutions and dense layers with those of the same names in a file.

    A converter folds batch normalisation into the convolution before it. Here the kernel stays as
    it is, and the normalisation becomes one that adds the bias and changes nothing else; a model
    that is to be trained on needs the statistics of its data besides.

    Args:
        model: A functional model with the layers of the exported one.
        path: A `.tflite` file with weights in float32 or float16 that this package exported.

    Returns:
        The names of the layers that were filled, normalisation left out.

    Raises:
        EmoError: The file cannot be read, has whole numbers for weights, or lacks a layer of the
            model; then the model stays as it was.
    """
    path = Path(path)
    metadata = ModelMetadata.read(path)
    with in_place(str(path)):
        found = _read(path, temperature=metadata.temperature or 1.0)
        filled = {layer: _weights_of(layer, found) for layer in _layers(model)}
        if not filled:
            raise EmoError(f"expected layers to fill in {model.name}. Received: none")
    for layer, operation in filled.items():
        norm = None if layer.use_bias else _norm_after(layer)
        layer.set_weights([operation.kernel] + [operation.bias] * layer.use_bias)
        if norm is not None:
            ones = np.ones_like(operation.bias)
            norm.set_weights([ones, operation.bias, 0 * ones, (1 - norm.epsilon) * ones])
    return tuple(layer.name for layer in filled)


def _layers(model: keras.Model) -> list[layers.Layer]:
    """Returns the layers with a kernel in a model and those inside it."""
    return [
        layer
        for layer in model._flatten_layers(include_self=False)
        if isinstance(layer, layers.Conv2D | layers.Dense)
    ]


def _weights_of(layer: layers.Layer, found: list[_Weighted]) -> _Weighted:
    """Returns what fills a layer.

    Raises:
        EmoError: There is none of its name and shape, or a bias has nowhere to go.
    """
    # Traced a second time in a process, a layer has a number behind its name.
    patterns = (rf"(^|[/;]){re.escape(layer.name)}{number}/" for number in ("", r"_\d+"))
    for pattern in patterns:
        # Of a shared constant the name is one user's: the layer's own kernel comes first.
        for place in range(3):
            for operation in found:
                if re.search(pattern, operation.names[place]):
                    return _checked(layer, operation)
    raise EmoError(f"expected weights of the layer {layer.name}. Received: none")


def _checked(layer: layers.Layer, operation: _Weighted) -> _Weighted:
    if operation.kernel.shape != tuple(layer.kernel.shape):
        raise EmoError(
            f"expected a kernel of {tuple(layer.kernel.shape)} for {layer.name}. "
            f"Received: {operation.kernel.shape}"
        )
    if not layer.use_bias and _norm_after(layer) is None and operation.bias.any():
        raise EmoError(f"expected no bias for {layer.name}. Received: one")
    return operation


def _norm_after(layer: layers.Layer) -> layers.BatchNormalization | None:
    after = [node.operation for node in layer._outbound_nodes]
    found = [operation for operation in after if isinstance(operation, _BATCH_NORM)]
    return found[0] if found and len(set(after)) == 1 else None


def _read(path: Path, *, temperature: float) -> list[_Weighted]:
    """Returns the operations with a kernel, what the last one of logits is divided by undone."""
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(path.read_bytes())
    graph = model.subgraphs[0]
    reader = _Constants(model, graph, schema)
    divided = {
        operator.inputs[0]
        for operator in graph.operators
        if reader.code(operator) == schema.BuiltinOperator.SOFTMAX
    }
    found = []
    for operator in graph.operators:
        code = reader.code(operator)
        if code == schema.BuiltinOperator.CONV_2D:
            order = (1, 2, 3, 0)
        elif code == schema.BuiltinOperator.FULLY_CONNECTED:
            order = (1, 0)
        else:
            continue
        kernel = reader.values(operator.inputs[1]).transpose(order)
        bias = np.zeros(kernel.shape[-1], np.float32)
        if len(operator.inputs) > 2 and operator.inputs[2] >= 0:
            bias = reader.values(operator.inputs[2])
        scale = np.float32(temperature if operator.outputs[0] in divided else 1.0)
        tensors = operator.inputs[1], operator.outputs[0], *operator.inputs[2:3]
        names = tuple(graph.tensors[tensor].name.decode() for tensor in tensors)
        found.append(_Weighted((*names, "")[:3], kernel * scale, bias * scale))
    return found


class _Constants:
    """The constants of a graph, those of half precision widened.

    Args:
        model: An unpacked file.
        graph: One of its graphs.
        schema: The module of its classes.
    """

    def __init__(self, model, graph, schema):
        self._model, self._graph = model, graph
        self._types = {
            schema.TensorType.FLOAT32: np.float32,
            schema.TensorType.FLOAT16: np.float16,
        }
        self._halves = {
            operator.outputs[0]: operator.inputs[0]
            for operator in graph.operators
            if self.code(operator) == schema.BuiltinOperator.DEQUANTIZE
        }

    def code(self, operator) -> int:
        return self._model.operatorCodes[operator.opcodeIndex].builtinCode

    def values(self, index: int) -> np.ndarray:
        """Returns a constant as float32.

        Raises:
            EmoError: It is of another type, or is computed.
        """
        tensor = self._graph.tensors[self._halves.get(index, index)]
        name, kind = tensor.name.decode(), self._types.get(tensor.type)
        data = self._model.buffers[tensor.buffer].data
        if kind is None or data is None:
            raise EmoError(f"{name}: expected weights in float32 or float16. Received: others")
        return np.asarray(data, np.uint8).view(kind).reshape(tensor.shape).astype(np.float32)

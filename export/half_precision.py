"""What TensorFlow's float16 files lose without need, put back.

The converter stores every constant as float16, biases and scales too, and rounds each number by
itself. Both show in the outputs and save nothing: what is small can stay as it is, and the weights
of one output can be rounded so that their errors add up to nothing. Pictures and feature maps are
much alike from one place to the next, and what they share then comes through exactly.
"""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from emo_tf.errors import EmoError
from emo_tf.export.metadata import pack

SMALLEST = 1024
"""Constants of fewer numbers stay in float32."""

PASSES = 6
"""Each lets smaller steps fill what is left of the sum of errors."""

_LEAST = np.finfo(np.float64).tiny
_OUTPUT_AXIS = {schema.BuiltinOperator.DEPTHWISE_CONV_2D: 3}
"""Axis of a kernel that counts its outputs, by operation, where it is not the first."""


def refine_half_precision(halves: bytes, floats: bytes) -> bytes:
    """Returns a float16 file whose outputs are nearer to those of the float32 file.

    Args:
        halves: A `.tflite` file as the converter writes it with float16 weights.
        floats: The same model in float32.

    Returns:
        A file of the same size, nearly.

    Raises:
        EmoError: The two are not of one model.
    """
    model, exact = (schema.ModelT.InitFromPackedBuf(content) for content in (halves, floats))
    unused = [
        tensor
        for graph, source in zip(model.subgraphs, exact.subgraphs, strict=True)
        for tensor in _refine(model, graph, exact, source)
    ]
    # Zeros of one length share a buffer, of whatever type they are.
    places = {id(tensor) for tensor in unused}
    needed = {
        tensor.buffer
        for graph in model.subgraphs
        for tensor in graph.tensors
        if id(tensor) not in places
    }
    for tensor in unused:
        if tensor.buffer not in needed:
            model.buffers[tensor.buffer].data = None
    return pack(model)


def _refine(
    model: schema.ModelT, graph: schema.SubGraphT, exact: schema.ModelT, source: schema.SubGraphT
) -> list[schema.TensorT]:
    """Puts the constants of a graph back; returns the halves that nothing reads any more."""
    widened = {
        operator.outputs[0]: operator
        for operator in graph.operators
        if _code(model, operator) == schema.BuiltinOperator.DEQUANTIZE
    }
    operators = [operator for operator in graph.operators if operator not in widened.values()]
    codes = [_code(model, operator) for operator in operators]
    if codes != [_code(exact, operator) for operator in source.operators]:
        raise EmoError("float16: expected the operations of the float32 model. Received: others")
    kept = {}
    for operator, original in zip(operators, source.operators, strict=True):
        for place, tensor in enumerate(operator.inputs):
            if tensor not in widened:
                continue
            half = graph.tensors[widened[tensor].inputs[0]]
            constant = source.tensors[original.inputs[place]]
            values = exact.buffers[constant.buffer].data.view(np.float32)
            if len(values) < SMALLEST:
                # The widened tensor becomes the constant itself.
                model.buffers[graph.tensors[tensor].buffer].data = values.view(np.uint8)
                kept[tensor] = half
            else:
                axis = _OUTPUT_AXIS.get(_code(model, operator), 0)
                rounded = round_together(values.reshape(constant.shape), axis=axis)
                model.buffers[half.buffer].data = rounded.reshape(-1).view(np.uint8)
    graph.operators = [
        operator for operator in graph.operators if not kept.keys() & {*operator.outputs}
    ]
    return [*kept.values()]


def _code(model: schema.ModelT, operator: schema.OperatorT) -> int:
    return model.operatorCodes[operator.opcodeIndex].builtinCode


# What is too large for half a float becomes infinite; the comparison with Keras tells.
@np.errstate(over="ignore", invalid="ignore")
def round_together(values: np.ndarray, *, axis: int) -> np.ndarray:
    """Rounds weights to half precision so that the errors of each output add up to nearly nothing.

    Each number goes to the nearest half; then those that lay nearest to the middle between two
    halves go to the other one, until the errors of their output cancel.

    Args:
        values: Weights, float32 of any shape.
        axis: Which of its axes counts the outputs.

    Returns:
        float16 of the same shape.
    """
    rows = np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1).astype(np.float64)
    nearest = rows.astype(np.float16)
    errors = rows - nearest  # what is missing from each
    others = np.nextafter(nearest, np.where(errors > 0, np.inf, -np.inf).astype(np.float16))
    steps = others.astype(np.float64) - nearest
    sizes = np.where(np.isfinite(steps), np.abs(steps), np.inf)
    # What a step costs in accuracy of its own for what it makes up in sum: -1 at best.
    cost = (np.abs(errors - steps) - np.abs(errors)) / np.maximum(sizes, _LEAST)
    order = np.argsort(cost, axis=1, kind="stable")
    ordered_steps, ordered_sizes = (np.take_along_axis(x, order, 1) for x in (steps, sizes))
    taken = np.zeros(rows.shape, bool)
    missing = errors.sum(axis=1, keepdims=True)
    for _ in range(PASSES):
        fits = ~taken & (ordered_steps * missing > 0) & (ordered_sizes <= np.abs(missing))
        made_up = np.cumsum(np.where(fits, ordered_sizes, 0), axis=1)
        taken |= fits & (made_up <= np.abs(missing))
        missing = errors.sum(axis=1, keepdims=True) - np.sum(
            np.where(taken, ordered_steps, 0), axis=1, keepdims=True
        )
    chosen = np.zeros(rows.shape, bool)
    np.put_along_axis(chosen, order, taken, axis=1)
    rounded = np.where(chosen, others, nearest)
    moved = np.moveaxis(values, axis, 0).shape
    return np.ascontiguousarray(np.moveaxis(rounded.reshape(moved), 0, axis))

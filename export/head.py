"""Which part of a `.tflite` model comes behind its pictures: the head."""

import math
from collections import defaultdict

from ai_edge_litert import schema_py_generated as schema

HEAVY = 4_000_000
"""Weights of an operation that is worth integers wherever it stands: 16 MB in float32."""

_PICTURE_RANK = 4  # (B, H, W, C)


def head_tensors(content: bytes) -> list[str]:
    """Returns the names of what a model computes from its features on.

    An operation belongs to the head if neither its own outputs nor anything that follows from them
    is a picture or a feature map. From the last pooling on that is everything; the gates of a
    squeeze-and-excitation block, which go back into the feature map, are none of it. Neither is an
    operation of `HEAVY` weights or more, such as a layer that sees a whole feature map at once,
    or what leads to it.

    Args:
        content: The file.

    Returns:
        Names of the outputs of these operations, over all signatures.
    """
    model = schema.ModelT.InitFromPackedBuf(content)
    return [name for graph in model.subgraphs for name in _head_of(model, graph)]


def _head_of(model: schema.ModelT, graph: schema.SubGraphT) -> list[str]:
    readers, in_head, names = defaultdict(list), {}, []
    for place, operator in enumerate(graph.operators):
        for tensor in operator.inputs:
            readers[tensor].append(place)
    # Operations stand in the order in which they run, so that readers come after.
    for place, operator in reversed(list(enumerate(graph.operators))):
        outputs = [graph.tensors[tensor] for tensor in operator.outputs]
        inputs = [graph.tensors[tensor] for tensor in operator.inputs if tensor >= 0]
        in_head[place] = (
            not any(_is_picture(tensor) for tensor in outputs)
            and sum(_weights(model, tensor) for tensor in inputs) < HEAVY
            and all(in_head[reader] for tensor in operator.outputs for reader in readers[tensor])
        )
        if in_head[place]:
            names += [tensor.name.decode() for tensor in outputs]
    return names


def _weights(model: schema.ModelT, tensor: schema.TensorT) -> int:
    """Returns how many numbers a constant holds; 0 of what is computed."""
    is_constant = model.buffers and model.buffers[tensor.buffer].data is not None
    return math.prod(tensor.shape) if is_constant else 0


def _is_picture(tensor: schema.TensorT) -> bool:
    # A single number may come without a shape.
    return tensor.shape is not None and len(tensor.shape) >= _PICTURE_RANK

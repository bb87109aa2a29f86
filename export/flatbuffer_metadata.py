"""TFLite Metadata: the FlatBuffer by which Android and other readers know a model.

Written without generated code: a table is a dict from the field's number in TensorFlow's
`metadata_schema.fbs` to its value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import flatbuffers
import numpy as np
from flatbuffers.number_types import Int8Flags, Uint32Flags

from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata

FILE_IDENTIFIER = b"M001"
MIN_PARSER_VERSION = "1.0.0"

_COLOUR_SPACES = {"rgb": np.int8(1), "grey": np.int8(2)}
_TENSOR_AXIS_LABELS = np.int8(2)
_FEATURE_PROPERTIES, _IMAGE_PROPERTIES = np.int8(1), np.int8(2)  # of the union ContentProperties
_NORMALIZATION_OPTIONS = np.int8(1)  # number in the union ProcessUnitOptions


@dataclass(frozen=True)
class Subgraph:
    """The subgraph of a signature.

    Attributes:
        signature: Name of the signature.
        inputs: Names of the inputs in the order of the subgraph's input tensors.
        outputs: Names of the outputs in the order of the subgraph's output tensors.
    """

    signature: str
    inputs: Sequence[str]
    outputs: Sequence[str]


def build_flatbuffer(
    metadata: ModelMetadata, *, subgraphs: Sequence[Subgraph], label_files: Mapping[str, str]
) -> bytes:
    """Returns the ModelMetadata table of a model.

    Args:
        metadata: What the model says about itself.
        subgraphs: Those of the model's signatures, in the model's order.
        label_files: Name of the label file in the appended zip, by output.
    """

    def input_tensor(name: str) -> dict:
        if name in metadata.arrays:
            return _array_tensor(name, metadata.arrays[name])
        return _image_tensor(name, metadata.inputs[name])

    def output_tensor(name: str) -> dict:
        return _output_tensor(name, metadata.outputs[name], label_files.get(name))

    table = {
        0: metadata.name,
        1: metadata.description,
        2: metadata.version,
        3: [
            {
                0: subgraph.signature,
                2: [input_tensor(name) for name in subgraph.inputs],
                3: [output_tensor(name) for name in subgraph.outputs],
            }
            for subgraph in subgraphs
        ],
        5: metadata.licence,
        7: MIN_PARSER_VERSION,
    }
    builder = flatbuffers.Builder(1024)
    builder.Finish(_write(builder, table), FILE_IDENTIFIER)
    return bytes(builder.Output())


def _image_tensor(name: str, image: ImageInput) -> dict:
    """TensorMetadata of an image: pixels of 0 to 255 that need no normalisation (mean 0, std 1)."""
    properties = {0: _COLOUR_SPACES[image.colour]}
    if image.height and image.width:
        properties[1] = {0: np.uint32(image.width), 1: np.uint32(image.height)}
    kind = "image"
    if image.frames is not None:
        kind = f"clip of {image.frames} frames"
    elif image.faces is not None:
        kind = f"crops of {image.faces} faces"
    normalisation = {0: np.zeros(1, np.float32), 1: np.ones(1, np.float32)}
    return {
        0: name,
        1: f"{image.colour} {kind}, uint8 pixels 0 to 255",
        3: {0: _IMAGE_PROPERTIES, 1: properties},
        4: [{0: _NORMALIZATION_OPTIONS, 1: normalisation}],
        5: {0: np.full(1, 255, np.float32), 1: np.zeros(1, np.float32)},
    }


def _array_tensor(name: str, array: ArrayInput) -> dict:
    return {0: name, 1: array.description, 3: {0: _FEATURE_PROPERTIES, 1: {}}}


def _output_tensor(name: str, description: str, label_file: str | None) -> dict:
    tensor = {0: name, 1: description}
    if label_file:
        tensor[6] = [{0: label_file, 1: "Labels of the classes", 2: _TENSOR_AXIS_LABELS}]
    return tensor


def _write(builder: flatbuffers.Builder, value) -> int:
    """Writes a string, vector or table with all that it refers to; returns its offset."""
    if isinstance(value, str):
        return builder.CreateString(value)
    if isinstance(value, np.ndarray):
        return builder.CreateNumpyVector(value)
    if isinstance(value, list):
        offsets = [_write(builder, item) for item in value]
        builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return builder.EndVector()
    # A table's children stand before it: no other object may be begun inside a table.
    fields = {
        slot: item if isinstance(item, np.number) else _write(builder, item)
        for slot, item in value.items()
    }
    builder.StartObject(max(fields, default=-1) + 1)
    for slot, item in fields.items():
        if isinstance(item, np.int8):
            builder.Prepend(Int8Flags, int(item))
        elif isinstance(item, np.uint32):
            builder.Prepend(Uint32Flags, int(item))
        else:
            builder.PrependUOffsetTRelative(item)
        builder.Slot(slot)
    return builder.EndObject()

"""Writes into a `.tflite` file what the model says about itself.

Twice, for two kinds of reader: as TFLite Metadata, the FlatBuffer that Android's libraries know,
and as a zip at the end of the file with the label file and `emo_tf.json`, which the runtime reads.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from emo_tf.errors import EmoError
from emo_tf.export.flatbuffer_metadata import Subgraph, build_flatbuffer
from emo_tf.files import replace_whole
from emo_tf.model_metadata import FILE_NAME, ModelMetadata
from emo_tf.runtime.litert import FILE_IDENTIFIER, SIGNATURE

METADATA_NAME = "TFLITE_METADATA"
LABEL_FILE = "labels.txt"
BUFFER_ALIGNMENT = 16


class _AlignedBuilder(flatbuffers.Builder):
    """Aligns byte vectors as TFLite's schema asks of weights, which generated code does not."""

    def StartVector(self, elemSize, numElems, alignment):  # noqa: N802, N803
        if elemSize == 1:
            alignment = BUFFER_ALIGNMENT
        return super().StartVector(elemSize, numElems, alignment)


def write_metadata(path_in: Path, path_out: Path, *, metadata: ModelMetadata) -> Path:
    """Writes the model at `path_in` with `metadata` to `path_out`, which appears whole or not.

    The two may be the same file. Metadata that is there already is replaced.

    Returns:
        `path_out`.

    Raises:
        EmoError: `path_in` is no TFLite file, or `metadata` names other inputs or outputs than
            the model's signatures have, or inputs of another shape.
    """
    try:
        content = path_in.read_bytes()
    except OSError as error:
        raise EmoError(f"{path_in}: cannot be read ({error.strerror})") from error
    content = embed_metadata(content, metadata, source=str(path_in))
    with replace_whole(path_out) as temporary:
        temporary.write_bytes(content)
    return path_out


def embed_metadata(content: bytes, metadata: ModelMetadata, *, source: str = "model") -> bytes:
    """Returns a TFLite file's content with `metadata` in it.

    Args:
        content: The file, e.g. from `convert_tflite`.
        metadata: What the model says about itself. The labels go with every output whose last
            dimension is as long as they are.
        source: The file's name, for messages.

    Raises:
        EmoError: As `write_metadata`.
    """
    if content[4:8] != FILE_IDENTIFIER:
        raise EmoError(f"{source}: expected a TFLite model. Received: {len(content)} other bytes")
    model = schema.ModelT.InitFromPackedBuf(content)
    signatures = _signatures(model, source)
    inputs, outputs = _check(metadata, signatures, source)
    label_files = {
        name: LABEL_FILE
        for name, tensor in outputs.items()
        if metadata.labels and name not in inputs and _last(tensor) == len(metadata.labels)
    }
    subgraphs = [Subgraph(item.key, [*item.inputs], [*item.outputs]) for item in signatures]
    flatbuffer = build_flatbuffer(metadata, subgraphs=subgraphs, label_files=label_files)
    _replace_metadata_buffer(model, flatbuffer)
    return pack(model) + _zip(metadata)


def pack(model: schema.ModelT) -> bytes:
    """Returns a model as the content of a file, its weights aligned as TFLite's schema asks."""
    builder = _AlignedBuilder(0)
    builder.Finish(model.Pack(builder), FILE_IDENTIFIER)
    return bytes(builder.Output())


@dataclass(frozen=True)
class _Signature:
    """A signature with its tensors by name, in the order of its subgraph's own."""

    key: str
    inputs: dict[str, schema.TensorT]
    outputs: dict[str, schema.TensorT]


def _signatures(model: schema.ModelT, source: str) -> list[_Signature]:
    """Returns the signatures in the order of their subgraphs."""
    found = []
    for item in sorted(model.signatureDefs or [], key=lambda item: item.subgraphIndex):
        graph = model.subgraphs[item.subgraphIndex]
        inputs, outputs = (
            {
                tensor_map.name.decode(): graph.tensors[tensor_map.tensorIndex]
                for tensor_map in sorted(tensor_maps, key=lambda x: [*order].index(x.tensorIndex))
            }
            for tensor_maps, order in ((item.inputs, graph.inputs), (item.outputs, graph.outputs))
        )
        found.append(_Signature(item.signatureKey.decode(), inputs, outputs))
    if SIGNATURE not in [item.key for item in found]:
        raise EmoError(
            f"{source}: expected a signature {SIGNATURE!r}. "
            f"Received: {', '.join(item.key for item in found)}"
        )
    return found


def _check(
    metadata: ModelMetadata, signatures: Sequence[_Signature], source: str
) -> tuple[dict[str, schema.TensorT], dict[str, schema.TensorT]]:
    """Checks that `metadata` speaks of a model's inputs and outputs; returns these by name."""
    described = {**metadata.inputs, **metadata.arrays}
    inputs = {name: tensor for item in signatures for name, tensor in item.inputs.items()}
    outputs = {name: tensor for item in signatures for name, tensor in item.outputs.items()}
    for kind, in_model, in_metadata in (
        ("metadata.inputs, metadata.arrays", inputs, described),
        ("metadata.outputs", outputs, metadata.outputs),
    ):
        if set(in_model) != set(in_metadata):
            raise EmoError(
                f"{kind}: expected those of {source}, {', '.join(sorted(in_model))}."
                f" Received: {', '.join(sorted(in_metadata))}"
            )
    for item in signatures:
        for name, tensor in item.inputs.items():
            shape = _shape(tensor)[1:]
            if shape != described[name].shape:
                raise EmoError(
                    f"metadata: expected {name} of the shape that the signature {item.key} of"
                    f" {source} takes, {shape} without the batch."
                    f" Received: {described[name].shape}"
                )
    return inputs, outputs


def _shape(tensor: schema.TensorT) -> tuple[int | None, ...]:
    """Returns a tensor's shape; `None` stands for any length."""
    sides = tensor.shape if tensor.shapeSignature is None else tensor.shapeSignature
    return tuple(None if side < 0 else int(side) for side in ([] if sides is None else sides))


def _last(tensor: schema.TensorT) -> int | None:
    return (_shape(tensor) or (None,))[-1]


def _replace_metadata_buffer(model: schema.ModelT, flatbuffer: bytes) -> None:
    data = np.frombuffer(flatbuffer, np.uint8)
    entries = model.metadata or []
    for entry in entries:
        if entry.name.decode() == METADATA_NAME:
            model.buffers[entry.buffer].data = data
            return
    model.buffers.append(schema.BufferT(data=data))
    entry = schema.MetadataT(name=METADATA_NAME, buffer=len(model.buffers) - 1)
    model.metadata = [*entries, entry]


def _zip(metadata: ModelMetadata) -> bytes:
    """Returns the zip that goes behind the model: uncompressed and without dates.

    The model's readers map it into memory, and the same model gives the same bytes.
    """
    files = {FILE_NAME: metadata.to_json()}
    if metadata.labels:
        files[LABEL_FILE] = "\n".join(metadata.labels) + "\n"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return target.getvalue()

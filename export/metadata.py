"""Writes into a `.tflite` file what the model says about itself.

Twice, for two kinds of reader: as TFLite Metadata, the FlatBuffer that Android's libraries know,
and as a zip at the end of the file with the label file and `emo_tf.json`, which the runtime reads.
"""

import io
import zipfile
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from emo_tf.errors import EmoError
from emo_tf.export.flatbuffer_metadata import build_flatbuffer
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

    Raises:
        EmoError: `path_in` is no TFLite file, or `metadata` names other inputs or outputs than
            the model has.
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
    inputs, outputs = _signature_tensors(model, source)
    for kind, in_model, in_metadata in (
        ("inputs", inputs, metadata.inputs),
        ("outputs", outputs, metadata.outputs),
    ):
        if set(in_model) != set(in_metadata):
            raise EmoError(
                f"metadata.{kind}: expected those of {source}, {', '.join(sorted(in_model))}."
                f" Received: {', '.join(sorted(in_metadata))}"
            )
    label_files = {
        name: LABEL_FILE
        for name, tensor in outputs.items()
        if metadata.labels and tensor.shape is not None and tensor.shape[-1] == len(metadata.labels)
    }
    flatbuffer = build_flatbuffer(
        metadata, inputs=list(inputs), outputs=list(outputs), label_files=label_files
    )
    _replace_metadata_buffer(model, flatbuffer)
    builder = _AlignedBuilder(len(content) + len(flatbuffer))
    builder.Finish(model.Pack(builder), FILE_IDENTIFIER)
    return bytes(builder.Output()) + _zip(metadata)


def _signature_tensors(model: schema.ModelT, source: str) -> tuple[dict, dict]:
    """Returns inputs and outputs by name, each in the order of the model's own tensors."""
    signatures = {item.signatureKey.decode(): item for item in model.signatureDefs or []}
    if SIGNATURE not in signatures:
        raise EmoError(
            f"{source}: expected a signature {SIGNATURE!r}. Received: {', '.join(signatures)}"
        )
    signature = signatures[SIGNATURE]
    graph = model.subgraphs[signature.subgraphIndex]

    def by_name(tensor_maps, order) -> dict:
        names = {item.tensorIndex: item.name.decode() for item in tensor_maps}
        return {names[index]: graph.tensors[index] for index in order}

    return by_name(signature.inputs, graph.inputs), by_name(signature.outputs, graph.outputs)


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

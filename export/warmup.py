"""Requests that TF Serving answers while it loads a model, so that the first caller need not wait.

TF Serving reads them from `assets.extra`, and does not load a model that fails on one.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message
from tensorflow.core.framework import tensor_pb2
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

from emo_tf.errors import EmoError, in_place, unknown_name
from emo_tf.export.served_root import EXTRA as EXTRA_FOLDER
from emo_tf.files import replace_whole

WARMUP_FILE = "tf_serving_warmup_requests"
"""Where TF Serving looks for the requests in a SavedModel."""

Inputs = Mapping[str, np.ndarray | Sequence[bytes]]

_PACKAGE = "tensorflow.serving"
_Field = descriptor_pb2.FieldDescriptorProto
_MESSAGES = {
    "ModelSpec": {"name": (1, _Field.TYPE_STRING), "signature_name": (3, _Field.TYPE_STRING)},
    "PredictRequest": {"model_spec": (1, "ModelSpec"), "inputs": (2, "PredictRequest.InputsEntry")},
    "PredictLog": {"request": (1, "PredictRequest")},
    "PredictionLog": {"predict_log": (6, "PredictLog")},
}
"""The fields that a warm-up fills, by message: number and type.

As in `tensorflow_serving/apis`: model.proto, predict.proto, prediction_log.proto.
"""


def write_warmup(saved_model: Path, requests: Mapping[str, Inputs], *, model: str) -> Path:
    """Writes one warm-up request a signature into a SavedModel; earlier ones are replaced.

    The file is a TFRecord file of `PredictionLog` messages. They are built here, since the
    package that defines them, tensorflow-serving-api, holds TensorFlow to one version.

    Args:
        saved_model: Folder of the SavedModel.
        requests: Inputs by name, by signature: arrays, or encoded pictures as bytes.
        model: Name under which the model is served.

    Returns:
        The file.

    Raises:
        EmoError: The folder is no SavedModel, or a request is not what its signature takes.
    """
    saved_model = Path(saved_model)
    signatures = _signatures(saved_model)
    prediction_log = _prediction_log_class()
    records = []
    for signature, inputs in requests.items():
        if signature not in signatures:
            raise unknown_name(f"signature of {saved_model}", signature, signatures)
        with in_place(f"request of {signature}"):
            tensors = _tensors(inputs, signatures[signature])
        record = prediction_log()
        request = record.predict_log.request
        request.model_spec.name = model
        request.model_spec.signature_name = signature
        for name, tensor in tensors.items():
            request.inputs[name] = tensor.SerializeToString(deterministic=True)
        records.append(record.SerializeToString(deterministic=True))
    path = saved_model / EXTRA_FOLDER / WARMUP_FILE
    with replace_whole(path) as temporary, tf.io.TFRecordWriter(str(temporary)) as writer:
        for record in records:
            writer.write(record)
    return path


def _signatures(saved_model: Path) -> Mapping[str, meta_graph_pb2.SignatureDef]:
    path = saved_model / "saved_model.pb"
    try:
        content = path.read_bytes()
        (graph,) = saved_model_pb2.SavedModel.FromString(content).meta_graphs
    except OSError as error:
        raise EmoError(
            f"{saved_model}: expected a SavedModel. Received: no {path.name} ({error.strerror})"
        ) from error
    except (DecodeError, ValueError) as error:
        raise EmoError(f"{path}: expected a whole file. Received: a damaged one") from error
    return graph.signature_def


def _tensors(
    inputs: Inputs, signature: meta_graph_pb2.SignatureDef
) -> dict[str, tensor_pb2.TensorProto]:
    for name in inputs:
        if name not in signature.inputs:
            raise unknown_name("input", name, signature.inputs)
    tensors = {}
    for name, taken in sorted(signature.inputs.items()):
        dtype, shape = tf.as_dtype(taken.dtype), tf.TensorShape(taken.tensor_shape)
        wanted = f"expected {name} of type {dtype.name} and shape {shape}"
        if name not in inputs:
            raise EmoError(f"{wanted}. Received: none")
        value = inputs[name] if isinstance(inputs[name], np.ndarray) else list(inputs[name])
        try:
            tensor = tensors[name] = tf.make_tensor_proto(value)
        except (TypeError, ValueError) as error:
            raise EmoError(f"{wanted}. Received: {error}") from error
        came = tf.TensorShape(tensor.tensor_shape)
        if tensor.dtype != dtype.as_datatype_enum or not shape.is_compatible_with(came):
            raise EmoError(f"{wanted}. Received: {tf.as_dtype(tensor.dtype).name} of shape {came}")
    return tensors


def _prediction_log_class() -> type[Message]:
    """Returns the class of `PredictionLog`, in a pool that knows of no other messages.

    The pool of the process would refuse a second definition beside the official one.
    """
    file = descriptor_pb2.FileDescriptorProto(
        name="warmup.proto", package=_PACKAGE, syntax="proto3"
    )
    for message_name, fields in _MESSAGES.items():
        message = file.message_type.add(name=message_name)
        for name, (number, kind) in fields.items():
            field = message.field.add(name=name, number=number, label=_Field.LABEL_OPTIONAL)
            if isinstance(kind, int):
                field.type = kind
            else:
                field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
            if message_name == "PredictRequest" and name == "inputs":
                field.label = _Field.LABEL_REPEATED
                _add_map_entry(message)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.PredictionLog"))


def _add_map_entry(message: descriptor_pb2.DescriptorProto) -> None:
    entry = message.nested_type.add(name="InputsEntry")
    entry.options.map_entry = True
    # TensorProto would have to be in the pool too; as bytes it has the same form on the wire.
    for number, (name, kind) in enumerate(
        {"key": _Field.TYPE_STRING, "value": _Field.TYPE_BYTES}.items(), start=1
    ):
        entry.field.add(name=name, number=number, type=kind, label=_Field.LABEL_OPTIONAL)

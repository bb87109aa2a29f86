"""What is written is read back from the bare wire format, and by the official classes."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import empty_pb2, unknown_fields
from tensorflow.core.framework import tensor_pb2

from emo_tf.errors import EmoError
from emo_tf.export.warmup import write_warmup

IMAGES = np.arange(2 * 4 * 6 * 3, dtype=np.uint8).reshape(2, 4, 6, 3)
BOXES = np.float32([[1, 2, 3.5, 4], [0, 0, 6, 4]])
FILES = (b"\xff\xd8 a picture", b"\x89PNG and another")
REQUESTS = {
    "serving_default": {"image": IMAGES},
    "serve_bytes": {"image_bytes": FILES, "box": BOXES},
}

OFFICIAL_READER = """
import json, sys
import tensorflow as tf
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

def plain(tensor):
    array = tf.make_ndarray(tensor)
    values = [item.hex() if isinstance(item, bytes) else item for item in array.ravel().tolist()]
    return {"type": str(array.dtype), "shape": array.shape, "values": values}

for record in tf.data.TFRecordDataset(sys.argv[1]).as_numpy_iterator():
    log = PredictionLog.FromString(record)
    assert log.WhichOneof("log_type") == "predict_log"
    request = log.predict_log.request
    inputs = {name: plain(tensor) for name, tensor in request.inputs.items()}
    print(json.dumps([request.model_spec.name, request.model_spec.signature_name, inputs]))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A SavedModel with a signature for pixels and one for encoded pictures with boxes."""
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec((None, 4, 6, 3), tf.uint8, "image")])
    def serving_default(image):
        return {"score": tf.reduce_mean(tf.cast(image, tf.float32), (1, 2, 3))}

    @tf.function(
        input_signature=[
            tf.TensorSpec((None,), tf.string, "image_bytes"),
            tf.TensorSpec((None, 4), tf.float32, "box"),
        ]
    )
    def serve_bytes(image_bytes, box):
        return {"score": tf.cast(tf.strings.length(image_bytes), tf.float32) + box[:, 0]}

    module.serving_default, module.serve_bytes = serving_default, serve_bytes
    path = tmp_path_factory.mktemp("served") / "saved_model"
    signatures = {"serving_default": serving_default, "serve_bytes": serve_bytes}
    tf.saved_model.save(module, str(path), signatures=signatures)
    return path


def records(path) -> list[bytes]:
    return list(tf.data.TFRecordDataset(str(path)).as_numpy_iterator())


def fields(message: bytes) -> list[tuple[int, object]]:
    """Returns the fields of a message of any kind as it lies in a file: number and value."""
    unknown = unknown_fields.UnknownFieldSet(empty_pb2.Empty.FromString(message))
    return [(item.field_number, item.data) for item in unknown]


def read_request(record: bytes) -> tuple[str, str, dict[str, np.ndarray]]:
    """Returns the model, the signature and the inputs of a `PredictionLog`."""
    ((predict_log, log),) = fields(record)
    ((request, content),) = fields(log)
    assert (predict_log, request) == (6, 1)
    (spec,) = [dict(fields(value)) for number, value in fields(content) if number == 1]
    entries = [dict(fields(value)) for number, value in fields(content) if number == 2]
    inputs = {
        entry[1].decode(): tf.make_ndarray(tensor_pb2.TensorProto.FromString(entry[2]))
        for entry in entries
    }
    return spec[1].decode(), spec[3].decode(), inputs


def test_there_is_a_request_for_each_signature_with_its_inputs(served):
    path = write_warmup(served, REQUESTS, model="expression")
    assert path == served / "assets.extra" / "tf_serving_warmup_requests"
    (name, signature, pixels), (other_name, other, encoded) = map(read_request, records(path))
    assert (name, signature) == ("expression", "serving_default")
    assert (other_name, other) == ("expression", "serve_bytes")
    assert set(pixels) == {"image"}
    assert pixels["image"].dtype == np.uint8
    np.testing.assert_array_equal(pixels["image"], IMAGES)
    assert set(encoded) == {"image_bytes", "box"}
    assert tuple(encoded["image_bytes"]) == FILES
    np.testing.assert_array_equal(encoded["box"], BOXES)


def test_the_saved_model_answers_its_requests(served):
    path = write_warmup(served, REQUESTS, model="expression")
    loaded = tf.saved_model.load(str(served))
    for record in records(path):
        _, signature, inputs = read_request(record)
        answer = loaded.signatures[signature](
            **{name: tf.constant(value) for name, value in inputs.items()}
        )
        assert answer["score"].shape == (2,)


def test_the_same_requests_give_the_same_bytes_and_replace_earlier_ones(served):
    content = write_warmup(served, REQUESTS, model="expression").read_bytes()
    write_warmup(served, {"serving_default": {"image": IMAGES[:1]}}, model="other")
    path = write_warmup(served, REQUESTS, model="expression")
    assert path.read_bytes() == content
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("requests", "message"),
    [
        pytest.param(
            {"serve_byte": {}}, "signature of .*did you mean serve_bytes", id="unknown signature"
        ),
        pytest.param(
            {"serving_default": {"imag": IMAGES}},
            "request of serving_default: Unknown input: did you mean image",
            id="unknown input",
        ),
        pytest.param(
            {"serve_bytes": {"image_bytes": FILES}},
            r"expected box of type float32 and shape \(None, 4\). Received: none",
            id="missing input",
        ),
        pytest.param(
            {"serving_default": {"image": IMAGES.astype(np.float32)}},
            "expected image of type uint8 .* Received: float32",
            id="other type",
        ),
        pytest.param(
            {"serving_default": {"image": IMAGES[0]}},
            r"shape \(None, 4, 6, 3\). Received: uint8 of shape \(4, 6, 3\)",
            id="other shape",
        ),
        pytest.param(
            {"serve_bytes": {"image_bytes": [b"one", 2], "box": BOXES}},
            "expected image_bytes of type string",
            id="no bytes",
        ),
    ],
)
def test_a_request_that_the_signature_does_not_take_is_refused(served, requests, message):
    path = write_warmup(served, REQUESTS, model="expression")
    content = path.read_bytes()
    with pytest.raises(EmoError, match=message):
        write_warmup(served, requests, model="expression")
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="missing"),
        pytest.param(b"", id="empty"),
        pytest.param(b"no SavedModel", id="damaged"),
    ],
)
def test_a_folder_that_is_no_saved_model_is_refused(content, tmp_path):
    if content is not None:
        (tmp_path / "saved_model.pb").write_bytes(content)
    with pytest.raises(EmoError, match=r"saved_model\.pb.*Received|Received: no saved_model\.pb"):
        write_warmup(tmp_path, REQUESTS, model="expression")
    assert not (tmp_path / "assets.extra").exists()


@pytest.mark.slow
@pytest.mark.network
def test_the_official_classes_read_the_requests(served, tmp_path):
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    package = "tensorflow-serving-api==2.21.*"
    subprocess.run([*install, tmp_path / "api", package], check=True)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            OFFICIAL_READER,
            write_warmup(served, REQUESTS, model="expression"),
        ],
        env=os.environ | {"PYTHONPATH": str(tmp_path / "api"), "TF_CPP_MIN_LOG_LEVEL": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    image = {"type": "uint8", "shape": [2, 4, 6, 3], "values": IMAGES.ravel().tolist()}
    box = {"type": "float32", "shape": [2, 4], "values": BOXES.ravel().tolist()}
    files = {"type": "object", "shape": [2], "values": [file.hex() for file in FILES]}
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        ["expression", "serving_default", {"image": image}],
        ["expression", "serve_bytes", {"image_bytes": files, "box": box}],
    ]

"""Bodies of requests and answers in the forms of TF Serving's REST API."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emo_tf.errors import EmoError
from emo_tf.runtime.tensor_spec import TensorSpec
from emo_tf.serve.predict_request import PredictRequest
from emo_tf.serve.signature import STRINGS, Signature

NUMBER = TensorSpec(np.dtype(np.float32), (-1,))
OUTPUTS = {"score": NUMBER}
SIGNATURES = {
    "serving_default": Signature("serving_default", {"pixels": NUMBER, "box": NUMBER}, OUTPUTS),
    "serve_bytes": Signature("serve_bytes", {"image_bytes": TensorSpec(STRINGS, (-1,))}, OUTPUTS),
}
MOST = 3


def read(body: object) -> PredictRequest:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return PredictRequest.read(content, signatures=SIGNATURES, max_instances=MOST)


def of_bytes(**values: object) -> dict:
    return {"signature_name": "serve_bytes", **values}


FILE = {"b64": "AAAA"}


@pytest.mark.parametrize(
    ("body", "signature", "values"),
    [
        (
            {"instances": [{"pixels": 1, "box": 2}, {"box": 4, "pixels": 3}]},
            "serving_default",
            {"pixels": [1, 3], "box": [2, 4]},
        ),
        (
            {"inputs": {"pixels": [1, 3], "box": [2, 4]}, "signature_name": "serving_default"},
            "serving_default",
            {"pixels": [1, 3], "box": [2, 4]},
        ),
        (of_bytes(instances=[{"image_bytes": FILE}]), "serve_bytes", {"image_bytes": [FILE]}),
        (of_bytes(instances=[FILE, FILE]), "serve_bytes", {"image_bytes": [FILE, FILE]}),
        (of_bytes(inputs=[FILE, FILE]), "serve_bytes", {"image_bytes": [FILE, FILE]}),
        (of_bytes(inputs={"image_bytes": [FILE]}), "serve_bytes", {"image_bytes": [FILE]}),
    ],
    ids=["rows", "columns", "one input by row", "bare rows", "a bare column", "one column"],
)
def test_rows_and_columns_say_the_same(body, signature, values):
    request = read(body)
    assert request.signature is SIGNATURES[signature]
    assert request.values == values
    assert request.count == len(next(iter(values.values())))
    assert request.by_row == ("instances" in body)


ONE = {"score": np.float32([[0.5, 0.1], [0.25, 1]])}
TWO = {**ONE, "vad": np.float32([1, 10])}


@pytest.mark.parametrize(
    ("key", "outputs", "answer"),
    [
        ("instances", ONE, {"predictions": [[0.5, 0.1], [0.25, 1]]}),
        ("inputs", ONE, {"outputs": [[0.5, 0.1], [0.25, 1]]}),
        (
            "instances",
            TWO,
            {"predictions": [{"score": [0.5, 0.1], "vad": 1}, {"score": [0.25, 1], "vad": 10}]},
        ),
        ("inputs", TWO, {"outputs": {"score": [[0.5, 0.1], [0.25, 1]], "vad": [1, 10]}}),
    ],
    ids=["rows of one output", "a column of one output", "rows of two", "columns of two"],
)
def test_an_answer_has_the_form_of_the_question(key, outputs, answer):
    assert json.loads(read(of_bytes(**{key: [FILE, FILE]})).answer(outputs)) == answer


BAD_BODIES = {
    "nothing": (b"", "Expecting value at character 0"),
    "half": (b'{"instances": [', "Expecting value at character 15"),
    "two": (b"{} {}", "Extra data at character 3"),
    "other bytes": (b'{"instances": "\xff"}', "another byte at 15"),
    "UTF-16": ('{"instances": []}'.encode("utf-16"), "another byte at 0"),
    "a mark before it": (b"\xef\xbb\xbf{}", "Unexpected UTF-8 BOM"),
    "not a number": (b'{"instances": [NaN]}', "NaN, which is none"),
    "endless": (b'{"instances": [-Infinity]}', "-Infinity, which is none"),
    "too deep": (b'{"inputs": ' + b"[" * 100_000, "nested too deeply"),
    "too deep objects": (b'{"a":' * 100_000, "nested too deeply"),
    "too many lists": (b"[" + b"[]," * 10**6 + b"[]]", "1,000,002"),
    "too many digits": (b'{"instances": [' + b"9" * 10_000 + b"]}", "a number that is too large"),
    "a name twice": (b'{"instances": [], "instances": []}', "'instances' again"),
    "a name twice within": (b'{"inputs": {"box": [1], "box": [2]}}', "'box' again"),
    "a list": ([], "a list of 0"),
    "null": (None, "None"),
    "text": ("instances", "'instances'"),
    "no examples": ({}, "neither of them"),
    "both forms": ({"instances": [1], "inputs": [1]}, "both"),
    "a close name": ({"instance": [1]}, "did you mean instances"),
    "a long name": ({"x" * 10**6: [1]}, "'x{64}'$"),
    "half a character": (b'{"\\ud800": 1}', r"'\\ud800'$"),
    "a signature unknown": ({"signature_name": "serve_byte"}, "did you mean serve_bytes"),
    "no signature": ({"signature_name": None, "instances": [1]}, "expected a string.*None"),
    "no row": ({"instances": []}, "expected a list of 1 to 3 examples.*a list of 0"),
    "too many rows": ({"instances": [1] * 4}, "expected a list of 1 to 3 examples.*a list of 4"),
    "rows by name": ({"instances": {"box": [1]}}, "expected a list .*a JSON object of 1"),
    "a bare row": ({"instances": [{"box": 1, "pixels": 1}, 5]}, r"instances\[1\].*Received: 5"),
    "a row without": ({"instances": [{"box": 1}]}, r"instances\[0\]: expected pixels\..*none"),
    "a row with more": (
        {"instances": [{"box": 1, "pixels": 1, "boxes": 2}]},
        r"instances\[0\]: Unknown input of serving_default: did you mean box\?",
    ),
    "a file by another name": (
        of_bytes(instances=[{"image": FILE}]),
        "did you mean image_bytes",
    ),
    "bare among named": (of_bytes(instances=[{"image_bytes": FILE}, 3]), r"instances\[1\]"),
    "a column that is none": ({"inputs": {"box": 1, "pixels": [1]}}, r"inputs\.box: expected"),
    "no column": ({"inputs": 7}, "inputs: expected an object with pixels and box.*7"),
    "an empty column": ({"inputs": {"box": [], "pixels": [1]}}, "a list of 0"),
    "a missing column": ({"inputs": {"box": [1]}}, "inputs: expected pixels"),
    "columns of two lengths": (
        {"inputs": {"box": [1], "pixels": [1, 2]}},
        "inputs: expected as many examples of each. Received: 1 of box, 2 of pixels",
    ),
}


@pytest.mark.parametrize(("body", "received"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_what_is_no_request_is_one_short_sentence(body, received):
    with pytest.raises(EmoError, match=received) as error:
        read(body)
    text = str(error.value)
    assert "Received: " in text
    assert len(text) < 300
    text.encode()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["b64", "box", "pixels", "image_bytes", "x"]), inner)
    ),
    max_leaves=12,
)
KEYS = st.sampled_from(["instances", "inputs", "signature_name"])


@given(
    st.dictionaries(KEYS, json_values | st.sampled_from([*SIGNATURES])) | json_values | st.binary()
)
def test_whatever_comes_is_a_request_or_an_error_of_ours(body):
    try:
        request = read(body)
    except EmoError:
        return
    assert request.values.keys() == request.signature.inputs.keys()
    assert {len(rows) for rows in request.values.values()} == {request.count}
    assert 1 <= request.count <= MOST


def test_a_signature_is_described_as_tf_serving_does():
    described = Signature(
        "serving_default",
        {"image": TensorSpec(np.dtype(np.uint8), (-1, 48, 48, 1))},
        {"probabilities": TensorSpec(np.dtype(np.float32), (-1, 7))},
    ).describe()
    assert described["method_name"] == "tensorflow/serving/predict"
    assert described["inputs"]["image"] == {
        "dtype": "DT_UINT8",
        "tensor_shape": {
            "dim": [{"size": size, "name": ""} for size in ("-1", "48", "48", "1")],
            "unknown_rank": False,
        },
        "name": "serving_default_image:0",
    }
    assert described["outputs"]["probabilities"]["dtype"] == "DT_FLOAT"

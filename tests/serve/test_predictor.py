"""A served model answers requests for predictions, several at a time."""

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from emo_tf.errors import EmoError
from emo_tf.export.metadata import embed_metadata
from emo_tf.model_metadata import FILE_NAME, ArrayInput, ImageInput, ModelMetadata
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.weights import weight_path
from tests.serve.asked_predictors import ask, b64, open_predictor


def test_pixels_are_answered_as_the_file_answers_them_in_every_form(expression, faces, expected):
    lists = faces.tolist()
    for body in (
        {"instances": lists},
        {"instances": [{"image": face} for face in lists]},
        {"inputs": lists},
        {"inputs": {"image": lists}, "signature_name": "serving_default"},
    ):
        found = np.array(ask(expression, **body), np.float64)
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_requests_are_answered_together_as_they_are_alone(expression, faces, make_picture):
    file = make_picture(faces[0, ..., 0], "PNG")
    bodies = [
        {"instances": faces[:1].tolist()},
        {"inputs": faces[1:3].tolist()},
        {"instances": []},
        {"signature_name": "serve_bytes", "instances": [b64(file)]},
        {"signature_name": "serve_bytes", "instances": [b64(file[:50])]},
        {"instances": faces.tolist()},
    ]
    requests = [json.dumps(body).encode() for body in bodies]
    together = expression.answer(1, requests)
    kinds = [bytes, bytes, EmoError, bytes, EmoError, bytes]
    assert [type(answer) for answer in together] == kinds
    for answer, request in zip(together, requests, strict=True):
        (alone,) = expression.answer(0, [request])
        if isinstance(answer, EmoError):
            assert str(alone) == str(answer)
            continue
        ((key, found),) = json.loads(answer).items()
        np.testing.assert_allclose(found, json.loads(alone)[key], rtol=0, atol=1e-6)


def test_what_goes_together_is_one_run_of_the_network(expression, faces, monkeypatch):
    runs = []
    network = expression._networks[0]

    class Spy:
        def __call__(self, **inputs):
            runs.append(len(inputs["image"]))
            return network(**inputs)

    monkeypatch.setattr(expression, "_networks", [Spy()])
    body = json.dumps({"instances": faces.tolist()}).encode()
    expression.answer(0, [body] * 3)
    expression.answer(0, [body] * 9)
    assert runs == [12, 32, 4]


def test_other_pixels_than_the_network_takes_are_named_by_their_place(expression, faces):
    rows = faces.tolist()
    rows[2][7][7] = [256]
    with pytest.raises(EmoError, match=r"^instances\[2\]: image: expected lists of shape .*256"):
        ask(expression, instances=rows)
    with pytest.raises(EmoError, match=r"^instances\[0\]: image: .*lists of 47 items, 1 deep"):
        ask(expression, instances=[rows[0][1:], rows[1]])


def test_a_stream_goes_on_from_the_states_it_is_given():
    predictor = open_predictor(weight_path("expression_tsm_float16"))
    network = LiteRTModel(weight_path("expression_tsm_float16"), threads=1)
    shapes = {name: array.shape for name, array in network.metadata.states.items()}
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (3, 2, 48, 48, 1), np.uint8)
    states = {name: np.zeros((2, *shape), np.float32) for name, shape in shapes.items()}
    asked = {name: state.tolist() for name, state in states.items()}
    for frame in frames:
        expected = network(frame=frame, **states)
        states = {name: expected[name] for name in states}
        rows = [
            {"frame": frame[row].tolist()} | {name: asked[name][row] for name in asked}
            for row in range(2)
        ]
        found = ask(predictor, instances=rows)
        asked = {name: [row[name] for row in found] for name in asked}
        probabilities = [row["probabilities"] for row in found]
        np.testing.assert_allclose(probabilities, expected["probabilities"], rtol=1e-5, atol=1e-6)


def test_a_network_of_any_size_answers_pictures_of_each_and_goes_on_after_bad_ones():
    predictor = open_predictor(weight_path("mtcnn_pnet"))
    predictor.warm_up()
    rng = np.random.default_rng(0)

    def pixels(height: int, width: int) -> dict:
        image = rng.integers(0, 256, (1, height, width, 3)).tolist()
        return {"image": image, "fraction": image}

    asked = pixels(24, 30)
    good = ask(predictor, inputs=asked)
    assert np.shape(good["score"]) == (1, 7, 10, 1)
    sizes = [
        json.dumps({"inputs": pixels(*size)}).encode() for size in [(12, 12), (5, 5), (30, 12)]
    ]
    answers = predictor.answer(0, sizes)
    assert [type(answer) for answer in answers] == [bytes, EmoError, bytes]
    assert "mtcnn_pnet.tflite: expected inputs that the network has room for" in str(answers[1])
    with pytest.raises(EmoError, match="has room for"):
        ask(predictor, inputs={"image": pixels(12, 12)["image"], "fraction": pixels(9, 9)["image"]})
    two = [pixels(height, 12)["image"][0] for height in (12, 13)]
    with pytest.raises(EmoError, match=r"^fraction: expected .*lists of 1[23] and of 1[23] items"):
        ask(predictor, inputs={"image": two, "fraction": two})
    assert ask(predictor, inputs=asked) == good


DIVISION = ModelMetadata(
    name="division",
    task="backbone",
    description="",
    version="1",
    inputs={},
    arrays={name: ArrayInput((1,), "A number.") for name in ("number", "by")},
    outputs={"quotient": ""},
)


@pytest.fixture(scope="module")
def division(tmp_path_factory) -> bytes:
    """A network, without metadata, that divides one number by another."""
    spec = tf.TensorSpec((None, 1), tf.float32)
    module = tf.Module()
    module.function = tf.function(
        lambda number, by: {"quotient": number / by}, input_signature=[spec, spec]
    )
    folder = str(tmp_path_factory.mktemp("division"))
    tf.saved_model.save(module, folder, signatures=module.function)
    return tf.lite.TFLiteConverter.from_saved_model(folder).convert()


def test_an_answer_that_is_no_number_is_an_error_of_that_request_alone(division, tmp_path):
    (tmp_path / "division.tflite").write_bytes(embed_metadata(division, DIVISION, source="made up"))
    predictor = open_predictor(tmp_path / "division.tflite")
    bodies = [
        json.dumps({"instances": [{"number": [number], "by": [by]}]}).encode()
        for number, by in [(1, 4), (0, 0), (1, 0), (-3, 2)]
    ]
    good, undefined, endless, last = predictor.answer(0, bodies)
    assert (good, last) == (b'{"predictions":[[0.25]]}', b'{"predictions":[[-1.5]]}')
    for error in (undefined, endless):
        assert isinstance(error, EmoError)
        assert "served: expected an answer of finite numbers. Received: quotient" in str(error)


def test_a_model_says_what_it_takes_and_returns(expression, people):
    for predictor, labels in ((expression, 7), (people, 26)):
        predictor.warm_up()
        described = predictor.describe()
        assert described["model_spec"] == {
            "name": "served",
            "signature_name": "",
            "version": "3",
        }
        signatures = described["metadata"]["signature_def"]["signature_def"]
        assert tuple(signatures) == predictor.signatures == ("serving_default", "serve_bytes")
        taken = signatures["serve_bytes"]["inputs"]
        assert taken["image_bytes"]["dtype"] == "DT_STRING"
        assert ("box_xywh" in taken) == (predictor is people)
        assert len(described["emo_tf"]["labels"]) == labels
        assert described["emo_tf"]["task"] == predictor.metadata.task
        assert json.loads(json.dumps(described, allow_nan=False)) == described


@pytest.mark.parametrize("name", ["mtcnn_rnet", "mtcnn_onet", "expression_tsm_int8"])
def test_models_that_need_more_than_a_picture_take_arrays_alone(name):
    predictor = open_predictor(weight_path(name))
    assert predictor.signatures == ("serving_default",)
    with pytest.raises(EmoError, match=r"Unknown signature: .*serving_default"):
        ask(predictor, signature_name="serve_bytes", instances=[{"b64": ""}])


@pytest.mark.parametrize("content", [b"", b"no model"], ids=["empty", "another file"])
def test_a_file_that_is_no_model_is_an_error(tmp_path, content):
    (tmp_path / "model.tflite").write_bytes(content)
    with pytest.raises(EmoError, match=r"model\.tflite: expected a TFLite model"):
        open_predictor(tmp_path / "model.tflite")


def test_a_network_that_takes_something_else_than_its_metadata_say_is_an_error(division, tmp_path):
    says = replace(
        DIVISION, task="expression", inputs={"image": ImageInput(4, 4, "grey")}, arrays={}
    )
    (tmp_path / "model.tflite").write_bytes(division)
    with zipfile.ZipFile(tmp_path / "model.tflite", "a") as archive:
        archive.writestr(FILE_NAME, says.to_json())
    with pytest.raises(EmoError, match=r"expected a network that takes image, .*by, number$"):
        open_predictor(tmp_path / "model.tflite")


NO_BASE64 = {
    "one": "A",
    "three": "AAA",
    "padding alone": "====",
    "padding within": "AA==AAAA",
    "a space": "AA A",
    "the alphabet of URLs": "AA-_",
    "a line": "AAA\n",
    "umlauts": "äöüß",
    "a surrogate": "\ud800AAA",
}


@pytest.mark.parametrize("text", NO_BASE64.values(), ids=NO_BASE64)
def test_what_is_no_base64_is_an_error_that_says_where(expression, text):
    expected = r"^instances\[0\]: image_bytes: b64: expected base64 with its padding\. Received: "
    with pytest.raises(EmoError, match=expected):
        ask(expression, signature_name="serve_bytes", instances=[{"b64": text}])

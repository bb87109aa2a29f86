import io
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime import litert
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.runtime.tensor_spec import TensorSpec
from emo_tf.weights import weight_path


@pytest.fixture(scope="module")
def model() -> LiteRTModel:
    return LiteRTModel(weight_path("mtcnn_onet"), threads=1)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, 48, 48, 3), np.uint8)


def test_a_model_takes_and_returns_arrays_by_name(model, images):
    outputs = model(image=images)
    assert {name: array.shape for name, array in outputs.items()} == {
        "score": (3, 1),
        "box": (3, 4),
        "landmarks": (3, 10),
        "features": (3, 256),
    }
    assert set(outputs) == set(model.metadata.outputs)
    assert model.inputs == {"image": TensorSpec(np.dtype(np.uint8), (-1, 48, 48, 3))}
    assert {name: spec.shape[1:] for name, spec in model.outputs.items()} == {
        name: array.shape[1:] for name, array in outputs.items()
    }
    assert model.metadata.inputs["image"].height == 48
    assert model.path == weight_path("mtcnn_onet")


def test_the_number_of_images_may_change_from_call_to_call(model, images):
    together = model(image=images)
    for index in (2, 0, 1):
        alone = model(image=images[index : index + 1])
        for name in together:
            np.testing.assert_allclose(alone[name][0], together[name][index], atol=1e-5)


def test_outputs_are_the_callers_to_keep(model, images):
    first = model(image=images)["features"]
    kept = first.copy()
    model(image=255 - images)
    np.testing.assert_array_equal(first, kept)


def test_several_instances_of_one_file_do_not_disturb_each_other(images):
    models = [LiteRTModel(weight_path("mtcnn_onet"), threads=threads) for threads in (1, 2)]
    expected = [models[0](image=batch)["score"] for batch in (images, 255 - images)]
    for _ in range(2):
        np.testing.assert_allclose(models[1](image=images)["score"], expected[0], atol=1e-5)
        np.testing.assert_allclose(models[0](image=255 - images)["score"], expected[1], atol=1e-5)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        pytest.param({}, "expected image .* Received: none", id="missing"),
        pytest.param(
            {"imgae": np.zeros((1, 48, 48, 3), np.uint8)}, "did you mean image", id="name"
        ),
        pytest.param(
            {"image": np.zeros((1, 48, 48, 3), np.float32)},
            r"uint8 and shape \(any, 48, 48, 3\). Received: float32",
            id="type",
        ),
        pytest.param(
            {"image": np.zeros((1, 24, 48, 3), np.uint8)}, r"of shape \(1, 24, 48, 3\)", id="side"
        ),
        pytest.param(
            {"image": np.zeros((48, 48, 3), np.uint8)}, r"of shape \(48, 48, 3\)", id="no batch"
        ),
        pytest.param(
            {"image": np.zeros((0, 48, 48, 3), np.uint8)}, r"of shape \(0, 48", id="empty batch"
        ),
        pytest.param({"image": [[0]]}, "Received: list", id="list"),
    ],
)
def test_inputs_that_are_not_the_models_are_refused(model, inputs, message):
    with pytest.raises(EmoError, match=message):
        model(**inputs)


def test_pictures_that_the_network_has_no_room_for_are_refused_and_leave_it_usable():
    model = LiteRTModel(weight_path("mtcnn_pnet"), threads=1)

    def run(side: int) -> np.ndarray:
        blank = np.zeros((1, side, side, 3), np.uint8)
        return model(image=blank, fraction=blank)["score"]

    with pytest.raises(EmoError, match="room for"):
        run(4)
    assert run(14).shape == (1, 2, 2, 1)
    with pytest.raises(EmoError, match="room for"):
        run(4)
    assert run(12).shape == (1, 1, 1, 1)


def without_zip() -> bytes:
    path = weight_path("mtcnn_pnet")
    with zipfile.ZipFile(path) as archive:
        start = min(item.header_offset for item in archive.infolist())
    return path.read_bytes()[:start]


def with_metadata(text: str) -> bytes:
    content = io.BytesIO(without_zip())
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("emo_tf.json", text)
    return content.getvalue()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: b"", "expected a TFLite model", id="empty"),
        pytest.param(lambda: b"Just some text, renamed.", "expected a TFLite model", id="text"),
        pytest.param(without_zip, "emo_tf.json", id="without metadata"),
        pytest.param(
            lambda: weight_path("mtcnn_pnet").read_bytes()[:9000], "damaged", id="truncated"
        ),
        pytest.param(lambda: with_metadata('{"format": 9}'), "format 1", id="later format"),
        pytest.param(lambda: with_metadata("{"), "not valid metadata", id="no JSON"),
    ],
)
def test_files_that_are_no_model_of_ours_are_named(tmp_path, make, message):
    path = tmp_path / "my modèle.tflite"
    path.write_bytes(make())
    with pytest.raises(EmoError, match=message) as caught:
        LiteRTModel(path)
    assert str(path) in str(caught.value)


def test_a_network_that_litert_refuses_is_named(tmp_path):
    content = bytearray(weight_path("mtcnn_pnet").read_bytes())
    content[8:4096] = bytes(4088)
    path = tmp_path / "broken.tflite"
    path.write_bytes(content)
    with pytest.raises(EmoError, match=r"broken.tflite: LiteRT cannot load the model"):
        LiteRTModel(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(EmoError, match=r"nowhere.tflite: no such model file"):
        LiteRTModel(tmp_path / "nowhere.tflite")
    with pytest.raises(EmoError, match="cannot be read"):
        LiteRTModel(tmp_path)


def test_threads_are_at_least_one():
    with pytest.raises(EmoError, match=r"threads: expected 1 or more\. Received: 0"):
        LiteRTModel(weight_path("mtcnn_pnet"), threads=0)


def test_the_first_interpreter_that_is_installed_serves(monkeypatch, images):
    monkeypatch.setattr(
        litert, "INTERPRETER_MODULES", ("nothing_here", "ai_edge_litert.interpreter")
    )
    assert LiteRTModel(weight_path("mtcnn_onet"))(image=images)["score"].shape == (3, 1)
    monkeypatch.setattr(litert, "INTERPRETER_MODULES", ("nothing_here",))
    with pytest.raises(EmoError, match="ai-edge-litert"):
        LiteRTModel(weight_path("mtcnn_onet"))


@pytest.mark.parametrize("first", [0, 1], ids=["LiteRT first", "TensorFlow first"])
def test_two_interpreters_have_one_file_open_and_agree(images, first):
    pytest.importorskip("tensorflow")
    modules = [litert.INTERPRETER_MODULES[index] for index in (0, 2)]
    models = [
        LiteRTModel(weight_path("mtcnn_onet"), threads=1, interpreter=name)
        for name in (modules[first], modules[1 - first])
    ]
    kinds = {type(model._interpreter).__module__ for model in models}
    assert kinds == set(modules)
    for batch in (images, 255 - images[:1]):
        one, other = (model(image=batch) for model in models)
        for name in one:
            np.testing.assert_allclose(one[name], other[name], atol=1e-4)


def test_an_interpreter_that_is_unknown_or_not_installed_is_named(monkeypatch):
    with pytest.raises(EmoError, match=r"Unknown interpreter: did you mean ai_edge_litert\.interp"):
        LiteRTModel(weight_path("mtcnn_onet"), interpreter="ai_edge_litert")
    modules = ("ai_edge_litert.interpreter", "nothing_here")
    monkeypatch.setattr(litert, "INTERPRETER_MODULES", modules)
    with pytest.raises(EmoError, match=r"one that is installed\. Received: 'nothing_here'"):
        LiteRTModel(weight_path("mtcnn_onet"), interpreter="nothing_here")


def test_a_signature_that_the_file_lacks_is_named():
    message = r"signature of .*mtcnn_onet.tflite: expected one of serving_default\. .*: 'stream'"
    with pytest.raises(EmoError, match=message):
        LiteRTModel(weight_path("mtcnn_onet"), signature="stream")


def test_nothing_is_written_to_stderr():
    code = """
import numpy as np
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.weights import weight_path
model = LiteRTModel(weight_path("mtcnn_rnet"))
blank = np.zeros((1, 24, 24, 3), np.uint8)
print(model(image=blank, fraction=blank)["score"].shape)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "(1, 1)\n"
    assert done.stderr == ""

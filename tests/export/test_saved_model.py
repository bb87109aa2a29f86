"""What a server is given: the SavedModel, its signatures and what lies beside the graph."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorflow.core.protobuf import saved_model_pb2

from emo_tf.data.emotic import person_inputs
from emo_tf.export.saved_model import (
    Signature,
    export_saved_model,
    serving_model,
    write_saved_model,
)
from emo_tf.export.warmup import EXTRA_FOLDER, WARMUP_FILE
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata
from emo_tf.models.keras_file import load_model
from tests.context_exports import as_taken, everybody, export_quickly
from tests.small_context import SIZES

pytestmark = pytest.mark.slow

BOX = (10.3, 4.0, 30.5, 41.9)
INPUTS = {"image": ImageInput(8, 12, "grey")}


@pytest.fixture(scope="module")
def path(context_export):
    return context_export.folder / "saved_model"


@pytest.fixture(scope="module")
def graph(path):
    content = (path / "saved_model.pb").read_bytes()
    (graph,) = saved_model_pb2.SavedModel.FromString(content).meta_graphs
    return graph


@pytest.fixture(scope="module")
def loaded(path):
    return tf.saved_model.load(str(path))


@pytest.fixture(scope="module")
def model(context_export) -> keras.Model:
    return load_model(context_export.run / "model.keras")[0]


@pytest.fixture(scope="module")
def serve_bytes(loaded):
    """Asks for pictures and boxes; returns arrays by name."""

    def ask(contents: list[bytes], boxes: list[tuple]) -> dict[str, np.ndarray]:
        files, people = tf.constant(contents), tf.constant(boxes, tf.float32)
        request = {"image_bytes": files, "box_xywh": people}
        answers = loaded.signatures["serve_bytes"](**request)
        return {name: value.numpy() for name, value in answers.items()}

    return ask


@pytest.fixture(scope="module")
def expected(model):
    """Answers of Keras to RGB pixels with their boxes."""

    def ask(pictures: list[np.ndarray], boxes: list[tuple]) -> dict[str, np.ndarray]:
        people = [
            person_inputs(picture, box, scene_size=SIZES["scene"], body_size=SIZES["body"])
            for picture, box in zip(pictures, boxes, strict=True)
        ]
        stacked = {name: np.stack([person[name] for person in people]) for name in model.input}
        return {name: np.array(value) for name, value in model(stacked, training=False).items()}

    return ask


def assert_equal_answers(found: dict, wanted: dict) -> None:
    assert found.keys() == wanted.keys() == {"score", "vad"}
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, atol=1e-4)


def pillow(content: bytes) -> np.ndarray:
    return np.array(Image.open(BytesIO(content)).convert("RGB"))


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (61, 53, 3), np.uint8)


def test_both_signatures_name_what_they_take_and_return(graph):
    known = {
        name: (set(signature.inputs), set(signature.outputs))
        for name, signature in graph.signature_def.items()
        if not name.startswith("__")
    }
    assert known == {
        "serving_default": ({"scene", "body", "box"}, {"score", "vad"}),
        "serve_bytes": ({"image_bytes", "box_xywh"}, {"score", "vad"}),
    }
    pixels = graph.signature_def["serving_default"].inputs["scene"]
    assert (pixels.dtype, [side.size for side in pixels.tensor_shape.dim]) == (
        tf.uint8.as_datatype_enum,
        [-1, *SIZES["scene"], 3],
    )


def shown(path: Path, signature: str) -> list[str]:
    """Returns the names that TensorFlow's command shows of a signature, inputs first."""
    tool = [sys.executable, "-m", "tensorflow.python.tools.saved_model_cli", "show"]
    which = ["--dir", str(path), "--tag_set", "serve", "--signature_def", signature]
    done = subprocess.run([*tool, *which], capture_output=True, text=True, check=True)
    return [line.split("'")[1] for line in done.stdout.splitlines() if "tensor_info" in line]


def test_the_command_of_tensorflow_shows_score_and_vad_of_people(path):
    assert shown(path, "serving_default") == ["body", "box", "scene", "score", "vad"]
    assert shown(path, "serve_bytes") == ["box_xywh", "image_bytes", "score", "vad"]


def test_the_command_of_tensorflow_shows_probabilities_of_expressions(smoke_run, tmp_path):
    run = smoke_run("expression_fer2013").folder
    export_quickly(run, tmp_path / "export", precisions=["float32"], limit=8)
    for signature, taken in {"serving_default": "image", "serve_bytes": "image_bytes"}.items():
        names = shown(tmp_path / "export" / "saved_model", signature)
        assert names == [taken, "probabilities"]


def test_the_labels_are_an_asset_of_the_graph(path, graph):
    (asset,) = graph.asset_file_def
    assert asset.filename == "labels.txt"
    lines = (path / "assets" / "labels.txt").read_text("utf-8").splitlines()
    assert tuple(lines) == EMOTIC_CATEGORIES


def test_metadata_and_warm_up_lie_where_the_server_passes_over_them(path, context_export, loaded):
    extra = path / EXTRA_FOLDER
    text = (extra / "emo_tf.json").read_text("utf-8")
    in_run = ModelMetadata.read(context_export.run / "model.keras")
    assert ModelMetadata.from_json(text, source="emo_tf.json") == in_run
    records = list(tf.data.TFRecordDataset(str(extra / WARMUP_FILE)).as_numpy_iterator())
    assert [name.encode() in record for name in loaded.signatures for record in records] == [
        True,
        False,
        False,
        True,
    ]


def test_every_variable_is_stored_once(path, model):
    stored = tf.train.list_variables(str(path / "variables" / "variables"))
    shapes = [shape for name, shape in stored if name.endswith("VARIABLE_VALUE")]
    assert sum(int(np.prod(shape)) for shape in shapes) == model.count_params()


def test_pixels_get_the_answers_of_keras(loaded, context_export, expected, model):
    people = everybody(context_export.data_dir)
    names = ["scene", "body", "box"]
    serve = loaded.signatures["serving_default"]
    taken = as_taken(people, names)
    found = serve(**{name: tf.constant(value) for name, value in taken.items()})
    wanted = model({name: people[name] for name in names}, training=False)
    assert_equal_answers({name: value.numpy() for name, value in found.items()}, wanted)
    assert np.ptp(wanted["score"], axis=0).max() > 0.01


def test_pictures_of_several_kinds_and_sizes_come_in_one_batch(
    serve_bytes, expected, photo, noise, make_jpeg, make_picture
):
    contents = [make_jpeg(noise, quality=70), make_picture(photo, "PNG"), make_jpeg(photo)]
    boxes = [(-3.5, 10.2, 40.9, 90), BOX, (0, 0, 64, 48)]
    found = serve_bytes(contents, boxes)
    # Pillow's decoder is exact, so that the graph's has to be.
    assert_equal_answers(found, expected([pillow(content) for content in contents], boxes))
    assert np.ptp(found["score"], axis=0).max() > 0.01


def test_each_picture_is_answered_as_if_it_came_alone(serve_bytes, photo, noise, make_picture):
    contents = [make_picture(noise, "PNG"), make_picture(photo, "PNG")]
    both = serve_bytes(contents, [BOX, BOX])
    for row, content in enumerate(contents):
        for name, value in serve_bytes([content], [BOX]).items():
            np.testing.assert_allclose(value[0], both[name][row], rtol=1e-5, atol=1e-5)


def test_a_rotation_in_exif_is_not_looked_at(serve_bytes, photo, make_jpeg):
    turned, upright = make_jpeg(photo, orientation=6), make_jpeg(photo)
    assert Image.open(BytesIO(turned)).getexif()[0x0112] == 6
    assert_equal_answers(serve_bytes([turned], [BOX]), serve_bytes([upright], [BOX]))


@pytest.mark.parametrize("mode", ["L", "RGBA", "P"], ids=["grey", "transparent", "palette"])
def test_a_png_of_other_colours_is_taken_as_rgb(serve_bytes, expected, photo, make_picture, mode):
    content = make_picture(photo, "PNG", mode=mode)
    assert Image.open(BytesIO(content)).mode == mode
    assert_equal_answers(serve_bytes([content], [BOX]), expected([pillow(content)], [BOX]))


def test_what_cannot_be_answered_is_an_error_and_the_next_request_is_answered(
    serve_bytes, photo, make_jpeg, make_picture
):
    good = make_picture(photo, "PNG")
    before = serve_bytes([good], [BOX])
    malformed = [b"", b"no picture", good[:60], make_jpeg(photo)[:300]]
    for content in malformed:
        with pytest.raises(tf.errors.InvalidArgumentError):
            serve_bytes([good, content], [BOX, BOX])
    for box in [(0, 0, 0, 9), (64, 0, 5, 5), (1, 1, np.nan, 5), (3, 3, -2, 5)]:
        with pytest.raises(tf.errors.InvalidArgumentError, match="a box with an area"):
            serve_bytes([good], [box])
    assert_equal_answers(serve_bytes([good], [BOX]), before)


@pytest.fixture(scope="module")
def means() -> keras.Model:
    """A model from a picture and a number to the mean of the picture times the number."""
    image, factor = keras.Input((8, 12, 1), name="image"), keras.Input((1,), name="factor")
    pooled = keras.layers.GlobalAveragePooling2D()(image)
    product = keras.layers.Multiply()([pooled, factor])
    return keras.Model({"image": image, "factor": factor}, product, name="means")


ARRAYS = {"factor": ArrayInput((1,), "a number")}


def test_a_serving_model_takes_bytes_and_numbers_by_name(means):
    serving = serving_model(
        means, inputs=INPUTS, arrays=ARRAYS, outputs=lambda product: {"product": product}
    )
    types = {name: (tensor.dtype, tensor.shape) for name, tensor in serving.input.items()}
    assert types == {"image": ("uint8", (None, 8, 12, 1)), "factor": ("float32", (None, 1))}
    taken = {"image": np.full((2, 8, 12, 1), 7, np.uint8), "factor": np.float32([[2], [3]])}
    np.testing.assert_allclose(serving.predict_on_batch(taken)["product"], [[14], [21]])


def test_further_signatures_stand_beside_the_first(means, tmp_path):
    serving = serving_model(
        means, inputs=INPUTS, arrays=ARRAYS, outputs=lambda product: {"product": product}
    )

    def ones(tensors: dict) -> dict:
        image = tf.ones((tf.shape(tensors["factor"])[0], 8, 12, 1), tf.uint8)
        return dict(serving({"image": image, "factor": tensors["factor"]}))

    signature = Signature(inputs={"factor": tf.TensorSpec((None, 1), name="factor")}, function=ones)
    path = write_saved_model(serving, tmp_path / "saved", signatures={"ones": signature})
    loaded = tf.saved_model.load(str(path))
    assert sorted(loaded.signatures) == ["ones", "serving_default"]
    found = loaded.signatures["ones"](factor=tf.constant([[2.0], [5.0]]))
    np.testing.assert_allclose(found["product"], [[2], [5]])
    assert not list(path.glob("assets/*"))


def test_a_saved_model_is_replaced_whole(means, tmp_path):
    path = tmp_path / "saved_model"
    path.mkdir()
    (path / "left over").touch()
    options = {"inputs": INPUTS, "arrays": ARRAYS}

    def fail(product):
        raise RuntimeError("no outputs")

    with pytest.raises(RuntimeError, match="no outputs"):
        export_saved_model(means, path, outputs=fail, **options)
    assert [file.name for file in tmp_path.rglob("*")] == ["saved_model", "left over"]
    export_saved_model(means, path, outputs=lambda product: {"product": product}, **options)
    assert (path / "saved_model.pb").is_file()
    assert not (path / "left over").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["saved_model"]

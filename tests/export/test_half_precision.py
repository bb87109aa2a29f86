import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from emo_tf.errors import EmoError
from emo_tf.export.half_precision import refine_half_precision, round_together
from emo_tf.export.saved_model import export_saved_model
from emo_tf.export.tflite import convert_tflite
from emo_tf.model_metadata import ImageInput

pytestmark = pytest.mark.slow

INPUTS = {"image": ImageInput(24, 24)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A SavedModel with a convolution, one by channel, a dense layer and their biases."""
    keras.utils.set_random_seed(0)
    image = keras.Input((24, 24, 3), name="image")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(image)
    x = keras.layers.Conv2D(64, 3, activation="relu", bias_initializer="random_normal")(x)
    x = keras.layers.DepthwiseConv2D(5, activation="relu", bias_initializer="random_normal")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dense(32, bias_initializer=keras.initializers.Constant(0.55))(x)
    model = keras.Model(image, x)
    path = tmp_path_factory.mktemp("half") / "saved_model"
    return export_saved_model(model, path, inputs=INPUTS, outputs=lambda x: {"score": x})


@pytest.fixture(scope="module")
def floats(folder) -> bytes:
    return convert_tflite(folder)


@pytest.fixture(scope="module")
def plain(folder) -> bytes:
    """What TensorFlow's converter makes by itself."""
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


def answer(content: bytes) -> np.ndarray:
    patches = np.random.default_rng(0).integers(0, 256, (8, 4, 4, 3), np.uint8)
    images = patches.repeat(6, axis=1).repeat(6, axis=2)
    runner = Interpreter(model_content=content).get_signature_runner("serving_default")
    return runner(image=images)["score"]


def constants(content: bytes) -> dict[tuple[int, ...], set[int]]:
    """Returns the types of the constants by shape."""
    model = schema.ModelT.InitFromPackedBuf(content)
    graph, found = model.subgraphs[0], {}
    for tensor in graph.tensors:
        if model.buffers[tensor.buffer].data is not None:
            found.setdefault(tuple(map(int, tensor.shape)), set()).add(tensor.type)
    return found


def test_answers_come_much_nearer_to_those_of_float32(floats, plain, folder):
    expected = answer(floats)
    before, after = (
        np.abs(answer(content) - expected).mean()
        for content in (plain, convert_tflite(folder, quantisation="float16"))
    )
    assert 0 < after < 0.4 * before


def test_large_weights_are_halves_and_biases_are_not(floats, plain):
    types = constants(refine_half_precision(plain, floats))
    half, full = {schema.TensorType.FLOAT16}, {schema.TensorType.FLOAT32}
    assert types[(64, 3, 3, 3)] == types[(1, 5, 5, 64)] == types[(32, 64)] == half
    assert types[(64,)] == types[(32,)] == full


def test_the_size_stays_nearly_the_same(floats, plain):
    refined = refine_half_precision(plain, floats)
    assert len(refined) < 1.2 * len(plain) < len(floats)


def test_another_model_is_refused(plain, tmp_path):
    image = keras.Input((24, 24, 3), name="image")
    model = keras.Model(image, keras.layers.GlobalAveragePooling2D()(image))
    path = export_saved_model(
        model, tmp_path / "saved_model", inputs=INPUTS, outputs=lambda x: {"score": x}
    )
    with pytest.raises(EmoError, match="expected the operations of the float32 model"):
        refine_half_precision(plain, convert_tflite(path))


@pytest.mark.parametrize("axis", [0, 3], ids=["outputs first", "outputs last"])
def test_errors_of_an_output_cancel_and_stay_small_each(axis):
    weights = np.random.default_rng(0).normal(0, 0.1, (16, 3, 3, 16)).astype(np.float32)
    rounded = round_together(weights, axis=axis)
    assert (rounded.dtype, rounded.shape) == (np.float16, weights.shape)
    errors = np.moveaxis(rounded.astype(np.float64) - weights, axis, 0).reshape(16, -1)
    plainly = np.moveaxis(weights.astype(np.float16) - weights, axis, 0).reshape(16, -1)
    assert np.abs(errors.sum(axis=1)).max() < 0.02 * np.abs(plainly.sum(axis=1)).max()
    # No weight goes further than to the other of the two halves that it lies between.
    gap = np.abs(np.nextafter(rounded, np.float16(0)).astype(np.float64) - rounded)
    assert (np.abs(rounded.astype(np.float64) - weights) <= 2 * gap).all()


def test_what_is_a_half_already_stays(floats):
    halves = np.array([[0.5, -0.25, 1.0, 0.0, 65504.0]], np.float32)
    np.testing.assert_array_equal(round_together(halves, axis=0), halves)


def test_a_bias_of_zeros_takes_nothing_from_indices_of_zeros(tmp_path):
    """Eight halves and four integers are of one length, and of one buffer if all are zero."""
    image = keras.Input((24, 24, 3), name="image")
    x = keras.layers.Conv2D(8, 3, activation="relu", name="zero_bias")(image)
    x = keras.layers.Cropping2D(((0, 2), (0, 2)))(x)  # begins at (0, 0, 0, 0)
    model = keras.Model(image, keras.layers.GlobalAveragePooling2D()(x))
    export_saved_model(model, tmp_path / "m", inputs=INPUTS, outputs=lambda x: {"score": x})
    exact, half = (
        answer(convert_tflite(tmp_path / "m", quantisation=name)) for name in ("float32", "float16")
    )
    np.testing.assert_allclose(half, exact, rtol=1e-2, atol=1e-2)

import struct

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

from emo_tf.errors import EmoError
from emo_tf.export.metadata import embed_metadata
from emo_tf.export.operations import check_built_in
from emo_tf.export.saved_model import export_saved_model
from emo_tf.export.tflite import QUANTISATIONS, convert_tflite
from emo_tf.model_metadata import ImageInput, ModelMetadata
from emo_tf.runtime.litert import LiteRTModel
from tests.unknown_operation import Gamma, besides_log

INPUTS = {"image": ImageInput(12, 16, "grey")}
TEMPERATURE = 1.5
# Against the Keras model, on probabilities.
TOLERANCES = {"float32": 1e-5, "float16": 2e-3, "int8": 0.02}


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Noise from dark to light, shape (8, 12, 16, 1)."""
    noise = np.random.default_rng(0).integers(0, 60, (8, 12, 16, 1))
    return (noise + np.linspace(0, 195, 8)[:, None, None, None]).astype(np.uint8)


@pytest.fixture(scope="module")
def network(images) -> keras.Model:
    keras.utils.set_random_seed(0)
    image = keras.Input((12, 16, 1), name="image")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(image)
    x = keras.layers.Conv2D(8, 3, padding="same", use_bias=False)(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.ReLU()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(image, keras.layers.Dense(3, kernel_initializer="random_normal")(x))
    model.layers[-1].kernel.assign(30 * model.layers[-1].kernel)
    return model


@pytest.fixture(scope="module")
def saved_model(network, tmp_path_factory):
    def outputs(logits):
        return {"probabilities": keras.ops.softmax(logits / TEMPERATURE), "logits": logits}

    return export_saved_model(
        network, tmp_path_factory.mktemp("export") / "saved_model", inputs=INPUTS, outputs=outputs
    )


METADATA = ModelMetadata(
    name="test",
    task="expression",
    description="",
    version="1",
    inputs=INPUTS,
    outputs={"probabilities": "", "logits": ""},
    labels=("one", "two", "three"),
)


@pytest.fixture(scope="module")
def contents(saved_model, images) -> dict[str, bytes]:
    """The model in each kind."""
    return {
        quantisation: convert_tflite(
            saved_model,
            quantisation=quantisation,
            representative=lambda: ({"image": image[None]} for image in images),
        )
        for quantisation in QUANTISATIONS
    }


def load(content: bytes, path) -> LiteRTModel:
    path.write_bytes(embed_metadata(content, METADATA))
    return LiteRTModel(path, threads=1)


def types_of(content: bytes, operation: str) -> list[tuple[list[str], list[str]]]:
    """Returns the types of what each such operation takes and returns."""
    model = schema.ModelT.InitFromPackedBuf(content)
    (graph,) = model.subgraphs
    names = {code: name for name, code in vars(schema.TensorType).items() if name.isupper()}
    code = getattr(schema.BuiltinOperator, operation)

    def types(tensors) -> list[str]:
        return [names[graph.tensors[tensor].type] for tensor in tensors]

    return [
        (types(operator.inputs), types(operator.outputs))
        for operator in graph.operators
        if model.operatorCodes[operator.opcodeIndex].builtinCode == code
    ]


def test_the_saved_model_takes_bytes_and_returns_what_keras_does(saved_model, network, images):
    serve = tf.saved_model.load(str(saved_model)).signatures["serving_default"]
    outputs = serve(image=tf.constant(images))
    logits = network.predict(images, verbose=0)
    np.testing.assert_allclose(outputs["logits"], logits, atol=1e-5)
    expected = keras.ops.softmax(logits / TEMPERATURE)
    np.testing.assert_allclose(outputs["probabilities"], expected, atol=1e-5)


@pytest.mark.parametrize("quantisation", QUANTISATIONS)
def test_all_kinds_take_bytes_and_agree_with_keras(
    quantisation, contents, network, images, tmp_path
):
    outputs = load(contents[quantisation], tmp_path / "model.tflite")(image=images)
    expected = keras.ops.softmax(network.predict(images, verbose=0) / TEMPERATURE)
    assert float(np.ptp(expected, axis=0).max()) > 3 * TOLERANCES[quantisation]
    np.testing.assert_allclose(outputs["probabilities"], expected, atol=TOLERANCES[quantisation])
    np.testing.assert_allclose(outputs["probabilities"].sum(axis=1), 1, atol=1e-6)
    assert outputs["logits"].dtype == np.float32


@pytest.mark.parametrize("quantisation", QUANTISATIONS)
def test_all_kinds_are_made_of_built_in_operations(quantisation, contents, tmp_path):
    (tmp_path / "model.tflite").write_bytes(contents[quantisation])
    check_built_in(tmp_path / "model.tflite")


def test_int8_has_convolutions_of_integers_and_a_head_in_float32(contents):
    assert types_of(contents["int8"], "CONV_2D") == [(["INT8", "INT8", "INT32"], ["INT8"])]
    ((given, returned),) = types_of(contents["int8"], "FULLY_CONNECTED")
    assert {*given, *returned} == {"FLOAT32"}
    assert types_of(contents["int8"], "SOFTMAX") == [(["FLOAT32"], ["FLOAT32"])]


@pytest.mark.parametrize("quantisation", ["float32", "float16"])
def test_the_other_kinds_compute_in_float32(quantisation, contents):
    ((given, returned),) = types_of(contents[quantisation], "CONV_2D")
    assert {*given, *returned} == {"FLOAT32"}


@pytest.mark.parametrize("quantisation", QUANTISATIONS)
def test_androids_tools_find_labels_and_a_normalisation_that_changes_nothing(
    quantisation, contents
):
    model = schema.ModelT.InitFromPackedBuf(embed_metadata(contents[quantisation], METADATA))
    (buffer,) = [item.buffer for item in model.metadata if item.name == b"TFLITE_METADATA"]
    table = bytes(model.buffers[buffer].data)
    assert table.count(b"labels.txt") == len(METADATA.outputs)  # both have a number a label
    mean, deviation = struct.pack("<If", 1, 0.0), struct.pack("<If", 1, 1.0)  # vectors of length 1
    assert (mean in table, deviation in table) == (True, True)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_too_few_examples_to_set_ranges_by_are_refused(saved_model, images, count):
    with pytest.raises(
        EmoError, match=rf"expected 8 examples or more, as the ranges .* Received: {count}"
    ):
        convert_tflite(
            saved_model,
            quantisation="int8",
            representative=lambda: ({"image": image[None]} for image in images[:count]),
        )


@pytest.mark.parametrize("quantisation", QUANTISATIONS)
def test_an_operation_that_tflite_does_not_know_is_one_error_that_names_it(
    quantisation, network, images, tmp_path, capfd
):
    unknown = keras.Model(network.input, Gamma()(network.output))
    folder = export_saved_model(
        unknown, tmp_path / "saved_model", inputs=INPUTS, outputs=lambda x: {"gamma": x}
    )
    capfd.readouterr()
    with pytest.raises(EmoError, match=r"operations that TFLite knows.* Received: tf\.Igamma$"):
        convert_tflite(
            folder,
            quantisation=quantisation,
            representative=lambda: ({"image": image[None]} for image in images),
        )
    out, err = capfd.readouterr()
    assert (out, besides_log(err)) == ("", [])


def test_an_unknown_quantisation_and_missing_images_are_refused(saved_model):
    with pytest.raises(EmoError, match=r"did you mean int8|int8"):
        convert_tflite(saved_model, quantisation="int9")
    with pytest.raises(EmoError, match=r"representative.*: expected a function"):
        convert_tflite(saved_model, quantisation="int8")
    assert QUANTISATIONS == ("float32", "float16", "int8")

import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.export.metadata import embed_metadata
from emo_tf.export.saved_model import export_saved_model
from emo_tf.export.tflite import QUANTISATIONS, convert_tflite
from emo_tf.model_metadata import ImageInput, ModelMetadata
from emo_tf.runtime.litert import LiteRTModel

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


def load(content: bytes, path) -> LiteRTModel:
    metadata = ModelMetadata(
        name="test",
        task="expression",
        description="",
        version="1",
        inputs=INPUTS,
        outputs={"probabilities": "", "logits": ""},
        labels=("one", "two", "three"),
    )
    path.write_bytes(embed_metadata(content, metadata))
    return LiteRTModel(path, threads=1)


def test_the_saved_model_takes_bytes_and_returns_what_keras_does(saved_model, network, images):
    import tensorflow as tf

    serve = tf.saved_model.load(str(saved_model)).signatures["serving_default"]
    outputs = serve(image=tf.constant(images))
    logits = network.predict(images, verbose=0)
    np.testing.assert_allclose(outputs["logits"], logits, atol=1e-5)
    expected = keras.ops.softmax(logits / TEMPERATURE)
    np.testing.assert_allclose(outputs["probabilities"], expected, atol=1e-5)


@pytest.mark.parametrize("quantisation", QUANTISATIONS)
def test_all_kinds_take_bytes_and_agree_with_keras(
    quantisation, saved_model, network, images, tmp_path
):
    content = convert_tflite(
        saved_model,
        quantisation=quantisation,
        representative=lambda: ({"image": image[None]} for image in images),
    )
    outputs = load(content, tmp_path / "model.tflite")(image=images)
    expected = keras.ops.softmax(network.predict(images, verbose=0) / TEMPERATURE)
    assert float(np.ptp(expected, axis=0).max()) > 3 * TOLERANCES[quantisation]
    np.testing.assert_allclose(outputs["probabilities"], expected, atol=TOLERANCES[quantisation])
    np.testing.assert_allclose(outputs["probabilities"].sum(axis=1), 1, atol=1e-6)
    assert outputs["logits"].dtype == np.float32


def test_a_saved_model_is_replaced_whole(network, tmp_path):
    path = tmp_path / "saved_model"
    path.mkdir()
    (path / "left over").touch()

    def fail(logits):
        raise RuntimeError("no outputs")

    with pytest.raises(RuntimeError, match="no outputs"):
        export_saved_model(network, path, inputs=INPUTS, outputs=fail)
    assert [file.name for file in tmp_path.rglob("*")] == ["saved_model", "left over"]
    export_saved_model(network, path, inputs=INPUTS, outputs=lambda logits: {"logits": logits})
    assert (path / "saved_model.pb").is_file()
    assert not (path / "left over").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["saved_model"]


def test_an_unknown_quantisation_and_missing_images_are_refused(saved_model):
    with pytest.raises(EmoError, match=r"did you mean int8|int8"):
        convert_tflite(saved_model, quantisation="int9")
    with pytest.raises(EmoError, match="representative: expected a function"):
        convert_tflite(saved_model, quantisation="int8")
    assert QUANTISATIONS == ("float32", "float16", "int8")

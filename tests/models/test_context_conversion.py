import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from emo_tf import models
from emo_tf.export.metadata import embed_metadata
from emo_tf.export.saved_model import export_saved_model
from emo_tf.export.tflite import convert_tflite
from emo_tf.models.context_fusion import context_metadata
from emo_tf.runtime.litert import LiteRTModel

SMALL = {
    "scene_size": (64, 48),
    "body_size": (48, 64),
    "scene_backbone": "mobilenet_v3_small",
    "body_backbone": "mobilenet_v3_small",
}
PEOPLE = 3
BOXES = np.array([[0.25, 0.25, 0.5, 0.5], [-0.2, 0.1, 0.5, 2.0], [0, 0, 0, 0]], np.float32)

pytestmark = pytest.mark.slow

Arrays = dict[str, np.ndarray]


def create(**arguments) -> keras.Model:
    """Builds a model whose features differ from picture to picture; fresh ones hardly do."""
    model = models.create("context_fusion", **SMALL, **arguments)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if len(weight.shape) == 4:
            channels = 1 if "depthwise" in weight.path else weight.shape[2]
            deviation = np.sqrt(2 / (weight.shape[0] * weight.shape[1] * channels))
            weight.assign(rng.normal(0, deviation, weight.shape))
        elif len(weight.shape) == 2:
            weight.assign(rng.normal(0, 1, weight.shape))
    return model


@pytest.fixture(scope="module")
def pictures() -> Arrays:
    rng = np.random.default_rng(1)
    return {
        branch: rng.integers(0, 256, (PEOPLE, *SMALL[f"{branch}_size"], 3), np.uint8)
        for branch in ("scene", "body")
    }


def assert_near(found: Arrays, expected: Arrays) -> None:
    """Checks that outputs are near, in proportion to how far those of the people lie apart."""
    assert found.keys() == expected.keys() == {"score", "vad"}
    for name, value in expected.items():
        apart = np.ptp(value, axis=0).max()
        assert apart > 0.1 * np.abs(value).max()
        assert np.abs(found[name] - value).max() <= 1e-4 * apart


def test_a_file_for_the_phone_takes_bytes_and_answers_as_keras_does(pictures, tmp_path):
    model = create(score_kind="sigmoid")
    metadata = context_metadata(model, version="1", thresholds={"Peace": 0.5})
    folder = export_saved_model(
        model, tmp_path / "saved_model", inputs=metadata.inputs, outputs=lambda outputs: outputs
    )
    path = tmp_path / "model.tflite"
    path.write_bytes(embed_metadata(convert_tflite(folder), metadata))
    converted = LiteRTModel(path, threads=1)
    assert converted.metadata == metadata
    assert_near(converted(**pictures), model.predict(pictures, verbose=0))


def test_a_file_that_paints_the_person_out_answers_as_keras_does(pictures, tmp_path):
    model = create(blank_person=True)
    inputs = {name: value.astype(np.float32) for name, value in pictures.items()} | {"box": BOXES}
    model.export(tmp_path / "saved_model", format="tf_saved_model", verbose=False)
    interpreter = Interpreter(model_content=convert_tflite(tmp_path / "saved_model"))
    run = interpreter.get_signature_runner("serving_default")
    expected = model.predict(inputs, verbose=0)
    assert_near(run(**inputs), expected)
    with_person = model.predict(inputs | {"box": np.zeros_like(BOXES)}, verbose=0)
    assert (with_person["score"][:2] != expected["score"][:2]).all()
    np.testing.assert_array_equal(with_person["score"][2], expected["score"][2])

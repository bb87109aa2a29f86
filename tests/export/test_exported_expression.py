"""The files of a model of expressions, as they come out of a whole export."""

import json

import numpy as np
import pytest
import tensorflow as tf

from emo_tf.data.fer2013 import load_fer2013
from emo_tf.export.exporter import export_model
from emo_tf.export.folder import digest
from emo_tf.export.sources import read_exportables
from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.classification import classification_report
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.keras_file import load_model
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.training.calibrate import softmax

PRECISIONS = ("float32", "float16", "int8")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(smoke_run):
    return smoke_run("expression_fer2013")


@pytest.fixture(scope="module")
def faces(run):
    return load_fer2013(manual_dir=run.manual_dir, data_dir=run.data_dir).public_test


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory):
    """The folder of the export and its report."""
    out = tmp_path_factory.mktemp("exported") / "export"
    return out, export_model(read_exportables(run.folder)[""], out, note="Made up.")


@pytest.fixture(scope="module")
def expected(run, faces):
    """What the Keras model says about PublicTest."""
    model, metadata = load_model(run.folder / "model.keras")
    return softmax(model.predict(faces.images, verbose=0) / metadata.temperature)


@pytest.fixture(scope="module")
def found(exported, faces):
    """What each `.tflite` file says about PublicTest."""
    models = {name: LiteRTModel(exported[0] / f"model_{name}.tflite") for name in PRECISIONS}
    return {name: model(image=faces.images)["probabilities"] for name, model in models.items()}


def test_all_that_can_be_had_appears_and_nothing_else(exported):
    assert {path.name for path in exported[0].iterdir()} == {
        "saved_model",
        *(f"model_{precision}.tflite" for precision in PRECISIONS),
        "labels.txt",
        "model_card.md",
        "report.json",
    }
    assert (exported[0] / "labels.txt").read_text().split() == list(EXPRESSIONS)


def test_all_files_say_the_same_about_themselves(exported, run):
    metadata = ModelMetadata.read(run.folder / "model.keras")
    for precision in PRECISIONS:
        assert LiteRTModel(exported[0] / f"model_{precision}.tflite").metadata == metadata
    beside = exported[0] / "saved_model" / "assets.extra" / "emo_tf.json"
    assert ModelMetadata.from_json(beside.read_text(), source=beside.name) == metadata


@pytest.mark.parametrize(("precision", "atol"), [("float32", 1e-5), ("float16", 1e-2)])
def test_floats_say_what_keras_does(found, expected, precision, atol):
    np.testing.assert_allclose(found[precision], expected, atol=atol)
    np.testing.assert_allclose(found[precision].sum(axis=1), 1, atol=1e-5)
    assert np.ptp(expected, axis=0).max() > 0.05


def test_integers_mostly_say_what_keras_does(found, expected):
    integers = found["int8"]
    assert (integers.argmax(axis=1) == expected.argmax(axis=1)).mean() >= 0.85
    assert np.abs(integers - expected).mean() < 0.05
    np.testing.assert_allclose(integers.sum(axis=1), 1, atol=1e-5)


def test_the_server_answers_files_as_it_answers_pixels(exported, faces, expected, make_picture):
    loaded = tf.saved_model.load(str(exported[0] / "saved_model"))
    pictures = faces.images[:5]
    encoded = [make_picture(picture[..., 0], "PNG") for picture in pictures]
    by_bytes = loaded.signatures["serve_bytes"](image_bytes=tf.constant(encoded))
    by_pixels = loaded.signatures["serving_default"](image=tf.constant(pictures))
    assert set(by_bytes) == set(by_pixels) == {"probabilities"}
    np.testing.assert_allclose(by_bytes["probabilities"], by_pixels["probabilities"], atol=1e-6)
    np.testing.assert_allclose(by_pixels["probabilities"], expected[:5], atol=1e-5)


def test_the_figures_are_those_of_the_files(exported, found, faces):
    out, report = exported
    assert json.loads((out / "report.json").read_text()) == report
    assert report["model"]["source"].endswith("model.keras")
    for precision, probabilities in found.items():
        file = report["files"][precision]
        expected = classification_report(probabilities, faces.labels, names=EXPRESSIONS)
        for metric, value in file["metrics"].items():
            assert value == pytest.approx(expected[metric], abs=1e-3)
        assert file["slices"]["label=sad"]["accuracy"] == expected["recall"]["sad"]
        assert file["slices"]["pixels_in_training=no"]["examples"] == 7 * 7
        path = out / file["path"]
        assert (file["bytes"], file["sha256"]) == (path.stat().st_size, digest(path))


def test_the_card_holds_what_was_measured(exported):
    out, report = exported
    card = (out / "model_card.md").read_text()
    for file in report["files"].values():
        line = next(line for line in card.splitlines() if line.startswith(f"| `{file['path']}` |"))
        assert f"{file['bytes'] / 1e6:.2f} MB | {file['metrics']['accuracy']:.4f} |" in line
    assert "1. `emo-tf train expression_fer2013`: 2 epochs in batches of" in card
    assert "32 px from 0%, 48 px from 50% of the way" in card
    assert "\n\nMade up.\n" in card

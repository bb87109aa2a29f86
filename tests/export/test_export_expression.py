import shutil
import sys

import keras
import numpy as np
import pytest

from emo_tf.data.fer2013 import load_fer2013
from emo_tf.errors import EmoError
from emo_tf.export import expression as module
from emo_tf.export.expression import export_expression, measure_file, predict_file
from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.classification import classification_report
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.training.calibrate import softmax

FILES = ("expression_float16.tflite", "expression_int8.tflite", "expression.md")


@pytest.fixture(scope="module")
def run(smoke_run):
    return smoke_run("expression_fer2013")


@pytest.fixture(scope="module")
def data(run):
    return load_fer2013(manual_dir=run.manual_dir, data_dir=run.data_dir)


@pytest.fixture(scope="module")
def exported(run, data, tmp_path_factory):
    """What was exported: the folder and the reports; the run itself stays as it was."""
    folder = shutil.copytree(run.folder, tmp_path_factory.mktemp("exported") / "run")
    out = folder.parent / "weights"
    return out, export_expression(folder, data=data, out=out, note="Made up.")


@pytest.fixture(scope="module")
def probabilities(run, data):
    """What the Keras model says about PublicTest."""
    model = keras.models.load_model(run.folder / "model.keras")
    logits = model.predict(data.public_test.images, verbose=0)
    return softmax(logits / run.metrics["temperature"])


@pytest.mark.parametrize("name", ["metrics.json", "model.keras"])
def test_a_run_that_has_not_ended_is_an_error_and_writes_nothing(run, tmp_path, name):
    folder = shutil.copytree(run.folder, tmp_path / "run")
    (folder / name).unlink()
    with pytest.raises(EmoError, match=f"expected a finished run. Received: no {name}"):
        export_expression(folder, data=None, out=tmp_path / "weights")
    assert not (tmp_path / "weights").exists()


def test_the_command_ends_with_one_line_where_data_are_missing(monkeypatch, capsys, tmp_path):
    arguments = ["--run", tmp_path, "--manual-dir", tmp_path / "missing", "--out", tmp_path]
    options = ["--data-dir", tmp_path / "data"]
    monkeypatch.setattr(sys, "argv", ["export", *map(str, arguments + options)])
    with pytest.raises(SystemExit) as end:
        module.main()
    assert end.value.code == 2
    assert "error: fer2013: " in capsys.readouterr().err


@pytest.mark.slow
def test_two_files_and_a_card_appear_and_nothing_else(exported):
    out, reports = exported
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert list(reports) == ["float16", "int8"]
    assert {name: report["bytes"] for name, report in reports.items()} == {
        "float16": (out / FILES[0]).stat().st_size,
        "int8": (out / FILES[1]).stat().st_size,
    }


@pytest.mark.slow
def test_both_files_say_the_same_about_themselves(exported, run):
    metadata, other = (LiteRTModel(exported[0] / name).metadata for name in FILES[:2])
    assert metadata == other
    assert metadata.labels == EXPRESSIONS
    assert (metadata.name, metadata.task) == ("expression", "expression")
    assert metadata.temperature == run.metrics["temperature"]
    image = metadata.inputs["image"]
    assert (image.height, image.width, image.colour) == (48, 48, "grey")
    assert metadata.crop["preset"]
    assert metadata.provenance["experiments"] == ["expression_fer2013"]


@pytest.mark.slow
def test_half_precision_says_what_keras_does(exported, data, probabilities):
    found = predict_file(exported[0] / FILES[0], data.public_test.images)
    np.testing.assert_allclose(found, probabilities, atol=1e-2)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert np.ptp(probabilities, axis=0).max() > 0.05


@pytest.mark.slow
def test_integers_mostly_say_what_keras_does(exported, data, probabilities):
    found = predict_file(exported[0] / FILES[1], data.public_test.images)
    assert (found.argmax(axis=1) == probabilities.argmax(axis=1)).mean() >= 0.85
    assert np.abs(found - probabilities).mean() < 0.05
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


@pytest.mark.slow
def test_the_figures_are_those_of_the_files(exported, data):
    out, reports = exported
    for name, report in reports.items():
        path = out / f"expression_{name}.tflite"
        found = predict_file(path, data.public_test.images)
        expected = classification_report(found, data.public_test.labels, names=EXPRESSIONS)
        assert report["public_test"] == expected
        assert measure_file(path, data) == {
            part: report[part] for part in ("public_test", "public_test_without_duplicates")
        }
        assert report["public_test_without_duplicates"]["examples"] == 7 * 7


@pytest.mark.slow
def test_the_card_holds_what_was_measured(exported):
    out, reports = exported
    card = (out / "expression.md").read_text()
    for name, report in reports.items():
        line = next(line for line in card.splitlines() if line.startswith(f"| `expression_{name}"))
        assert f"{report['public_test']['accuracy']:.2%}" in line
        assert f"{report['bytes'] / 1e6:.2f} MB" in line
    assert "Made up." in card


@pytest.mark.slow
def test_batches_make_no_difference(exported, data):
    path, images = exported[0] / FILES[0], data.public_test.images[:10]
    whole = predict_file(path, images)
    np.testing.assert_allclose(predict_file(path, images, batch=3), whole, atol=1e-6)
    assert whole.shape == (10, 7)

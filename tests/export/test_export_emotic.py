"""A model of people in context as what is exported: its people, its labels, its files."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf.data import builders
from emo_tf.data.emotic import person_inputs
from emo_tf.data.people import People
from emo_tf.errors import EmoError
from emo_tf.export import emotic as module
from emo_tf.export.emotic import emotic_exportable
from emo_tf.export.run_files import read_run_files
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.models.context_fusion import context_metadata
from emo_tf.models.keras_file import load_model, save_model
from emo_tf.runtime.context import ContextClassifier
from emo_tf.runtime.litert import LiteRTModel
from tests.context_exports import as_taken, everybody, export_quickly, small_run
from tests.small_context import SIZES, small_context_fusion

KINDS = {
    "both": {"score_kind": "sigmoid"},
    "body": {"branches": ("body",)},
    "scene": {"branches": ("scene",)},
    "without person": {"blank_person": True},
}
INPUTS = {
    "both": ["scene", "body"],
    "body": ["body"],
    "scene": ["scene"],
    "without person": ["scene", "body", "box"],
}
BOX = (10.3, -4.0, 30.5, 41.9)


@pytest.fixture(scope="module")
def runs(tmp_path_factory, emotic_twin):
    """Writes a run of each kind of model, once."""
    folder = tmp_path_factory.mktemp("runs")
    return {
        kind: small_run(folder / kind, small_context_fusion(**arguments), data_dir=emotic_twin)
        for kind, arguments in KINDS.items()
    }


@pytest.fixture(scope="module")
def exportables(runs):
    return {kind: emotic_exportable(read_run_files(run)) for kind, run in runs.items()}


@pytest.fixture(scope="module")
def body(runs):
    return read_run_files(runs["body"])


@pytest.fixture(scope="module")
def people(emotic_twin):
    """Everybody in the split that is measured on."""
    return everybody(emotic_twin)


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_are_the_people_of_test_as_the_files_take_them(exportables, people, kind):
    examples = exportables[kind].examples
    (batch,) = examples.batches()
    expected = as_taken(people, INPUTS[kind])
    assert batch.keys() == expected.keys()
    for name, values in expected.items():
        assert batch[name].dtype == values.dtype
        np.testing.assert_array_equal(batch[name], values)
    assert (examples.count, examples.real) == (6, True)
    assert examples.source == "people of emotic, split test"


def test_a_limit_takes_the_first_people_their_labels_and_slices(body, people):
    few = emotic_exportable(body, limit=4).examples
    (inputs,) = few.batches()
    np.testing.assert_array_equal(inputs["body"], people["body"][:4])
    outputs = {"score": np.zeros((4, 26)), "vad": people["vad"][:4] + 0.25}
    measured = few.labels.measure(outputs)
    assert measured.metrics["vad_mean_absolute_error"] == 0.25
    assert sum(part["examples"] for part in measured.slices.values()) == 2 * 4
    assert few.count == 4


def test_perfect_outputs_reach_perfect_figures(exportables, people):
    labels = exportables["body"].examples.labels
    measured = labels.measure({"score": people["categories"], "vad": people["vad"]})
    assert dict(measured.metrics) == {
        "mean_average_precision": 1.0,
        "vad_mean_absolute_error": 0.0,
    }
    assert {part["mean_average_precision"] for part in measured.slices.values()} == {1.0}
    assert list(labels.better) == list(measured.metrics)
    assert (labels.dataset, labels.split) == ("emotic", "test")
    assert all(f"| {category} |" in measured.details for category in EMOTIC_CATEGORIES)


def test_more_people_than_a_batch_come_once_and_in_order(body, monkeypatch, people):
    monkeypatch.setattr(module, "AT_A_TIME", 4)
    examples = emotic_exportable(body).examples
    batches = [batch["body"] for batch in examples.batches()]
    assert [len(batch) for batch in batches] == [4, 2]
    expected = as_taken(people, ["body"])["body"]
    np.testing.assert_array_equal(np.concatenate(batches), expected)


def test_ranges_of_int8_come_from_people_of_train_one_at_a_time(body, monkeypatch, emotic_twin):
    monkeypatch.setattr(module, "CALIBRATION_PEOPLE", 9)
    given = [inputs["body"] for inputs in emotic_exportable(body).calibration()]
    assert {(one.shape, one.dtype) for one in given} == {((1, *SIZES["body"], 3), np.dtype("u1"))}
    dataset = builders.prepared("emotic", data_dir=emotic_twin)
    train = People(dataset, "train", inputs={"body": SIZES["body"]}, batch_size=9)
    expected = next(train.evaluation().as_numpy_iterator())["body"]
    np.testing.assert_array_equal(np.concatenate(given), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_picture_files_become_what_the_model_takes(exportables, photo, make_picture, kind):
    from_bytes = exportables[kind].from_bytes
    decode = tf.function(from_bytes.decode, input_signature=[dict(from_bytes.inputs)])
    content = make_picture(photo, "PNG")
    boxes = np.float32([BOX, (0, 0, 64, 48)])
    found = decode({"image_bytes": tf.constant([content] * 2), "box_xywh": tf.constant(boxes)})
    assert list(found) == INPUTS[kind]
    sizes = {"scene_size": SIZES["scene"], "body_size": SIZES["body"]}
    for row, box in enumerate(boxes):
        alone = person_inputs(photo, box, **sizes)
        for name, value in found.items():
            np.testing.assert_array_equal(value[row], alone[name])
    made_up = decode({name: tf.constant(value) for name, value in from_bytes.request.items()})
    assert {len(value) for value in made_up.values()} == {1}


def test_a_file_without_a_data_set_is_held_beside_keras_alone(runs):
    exportable = emotic_exportable(read_run_files(runs["both"] / "model.keras"))
    assert (exportable.examples.real, exportable.examples.labels) == (False, None)
    assert exportable.calibration is None


def test_a_file_with_a_folder_of_data_is_measured_there(runs, emotic_twin):
    files = read_run_files(runs["both"] / "model.keras")
    exportable = emotic_exportable(files, data_dir=emotic_twin)
    assert exportable.examples.labels.dataset == "emotic"
    assert exportable.calibration is not None


def test_a_run_whose_data_set_has_gone_is_an_error_that_names_the_folder(runs, tmp_path):
    with pytest.raises(EmoError, match=rf"(?s){tmp_path.name}"):
        emotic_exportable(read_run_files(runs["body"]), data_dir=tmp_path / "gone")


def test_a_model_of_other_labels_is_refused(tmp_path):
    model = small_context_fusion(branches=("body",))
    metadata = context_metadata(model, version="1")
    values = json.loads(metadata.to_json()) | {"labels": ["one", "two"]}
    other = type(metadata).from_json(json.dumps(values), source="test")
    save_model(model, tmp_path / "model.keras", metadata=other)
    with pytest.raises(EmoError, match=r"model\.keras: expected a model of the 26 categories"):
        emotic_exportable(read_run_files(tmp_path / "model.keras"))


def test_the_card_tells_how_it_was_trained_or_where_it_comes_from(runs, exportables):
    trained = exportables["body"].card
    assert "21 people in train" in trained.data
    assert trained.recipe.startswith("`emo-tf train emotic_context`")
    alone = emotic_exportable(read_run_files(runs["body"] / "model.keras")).card
    assert '"seed": 7' in alone.recipe


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_files_of_each_kind_answer_as_keras_does(runs, tmp_path, people, kind):
    export_quickly(runs[kind], tmp_path / "export")
    model, metadata = load_model(runs[kind] / "model.keras")
    expected = model({name: people[name] for name in INPUTS[kind]}, training=False)
    for precision, tolerance in {"float32": 1e-5, "float16": 1e-3, "int8": 0.02}.items():
        converted = LiteRTModel(tmp_path / "export" / f"model_{precision}.tflite")
        assert converted.metadata == metadata
        found = converted(**as_taken(people, INPUTS[kind]))
        for name, value in expected.items():
            size = np.abs(value).max()
            np.testing.assert_allclose(found[name], value, atol=tolerance * size)
            assert np.ptp(value, axis=0).max() > 2 * np.abs(found[name] - value).max()


@pytest.mark.slow
def test_a_model_trained_in_half_precision_becomes_float32(tmp_path):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    run = small_run(tmp_path / "run", small_context_fusion(branches=("body",)))
    keras.config.set_dtype_policy(before)
    export_quickly(run / "model.keras", tmp_path / "export", precisions=["float32"])
    pictures = np.random.default_rng(0).integers(0, 256, (3, *SIZES["body"], 3), np.uint8)
    found = LiteRTModel(tmp_path / "export" / "model_float32.tflite")(body=pictures)
    exact = small_context_fusion(branches=("body",)).predict({"body": pictures}, verbose=0)
    np.testing.assert_allclose(found["score"], exact["score"], rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_a_run_of_training_is_exported_as_it_stands(emotic_smoke_run, tmp_path, photo):
    run = emotic_smoke_run("emotic_context").folder
    report = export_quickly(run, tmp_path / "export", limit=5, precisions=["int8"])
    assert list(report["files"]) == ["saved_model", "int8"]
    assert report["evaluation"]["examples"] == 5
    trained = json.loads((run / "metrics.json").read_text())
    assert report["model"]["parameters"] == trained["parameters"]
    classifier = ContextClassifier(tmp_path / "export" / "model_int8.tflite")
    ((categories, vad),) = classifier.classify(classifier.crop(photo, [BOX]))
    assert len(categories) == 26
    assert 1 <= vad.valence <= 10

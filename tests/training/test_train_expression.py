import json
import shutil

import keras
import numpy as np
import pytest

from emo_tf import configs
from emo_tf.data.fer2013 import load_fer2013
from emo_tf.data.photographs import FER2013_CROP
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.classification import classification_report
from emo_tf.model_metadata import ImageInput, ModelMetadata
from emo_tf.softmax import softmax
from emo_tf.training.calibrate import fit_temperature
from emo_tf.training.expression import train_expression

NAME = "expression_fer2013"
WRITTEN_AT_THE_END = {"data.json", "metrics.json"}


@pytest.fixture(scope="module")
def run(smoke_run):
    return smoke_run(NAME)


@pytest.fixture(scope="module")
def data(run):
    return load_fer2013(manual_dir=run.manual_dir, data_dir=run.data_dir)


def test_the_folder_of_the_run_holds_everything(run):
    names = {path.name for path in run.folder.iterdir()}
    assert names == {"config.json", "checkpoints", "logs", "model.keras", *WRITTEN_AT_THE_END}
    assert json.loads((run.folder / "metrics.json").read_text()) == run.metrics
    text = (run.folder / "config.json").read_text()
    assert text == configs.load(NAME, smoke=True).to_json()
    assert run.metrics["stages"] == [json.loads(text)]
    assert list((run.folder / "logs").glob("events.out.tfevents.*"))
    assert [report.note for report in run.epochs] == ["32px", "48px"]


def test_the_model_says_what_it_takes_and_where_it_comes_from(run):
    metadata = ModelMetadata.read(run.folder / "model.keras")
    assert (metadata.name, metadata.task) == ("expression", "expression")
    assert metadata.inputs == {"image": ImageInput(48, 48, colour="grey")}
    assert metadata.labels == EXPRESSIONS
    assert metadata.temperature == run.metrics["temperature"]
    assert metadata.crop == FER2013_CROP
    assert "FER2013" in metadata.licence
    assert metadata.provenance == {"datasets": ["FER2013"], "experiments": [NAME], "seed": 0}


def test_the_run_tells_where_its_data_set_lies(run):
    where = json.loads((run.folder / "data.json").read_text())
    assert where == {"dataset": "fer2013", "data_dir": str(run.data_dir.resolve())}
    assert (run.data_dir / "fer2013").is_dir()


def test_the_figures_are_those_of_the_saved_model(run, data):
    model = keras.models.load_model(run.folder / "model.keras")
    assert run.metrics["parameters"] == model.count_params()
    held_out_logits = model.predict(data.held_out.images, verbose=0)
    temperature = fit_temperature(held_out_logits, data.held_out.labels)
    assert run.metrics["temperature"] == pytest.approx(temperature, rel=1e-3)
    for name in ("held_out", "public_test", "private_test"):
        faces = getattr(data, name)
        probabilities = softmax(model.predict(faces.images, verbose=0) / temperature)
        report = classification_report(probabilities, faces.labels, names=EXPRESSIONS)
        assert run.metrics[name]["confusion"] == report["confusion"]
        assert run.metrics[name]["negative_log_likelihood"] == pytest.approx(
            report["negative_log_likelihood"], abs=1e-3
        )


def test_public_test_is_measured_without_what_training_repeats_as_well(run, data):
    assert run.metrics["public_test"]["examples"] == 7 * 8
    assert run.metrics["public_test_without_duplicates"]["examples"] == 7 * 7
    assert run.metrics["training_examples"] == len(data.training)
    assert run.metrics["held_out"]["examples"] == len(data.held_out)


def test_the_saved_model_is_in_full_precision_and_of_the_last_resolution(run):
    model = keras.models.load_model(run.folder / "model.keras")
    assert model.input_shape == (None, 48, 48, 1)
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    assert not any("Fused" in type(layer).__name__ for layer in model.layers)


def test_the_saved_weights_are_the_best_ones(run):
    model = keras.models.load_model(run.folder / "model.keras")
    saved = model.get_weights()
    model.load_weights(run.folder / "checkpoints" / "best.weights.h5")
    for weight, expected in zip(saved, model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)


def test_a_run_that_has_ended_is_measured_again_and_not_trained(run, tmp_path):
    folder = shutil.copytree(run.folder, tmp_path / "run")
    for name in ("model.keras", *WRITTEN_AT_THE_END):
        (folder / name).unlink()
    reports = []
    metrics = train_expression(
        configs.load(NAME, smoke=True),
        folder,
        manual_dir=run.manual_dir,
        data_dir=run.data_dir,
        report=reports.append,
    )
    assert reports == []
    assert metrics == run.metrics
    for name in WRITTEN_AT_THE_END:
        assert (folder / name).read_text() == (run.folder / name).read_text()
    again, before = (ModelMetadata.read(one / "model.keras") for one in (folder, run.folder))
    assert again == before


@pytest.mark.parametrize("name", [NAME, "expression_photographs"])
def test_photographs_are_given_exactly_where_the_experiment_mixes_them_in(
    run, data, tmp_path, name
):
    with pytest.raises(EmoError, match=rf"^photographs: expected .* {name}\. Received: "):
        train_expression(
            configs.load(name, smoke=True),
            tmp_path / "run",
            manual_dir=run.manual_dir,
            data_dir=run.data_dir,
            photographs=data.held_out if name == NAME else None,
        )
    assert not (tmp_path / "run").exists()


def test_a_run_without_weights_to_start_from_is_an_error(run, tmp_path):
    with pytest.raises(EmoError, match="expected a finished run to start from"):
        train_expression(
            configs.load(NAME, smoke=True),
            tmp_path / "run",
            manual_dir=run.manual_dir,
            data_dir=run.data_dir,
            initial_run=tmp_path / "missing",
        )
    assert not (tmp_path / "run").exists()


def test_missing_data_are_an_error_and_leave_no_folder(tmp_path):
    with pytest.raises(EmoError, match="fer2013"):
        train_expression(
            configs.load(NAME, smoke=True),
            tmp_path / "run",
            manual_dir=tmp_path / "missing",
            data_dir=tmp_path / "data",
        )
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_the_second_stage_ends_with_the_mean_of_its_members(smoke_run):
    folder = smoke_run("expression_photographs").folder
    model = keras.models.load_model(folder / "model.keras")
    kept = model.get_weights()
    members = []
    for name in ("member_0", "member_1"):
        model.load_weights(folder / name / "checkpoints" / "best.weights.h5")
        members.append(model.get_weights())
    assert not np.array_equal(members[0][0], members[1][0])
    for weight, one, other in zip(kept, *members, strict=True):
        np.testing.assert_allclose(weight, (one + other) / 2, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_members_differ_by_their_seeds(smoke_run):
    folder = smoke_run("expression_photographs").folder
    experiments = [
        json.loads((folder / f"member_{number}" / "config.json").read_text()) for number in (0, 1)
    ]
    assert [experiment.pop("seed") for experiment in experiments] == [0, 1]
    assert experiments[0] == experiments[1]
    assert {path.name for path in folder.iterdir()} == {
        "member_0",
        "member_1",
        "model.keras",
        *WRITTEN_AT_THE_END,
    }


def test_members_need_a_run_to_start_from(run, data, tmp_path):
    with pytest.raises(EmoError, match=r"^initial_run: expected .* 2 members .* Received: none$"):
        train_expression(
            configs.load("expression_photographs", smoke=True),
            tmp_path / "run",
            manual_dir=run.manual_dir,
            data_dir=run.data_dir,
            photographs=data.held_out,
        )
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_the_second_stage_tells_of_both(smoke_run):
    run = smoke_run("expression_photographs")
    names = [stage["name"] for stage in run.metrics["stages"]]
    assert names == [NAME, "expression_photographs"]
    provenance = ModelMetadata.read(run.folder / "model.keras").provenance
    assert provenance["experiments"] == names
    assert provenance["datasets"] == ["FER2013", "labelled photographs"]

import json
from dataclasses import replace

import numpy as np
import pytest

from emo_tf import configs, models
from emo_tf.data import builders
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.context_fusion import context_metadata
from emo_tf.models.keras_file import load_model, save_model
from emo_tf.training.emotic import train_emotic
from emo_tf.training.emotic_predictions import predict_people
from emo_tf.training.emotic_run import read_run
from emo_tf.training.run import Start, start_run
from emo_tf.training.strategy import single

NAME = "emotic_cli"


@pytest.fixture(scope="module")
def run(emotic_smoke_run):
    return emotic_smoke_run(NAME)


@pytest.fixture(scope="module")
def dataset(run):
    return builders.prepared("emotic", data_dir=run.data_dir)


def no_training(**changes):
    """An experiment whose weights stay what they were."""
    experiment = configs.load(NAME, smoke=True)
    optimizer = replace(experiment.optimizer, name="sgd", learning_rate=0.0, l2=0.0)
    return replace(experiment, epochs=1, optimizer=optimizer, **changes)


@pytest.mark.slow
def test_the_saved_model_is_the_epoch_kept_with_its_thresholds_inside(run):
    model, metadata = load_model(run.folder / "model.keras")
    saved = model.get_weights()
    model.load_weights(run.folder / "checkpoints" / "best.weights.h5")
    for weight, expected in zip(saved, model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)
    assert metadata.labels == EMOTIC_CATEGORIES
    assert metadata.score_kind == "raw"
    thresholds = json.loads((run.folder / "thresholds.json").read_text())
    assert metadata.thresholds == thresholds
    assert metadata.provenance == {"datasets": ["EMOTIC"], "experiments": [NAME], "seed": 0}


@pytest.mark.slow
def test_thresholds_and_figures_are_those_of_the_saved_model_on_validation(run):
    finished = read_run(run.folder)
    predictions = predict_people(finished.model, finished.people("val"))
    found = dict(zip(EMOTIC_CATEGORIES, predictions.thresholds, strict=True))
    expected = {label: value for label, value in found.items() if not np.isnan(value)}
    thresholds = json.loads((run.folder / "thresholds.json").read_text())
    assert thresholds == pytest.approx(expected, abs=1e-5)
    report = predictions.report(thresholds=predictions.thresholds)
    assert run.metrics["val"]["mean_average_precision"] == pytest.approx(
        report["mean_average_precision"], abs=1e-4
    )
    assert json.loads((run.folder / "metrics.json").read_text()) == run.metrics
    assert run.metrics["people"] == {"train": 21, "val": 3}


@pytest.mark.slow
def test_a_run_may_start_from_another_or_from_a_model(run, dataset, tmp_path):
    for name, initial in (("run", run.folder), ("model", run.folder / "model.keras")):
        train_emotic(
            no_training(),
            tmp_path / name,
            dataset=dataset,
            cluster=single(),
            initial=initial,
        )
        found, _ = load_model(tmp_path / name / "model.keras")
        expected = read_run(run.folder).model.trainable_variables
        for weight, value in zip(found.trainable_variables, expected, strict=True):
            np.testing.assert_array_equal(weight.numpy(), value.numpy())


@pytest.mark.slow
def test_weights_of_another_network_are_an_error_that_names_the_file(run, dataset, tmp_path):
    other = models.create("context_fusion", **no_training().model_arguments | {"units": 4})
    path = tmp_path / "other.keras"
    save_model(other, path, metadata=context_metadata(other, version="1"))
    options = {"dataset": dataset, "cluster": single()}
    with pytest.raises(EmoError, match=rf"{path}: expected the weights of a context_fusion"):
        train_emotic(no_training(), tmp_path / "run", initial=path, **options)
    with pytest.raises(EmoError, match=r"missing: expected a run with best\.weights\.h5"):
        train_emotic(no_training(), tmp_path / "run", initial=tmp_path / "missing", **options)


@pytest.mark.slow
def test_a_branch_that_the_model_lacks_cannot_be_started_from(run, dataset, tmp_path):
    body = no_training(
        model_arguments=configs.load(NAME, smoke=True).model_arguments | {"branches": ("body",)}
    )
    resnet = models.create("resnet18", height=32, width=32)
    path = tmp_path / "resnet.keras"
    metadata = ModelMetadata("resnet18", "backbone", "A part.", "1", inputs={}, outputs={})
    save_model(resnet, path, metadata=metadata)
    for branch, said in (("scene", "Unknown branch"), ("body", "body: expected the weights")):
        with pytest.raises(EmoError, match=said):
            train_emotic(
                body,
                tmp_path / branch,
                dataset=dataset,
                cluster=single(),
                backbones={branch: path},
            )


@pytest.mark.slow
def test_categories_begin_where_those_who_show_them_are(dataset, tmp_path):
    arguments = no_training().model_arguments | {"categories_from": "vad"}
    train_emotic(
        no_training(model_arguments=arguments),
        tmp_path,
        dataset=dataset,
        cluster=single(),
    )
    run = read_run(tmp_path)
    places = run.model.get_layer("head").get_layer("prototypes").places.numpy() * 2 + 5.5
    people = list(run.people("train").evaluation().unbatch().as_numpy_iterator())
    people = [person for person in people if person["weight"] > 0]
    for category, place in enumerate(places):
        those = [person["vad"] for person in people if person["categories"][category]]
        expected = (np.sum(those, axis=0) + 5.5) / (len(those) + 1)
        np.testing.assert_allclose(place, expected, rtol=1e-4)


@pytest.mark.slow
def test_a_smoke_run_without_raw_files_draws_the_miniature(tmp_path, monkeypatch):
    monkeypatch.setattr("emo_tf.training.run.MINIATURE_SIZES", {"emotic": 30})
    said = []
    experiment = no_training(deterministic=False)
    start = Start(run_dir=tmp_path / "run", data_dir=tmp_path / "data", miniature=True)
    summary = start_run(experiment, start, cluster=single(), say=said.append)
    folder = tmp_path / "data" / "miniature" / "emotic"
    assert said == [f"Drawing the miniature of emotic in {folder}: no raw files were given"]
    assert summary.startswith("Validation: mAP ")
    data = json.loads((tmp_path / "run" / "data.json").read_text())
    assert data == {"dataset": "emotic", "data_dir": str((folder / "data").resolve())}


@pytest.mark.parametrize("option", ["photographs", "backbones"])
def test_what_belongs_to_another_task_is_an_error(tmp_path, option):
    name = {"photographs": NAME, "backbones": "expression_fer2013"}[option]
    value = {"photographs": tmp_path, "backbones": {"scene": tmp_path}}[option]
    start = Start(run_dir=tmp_path / "run", data_dir=tmp_path / "data", **{option: value})
    experiment = replace(configs.load(name, smoke=True), deterministic=False)
    with pytest.raises(EmoError, match=rf"expected an experiment that takes it\. Received: {name}"):
        start_run(experiment, start, cluster=single(), say=print)
    assert not (tmp_path / "run").exists()

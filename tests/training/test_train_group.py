import json
from dataclasses import replace

import numpy as np
import pytest

from emo_tf import configs, models
from emo_tf.data import builders
from emo_tf.errors import EmoError
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.models.group_metadata import group_metadata
from emo_tf.models.keras_file import load_model, save_model
from emo_tf.training.group import train_group
from emo_tf.training.group_run import read_group_run
from emo_tf.training.strategy import single

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dataset(group_twin):
    return builders.prepared("group_affect/faces", data_dir=group_twin)


@pytest.fixture
def train(dataset):
    """Trains an experiment on the twin: `train(experiment, folder, initial=[...])`."""

    def run(experiment, folder, **options):
        return train_group(experiment, folder, dataset=dataset, cluster=single(), **options)

    return run


def no_training(name: str, **changes):
    """An experiment whose weights stay what they were."""
    experiment = configs.load(name, smoke=True)
    optimizer = replace(experiment.optimizer, name="sgd", learning_rate=0.0)
    return replace(experiment, epochs=1, optimizer=optimizer, **changes)


def part(model, name: str) -> list[np.ndarray]:
    return [weight.numpy() for weight in model.get_layer(name).trainable_variables]


def assert_same(found: list[np.ndarray], expected: list[np.ndarray]) -> None:
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_saved_model_is_the_epoch_kept_with_its_temperature_inside(group_smoke_run):
    run = group_smoke_run("Attention_C")
    model, metadata = load_model(run.folder / "model.keras")
    saved = model.get_weights()
    model.load_weights(run.folder / "checkpoints" / "best.weights.h5")
    assert_same(saved, model.get_weights())
    assert metadata.labels == GROUP_EMOTIONS
    assert (metadata.name, metadata.task) == ("Attention_C", "group")
    assert metadata.crop == {"preset": "vlgiitr"}
    assert metadata.temperature == pytest.approx(run.metrics["temperature"], abs=1e-5)
    assert metadata.provenance == {
        "datasets": ["Group Affect Database 3.0"],
        "experiments": ["Attention_C"],
        "train_split": "train",
        "validation_split": "val",
        "seed": 0,
    }


def test_figures_are_those_of_the_saved_model(group_smoke_run):
    run = group_smoke_run("Attention_C")
    finished = read_group_run(run.folder)
    for split in ("val", "eval"):
        found = finished.predict(finished.pictures(split))
        expected = found.report(temperature=finished.metadata.temperature)
        figures = run.metrics[split]
        assert figures["accuracy"] == expected["accuracy"]
        assert figures["verdicts"]["negative_log_likelihood"] == pytest.approx(
            expected["verdicts"]["negative_log_likelihood"], abs=1e-4
        )
    assert json.loads((run.folder / "metrics.json").read_text()) == run.metrics


def test_attention_starts_from_a_run_on_pictures_and_one_on_faces(train, group_smoke_run, tmp_path):
    sources = [group_smoke_run(name).folder for name in ("Global_Simple", "Local")]
    metrics = train(no_training("Attention_C"), tmp_path, initial=sources)
    model, metadata = load_model(tmp_path / "model.keras")
    for source, name in zip(sources, ("image_backbone", "face_backbone"), strict=True):
        assert_same(part(model, name), part(read_group_run(source).model, name))
        assert metrics["started_from"][str(source / "model.keras")] == [name]
    assert metadata.provenance["experiments"] == ["Global_Simple", "Local", "Attention_C"]
    assert metadata.provenance["datasets"] == ["Group Affect Database 3.0"]


def test_the_pretraining_on_valence_hands_its_network_on(train, group_smoke_run, tmp_path):
    source = group_smoke_run("global_emotic_valence").folder
    train(no_training("Global_EmotiC"), tmp_path, initial=[source / "model.keras"])
    model, metadata = load_model(tmp_path / "model.keras")
    assert_same(part(model, "image_backbone"), part(read_group_run(source).model, "image_backbone"))
    assert metadata.provenance["datasets"] == ["EMOTIC", "Group Affect Database 3.0"]


def test_weights_for_faces_of_the_other_alignment_are_refused_before_anything_is_written(
    train, tmp_path
):
    experiment = no_training("Local_FineTune")
    arguments = {**experiment.model_arguments, "alignment": "sphereface"}
    other = models.create(experiment.model, **arguments)
    path = tmp_path / "other.keras"
    save_model(other, path, metadata=group_metadata(other, name="other"))
    with pytest.raises(EmoError, match=rf"{path}.* vlgiitr.*sphereface"):
        train(experiment, tmp_path / "run", initial=[path])
    assert not (tmp_path / "run").exists()


def test_a_run_that_has_not_ended_cannot_be_started_from(train, tmp_path):
    (tmp_path / "other").mkdir()
    for path, said in (("other", "expected a run that has ended"), ("none", "Received: none")):
        with pytest.raises(EmoError, match=said):
            train(no_training("Local_FineTune"), tmp_path / "run", initial=[tmp_path / path])
    assert not (tmp_path / "run").exists()


class StoppedError(Exception):
    pass


@pytest.mark.parametrize("name", ["Attention_B", "Local", "Local_FineTune_LSoftmax"])
def test_a_run_that_was_stopped_ends_as_an_unbroken_one(train, group_smoke_run, tmp_path, name):
    unbroken = load_model(group_smoke_run(name).folder / "model.keras")[0]

    def stop(report):
        raise StoppedError

    experiment = configs.load(name, smoke=True)
    with pytest.raises(StoppedError):
        train(experiment, tmp_path, report=stop)
    epochs = []
    train(experiment, tmp_path, report=epochs.append)
    assert [report.epoch for report in epochs] == [2]
    found = load_model(tmp_path / "model.keras")[0]
    for weight, expected in zip(found.get_weights(), unbroken.get_weights(), strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-4, atol=1e-6)


def test_models_of_faces_alone_leave_pictures_without_faces_open(train, tmp_path):
    # Faces this small are none: the twin has pictures where nobody is found.
    metrics = train(no_training("Local"), tmp_path)
    for split in ("val", "eval"):
        figures = metrics[split]
        assert figures["without_verdict"] == figures["without_faces"]
        judged = figures["pictures"] - figures["without_verdict"]
        assert figures["verdicts"]["examples"] == judged


def test_train_and_val_may_be_trained_on_together(train, group_smoke_run, tmp_path):
    metrics = train(no_training("Global_Simple", train_split="train+val"), tmp_path)
    assert set(metrics) >= {"eval", "examples"}
    assert "val" not in metrics
    _, metadata = load_model(tmp_path / "model.keras")
    assert metadata.provenance["train_split"] == "train+val"
    assert metadata.provenance["validation_split"] == "eval"

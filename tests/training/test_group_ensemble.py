"""Several models of faces trained by themselves and averaged, from one experiment."""

import json
from dataclasses import replace

import numpy as np
import pytest

from emo_tf import configs, models
from emo_tf.data import builders
from emo_tf.errors import EmoError
from emo_tf.models.keras_file import load_model
from emo_tf.training.config import Optimizer
from emo_tf.training.group import train_group
from emo_tf.training.group_ensemble import GroupEnsembleExperiment
from emo_tf.training.group_task import GroupTask
from emo_tf.training.strategy import single


class StoppedError(Exception):
    """Raised by a report, as a stop from outside would come."""


def small(**changes: object) -> GroupEnsembleExperiment:
    experiment = configs.load("garg_ensemble", smoke=True)
    return replace(experiment, **{"epochs": 1, **changes})


@pytest.fixture(scope="module")
def dataset(group_twin):
    return builders.prepared("group_affect/faces", data_dir=group_twin)


def train(dataset, folder, **options):
    return train_group(small(), folder, dataset=dataset, cluster=single(), **options)


@pytest.fixture(scope="module")
def run(dataset, tmp_path_factory):
    """A run to the end: its folder, its figures and the notes of its epochs."""
    folder, notes = tmp_path_factory.mktemp("garg"), []
    metrics = train(dataset, folder, report=lambda report: notes.append(report.note))
    return folder, metrics, notes


@pytest.mark.slow
def test_one_experiment_trains_all_members_and_saves_one_model(run):
    folder, metrics, notes = run
    assert notes == ["tiny_resnet", "garg_plain"]
    model, metadata = load_model(folder / "model.keras")
    assert metadata.name == "garg_ensemble"
    assert metadata.crop == {"preset": "box"}
    assert metadata.temperature == pytest.approx(metrics["temperature"])
    assert json.loads((folder / "metrics.json").read_text()) == metrics
    assert {"val", "eval"} <= set(metrics)
    for name in notes:
        member = models.create(
            "group_local", face_backbone=name, alignment="box", face_size=(32, 32), packed=True
        )
        member.load_weights(folder / f"member_{name}" / "checkpoints" / "best.weights.h5")
        kept = model.get_layer(name).get_weights()
        for one, other in zip(kept, member.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_with_the_member_that_it_had_come_to(run, dataset, tmp_path):
    notes = []

    def stop_after_the_first(report):
        notes.append(report.note)
        raise StoppedError

    with pytest.raises(StoppedError):
        train(dataset, tmp_path, report=stop_after_the_first)
    assert not (tmp_path / "model.keras").exists()
    metrics = train(dataset, tmp_path, report=lambda report: notes.append(report.note))
    assert notes == run[2]
    assert metrics == run[1]


def test_no_picture_is_on_both_sides(dataset):
    experiment = small(data=replace(small().data, limit=None)).member("garg_plain")
    task = GroupTask(experiment, dataset, cluster=single())
    learnt = set(task.training.filenames())
    assert learnt
    # Pictures have more than one face, so that a division by face would put some on both sides.
    assert task.training.count > len(learnt)
    assert not learnt & set(task.validation.filenames())


def test_a_member_is_trained_as_the_experiment_says():
    published = configs.load("garg_ensemble")
    first, *others = (published.member(name) for name in published.members)
    assert first.optimizer == Optimizer(name="adagrad", learning_rate=1e-4)
    for member in others:
        assert member.optimizer == Optimizer(name="adam", learning_rate=1e-3)
    for member in (first, *others):
        assert member.model_arguments["face_backbone"] == member.name
        assert member.model_arguments["face_size"] == (64, 64)
        assert (member.batch_size, member.patience, member.balanced) == (128, 5, True)
        assert member.augmentation.faces.zoom == 0.1
    assert set(published.published_weights) == {"garg_vgg16"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"unit": "pictures"}, "unit: expected faces", id="pictures"),
        pytest.param({"members": {}}, "Received: no members", id="none"),
        pytest.param(
            {"published_weights": {"vgg": "imagenet"}}, "members. Received: vgg", id="stranger"
        ),
    ],
)
def test_ensembles_that_cannot_be_trained_are_refused(changes, told):
    with pytest.raises(EmoError, match=told):
        small(**changes)


def test_weights_to_start_from_are_refused(dataset, tmp_path):
    with pytest.raises(EmoError, match="--init: expected none"):
        train(dataset, tmp_path / "run", initial=(tmp_path / "other",))
    assert not (tmp_path / "run").exists()

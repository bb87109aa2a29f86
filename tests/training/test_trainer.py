import json
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf.data.augment import Augmentation
from emo_tf.errors import EmoError
from emo_tf.training.config import Optimizer, Schedule
from emo_tf.training.expression_config import ExpressionExperiment
from emo_tf.training.expression_task import predict_logits
from emo_tf.training.trainer import Trainer
from tests.training.conftest import SMALL_OPTIMIZER
from tests.training.small_runs import make_trainer


class StoppedError(Exception):
    """Raised by a report, as a stop from outside would come."""


@pytest.fixture(scope="module")
def faces(drawn_faces):
    """The four arguments of `fit`: 40 faces to train on, two batches and a half, and 12 more."""
    return (*drawn_faces(40, 0), *drawn_faces(12, 1))


@pytest.fixture(scope="module")
def unbroken(small_experiment, faces, tmp_path_factory):
    """A run to the end: the trainer and what it reported."""
    reports = []
    folder = tmp_path_factory.mktemp("run")
    trainer = make_trainer(small_experiment(), folder, faces, report=reports.append)
    trainer.fit()
    return trainer, reports


def assert_same_weights(trainer: Trainer, other: Trainer) -> None:
    for name in ("model", "average"):
        pairs = zip(getattr(trainer, name).weights, getattr(other, name).weights, strict=True)
        for weight, expected in pairs:
            np.testing.assert_allclose(
                weight.numpy(), expected.numpy(), rtol=1e-4, atol=1e-5, err_msg=weight.path
            )


def test_every_epoch_is_reported(unbroken):
    _, reports = unbroken
    assert [report.epoch for report in reports] == [1, 2, 3, 4]
    assert {report.epochs for report in reports} == {4}
    rates = [report.learning_rate for report in reports]
    assert rates[0] == pytest.approx(0.1)  # the peak, after one epoch of warm-up
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(0, abs=1e-8)
    assert reports[0].is_best
    assert all(
        np.isfinite(report.training["loss"]) and report.examples_per_s > 0 for report in reports
    )


def test_the_folder_says_how_the_run_went(unbroken):
    trainer, reports = unbroken
    config = json.loads((trainer.run_dir / "config.json").read_text())
    assert config["name"] == "small"
    assert config["augmentation"]["rotation_degrees"] == 5

    (log,) = (trainer.run_dir / "logs").iterdir()
    logged = {}
    for event in tf.compat.v1.train.summary_iterator(str(log)):
        for value in event.summary.value:
            logged.setdefault(value.tag, {})[event.step] = float(tf.make_ndarray(value.tensor))
    assert logged["loss"] == pytest.approx({r.epoch: r.training["loss"] for r in reports})
    assert logged["held_out_accuracy"] == pytest.approx(
        {report.epoch: report.validation["held_out_accuracy"] for report in reports}
    )
    assert {"step/loss", "step/learning_rate"} < set(logged)
    assert {"accuracy", "held_out_nll", "learning_rate", "examples_per_s"} < set(logged)


def test_a_run_that_was_stopped_ends_as_an_unbroken_one(
    unbroken, small_experiment, faces, tmp_path
):
    reports = []

    def stop_after_two(report):
        reports.append(report)
        if report.epoch == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        make_trainer(small_experiment(), tmp_path, faces, report=stop_after_two).fit()
    trainer = make_trainer(small_experiment(), tmp_path, faces, report=reports.append)
    trainer.fit()

    assert [report.epoch for report in reports] == [1, 2, 3, 4]
    assert_same_weights(trainer, unbroken[0])
    assert [report.training["loss"] for report in reports] == pytest.approx(
        [report.training["loss"] for report in unbroken[1]], rel=1e-4
    )
    assert [report.is_best for report in reports] == [report.is_best for report in unbroken[1]]


def test_a_run_that_has_ended_is_not_trained_again(unbroken, small_experiment, faces):
    before, reports = unbroken[0], []
    trainer = make_trainer(small_experiment(), before.run_dir, faces, report=reports.append)
    assert trainer.fit() == before.best_weights
    assert reports == []
    assert_same_weights(trainer, before)


def test_another_configuration_in_the_same_folder_is_an_error(unbroken, small_experiment, faces):
    trainer, _ = unbroken
    path = trainer.run_dir / "config.json"
    before = path.read_text()
    other = small_experiment(optimizer=Optimizer(momentum=0.5))
    with pytest.raises(EmoError, match=r"config\.json: expected the configuration of 'small'"):
        make_trainer(other, trainer.run_dir, faces)
    assert path.read_text() == before


def test_the_best_weights_are_those_of_the_best_epoch(small_experiment, tmp_path):
    # Dark, grey and bright pictures are easily told apart. The held-out labels are shifted by one:
    # the more is learned, the fewer are met.
    labels = np.arange(96) % 3
    images = np.tile((40 + 85 * labels).astype(np.uint8)[:, None, None, None], (1, 16, 16, 1))
    wrong = (labels[:12] + 1) % 3
    same_light = Augmentation(brightness=0, contrast=0, gamma=0, shading=0, erase_probability=0)
    reports, averages = [], []

    def keep(report):
        reports.append(report)
        averages.append(trainer.average.get_weights())

    experiment = small_experiment(
        epochs=6,
        augmentation=same_light,
        optimizer=replace(SMALL_OPTIMIZER, learning_rate=0.03, ema_decay=0.5),
        schedule=Schedule(name="cosine", warmup_epochs=3.0),
    )
    trainer = make_trainer(experiment, tmp_path, (images, labels, images[:12], wrong), report=keep)
    best_weights = trainer.fit()

    accuracies = [report.validation["held_out_accuracy"] for report in reports]
    best = int(np.argmax(accuracies))
    assert accuracies[-1] < accuracies[best]
    assert reports[best].is_best
    assert not any(report.is_best for report in reports[best + 1 :])
    trainer.average.load_weights(best_weights)
    for weight, expected in zip(trainer.average.get_weights(), averages[best], strict=True):
        np.testing.assert_array_equal(weight, expected)
    logits = predict_logits(trainer.average, images[:12])
    assert (logits.argmax(axis=1) == wrong).mean() == pytest.approx(accuracies[best])


def test_a_run_may_start_from_the_weights_of_another(unbroken, small_experiment, faces, tmp_path):
    best_weights = unbroken[0].best_weights
    started = make_trainer(
        small_experiment(),
        tmp_path / "started",
        faces,
        initialise=lambda model: model.load_weights(best_weights),
    )
    loaded = make_trainer(small_experiment(), tmp_path / "loaded", faces).average
    loaded.load_weights(best_weights)
    for name in ("model", "average"):
        pairs = zip(getattr(started, name).weights, loaded.weights, strict=True)
        for weight, expected in pairs:
            np.testing.assert_array_equal(weight.numpy(), expected.numpy())


def test_the_average_follows_closely_at_first(small_experiment, faces, tmp_path):
    images, labels, *held_out = faces
    few = (images[:16], labels[:16], *held_out)
    trainer = make_trainer(small_experiment(epochs=1), tmp_path, few)
    start = trainer.model.get_weights()
    for average, weight in zip(trainer.average.get_weights(), start, strict=True):
        np.testing.assert_array_equal(average, weight)
    trainer.fit()  # one step, which the average takes to 9/10
    for average, weight, before in zip(
        trainer.average.get_weights(), trainer.model.get_weights(), start, strict=True
    ):
        np.testing.assert_allclose(average, 0.1 * before + 0.9 * weight, rtol=1e-4, atol=1e-6)


def test_pictures_are_drawn_every_so_many_epochs_and_after_the_last(
    small_experiment, faces, tmp_path
):
    drawn = []
    trainer = make_trainer(small_experiment(epochs=5, picture_epochs=2), tmp_path, faces)
    trainer.task.summarise = lambda *_, step: drawn.append(step)
    trainer.fit()
    assert drawn == [2, 4, 5]


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_no_weights(
    small_experiment, faces, tmp_path
):
    broken = small_experiment(
        optimizer=replace(SMALL_OPTIMIZER, learning_rate=1e37), schedule=Schedule()
    )
    trainer = make_trainer(broken, tmp_path, faces)
    with pytest.raises(EmoError, match=r"epoch 1: expected a finite loss. Received: (nan|inf)"):
        trainer.fit()
    assert not trainer.best_weights.exists()
    assert not list(tmp_path.glob("checkpoints/*"))


def test_fewer_images_than_a_batch_are_an_error(small_experiment, faces, tmp_path):
    images, labels, *held_out = faces
    with pytest.raises(EmoError, match=r"at least one batch of 16\. Received: 15"):
        make_trainer(small_experiment(), tmp_path, (images[:15], labels[:15], *held_out))
    with pytest.raises(EmoError, match=r"at least one batch of 16\. Received: 10"):
        make_trainer(small_experiment(limit=10), tmp_path / "limited", faces)


def test_nothing_held_out_is_an_error(small_experiment, faces, tmp_path):
    images, labels, held_out_images, held_out_labels = faces
    none = (images, labels, held_out_images[:0], held_out_labels[:0])
    with pytest.raises(EmoError, match=r"held-out images: expected at least one\. Received: none"):
        make_trainer(small_experiment(), tmp_path, none)


def test_logits_do_not_depend_on_the_batches(unbroken, faces):
    model, images = unbroken[0].average, faces[0]
    logits = predict_logits(model, images)
    assert logits.shape == (40, 3)
    np.testing.assert_allclose(predict_logits(model, images, batch_size=7), logits, atol=1e-5)
    np.testing.assert_allclose(model(images, training=False), logits, atol=1e-5)


def test_time_left_goes_with_the_pixels_of_the_epochs_to_come(small_experiment, faces, tmp_path):
    growing = small_experiment(resolutions=((0.0, 16), (0.5, 32)))
    task = make_trainer(growing, tmp_path, faces).task
    # Four epochs at 16, 16, 32 and 32 pixels; the later ones have four times as many.
    costs = [task.cost(epoch) for epoch in range(4)]
    assert [cost / costs[0] for cost in costs] == [1, 1, 4, 4]


@pytest.mark.slow
def test_different_mouths_are_told_apart_in_mixed_precision(drawn_faces, tmp_path):
    experiment = ExpressionExperiment(
        name="mouths",
        dataset="none",
        model="expression_net",
        model_arguments={
            **{"height": None, "width": None, "classes": 3, "dropout": 0.1},
            **{"stem_filters": 8, "stage_filters": (8,), "stage_blocks": (1,)},
        },
        epochs=6,
        batch_size=16,
        resolutions=((0.0, 16),),
        mixed_precision=True,
        optimizer=SMALL_OPTIMIZER,
        schedule=Schedule(name="cosine", warmup_epochs=1.0),
    )
    gentle = replace(
        experiment.augmentation, translation=0.03, rotation_degrees=5, erase_probability=0.1
    )
    reports = []
    faces = (*drawn_faces(240, 0), *drawn_faces(60, 1))
    gentle_experiment = replace(experiment, augmentation=gentle)
    trainer = make_trainer(gentle_experiment, tmp_path, faces, report=reports.append)
    assert keras.config.dtype_policy().name == "float32"  # as it was, for whoever comes next
    best_weights = trainer.fit()
    assert reports[-1].training["loss"] < 0.9 * reports[0].training["loss"]
    best = max(report.validation["held_out_accuracy"] for report in reports)
    assert best > 0.6  # by chance a third
    trainer.average.load_weights(best_weights)
    predictions = predict_logits(trainer.average, faces[2]).argmax(axis=1)
    assert (predictions == faces[3]).mean() == pytest.approx(best)

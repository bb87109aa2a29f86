from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf.data import builders
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.losses import CategoryCrossentropy, VadSmoothL1, WeightedSquaredError
from emo_tf.training.emotic_config import EmoticExperiment, PersonLoss
from emo_tf.training.emotic_predictions import predict_people
from emo_tf.training.emotic_task import EmoticTask
from emo_tf.training.strategy import single
from emo_tf.training.summaries import Summaries

SIDE = (32, 32)


@pytest.fixture(scope="module")
def make_task(emotic_twin) -> Callable[..., EmoticTask]:
    """Makes a task on a twin of 30 people: `make_task(keep="last")`."""
    dataset = builders.prepared("emotic", data_dir=emotic_twin)
    base = EmoticExperiment(
        name="small",
        dataset="emotic",
        model="context_fusion",
        model_arguments={
            "scene_backbone": "small_resnet",
            "body_backbone": "small_resnet",
            "scene_size": SIDE,
            "body_size": SIDE,
            "units": 8,
            "dropout": 0.0,
        },
        epochs=1,
        batch_size=4,
    )

    def make(*, model: dict | None = None, **changes) -> EmoticTask:
        arguments = {**base.model_arguments, **(model or {})}
        experiment = replace(base, model_arguments=arguments, **changes)
        return EmoticTask(experiment, dataset, cluster=single())

    return make


def batch_of(people: int, *, seed: int = 0) -> dict[str, tf.Tensor]:
    rng = np.random.default_rng(seed)
    arrays = {name: rng.uniform(0, 255, (people, *SIDE, 3)) for name in ("scene", "body")}
    arrays["categories"] = rng.random((people, 26)) < 0.2
    arrays["vad"] = rng.uniform(1, 10, (people, 3))
    return {name: tf.constant(value, tf.float32) for name, value in arrays.items()}


class Answers:
    """Stands for a model that says the same of everybody."""

    def __init__(self, score: np.ndarray, vad: np.ndarray):
        self.input = {"scene": None, "body": None}
        self._outputs = {"score": tf.constant(score), "vad": tf.constant(vad)}

    def __call__(self, inputs, *, training: bool):
        assert training
        assert set(inputs) == {"scene", "body"}
        return self._outputs


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(1)
    return rng.normal(size=(6, 26)).astype(np.float32), rng.uniform(1, 10, (6, 3)).astype("float32")


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_the_loss_of_a_batch_is_that_of_the_losses(make_task, answers, reduction):
    task = make_task(loss=PersonLoss(category_weight=0.3, vad_weight=2.0, reduction=reduction))
    batch = batch_of(6)
    loss, terms = task.losses(Answers(*answers), batch, task.totals(batch))
    expected = {
        "loss/categories": WeightedSquaredError(reduction=reduction)(
            batch["categories"], answers[0]
        ),
        "loss/vad": VadSmoothL1(reduction=reduction)(batch["vad"], answers[1]),
    }
    for name, value in expected.items():
        assert float(terms[name]) == pytest.approx(float(value), rel=1e-5), name
    total = 0.3 * expected["loss/categories"] + 2.0 * expected["loss/vad"]
    assert float(loss) == pytest.approx(float(total), rel=1e-5)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_the_losses_of_parts_add_up_to_that_of_the_batch(make_task, answers, reduction):
    task = make_task(loss=PersonLoss(reduction=reduction))
    batch = batch_of(6)
    totals = task.totals(batch)
    whole, _ = task.losses(Answers(*answers), batch, totals)
    parts = []
    for part in (slice(0, 4), slice(4, 6)):
        some = {name: value[part] for name, value in batch.items()}
        model = Answers(*(answer[part] for answer in answers))
        parts.append(float(task.losses(model, some, totals)[0]))
    assert sum(parts) == pytest.approx(float(whole), rel=1e-5)


def test_probabilities_are_trained_by_their_logits(make_task, answers):
    task = make_task(
        model={"score_kind": "sigmoid"}, loss=PersonLoss(categories="binary_crossentropy")
    )
    model = task.build()
    twin = task.to_train(model)
    for weight, expected in zip(twin.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)
    batch = batch_of(2)
    inputs = {name: batch[name] for name in ("scene", "body")}
    np.testing.assert_allclose(
        keras.ops.sigmoid(twin(inputs)["score"]), model(inputs)["score"], atol=1e-6
    )
    batch = batch_of(6)
    _, terms = task.losses(Answers(60 * answers[0], answers[1]), batch, task.totals(batch))
    expected = CategoryCrossentropy(reduction="sum", from_logits=True)
    assert float(terms["loss/categories"]) == pytest.approx(
        float(expected(batch["categories"], 60 * answers[0])), rel=1e-5
    )


def test_raw_scores_are_trained_as_they_are(make_task):
    task = make_task()
    model = task.build()
    assert task.to_train(model) is model


@pytest.mark.parametrize(
    ("kind", "loss"),
    [("raw", "focal"), ("sigmoid", "static_squared_error")],
    ids=["raw", "sigmoid"],
)
def test_a_loss_for_other_scores_than_the_model_gives_is_an_error(make_task, kind, loss):
    with pytest.raises(EmoError, match=rf"loss\.categories: expected a loss for {kind} scores"):
        make_task(model={"score_kind": kind}, loss=PersonLoss(categories=loss))


def test_validation_measures_everybody_in_the_split(make_task):
    task = make_task(batch_size=2)
    assert task.validation.count == 3
    model = task.build()
    validation = task.validate(model)
    expected = predict_people(model, task.validation)
    for name in ("labels", "scores", "vad_labels", "vad"):
        np.testing.assert_allclose(
            getattr(validation.detail, name), getattr(expected, name), rtol=1e-5, atol=1e-5
        )
    report = expected.report(thresholds=expected.thresholds)
    figures = validation.figures
    assert figures["validation/mean_average_precision"] == pytest.approx(
        report["mean_average_precision"]
    )
    assert figures["validation/vad_mean_absolute_error"] == pytest.approx(
        report["vad_mean_absolute_error"]["mean"]
    )
    # Batches of two people and of one; the mean is over batches, the last of which is half of one.
    sums = []
    for part in (slice(0, 2), slice(2, 3)):
        labels = expected.labels[part].astype(np.float32)
        categories = WeightedSquaredError(reduction="sum")(labels, expected.scores[part])
        vad = VadSmoothL1(reduction="sum")(expected.vad_labels[part], expected.vad[part])
        sums.append(0.5 * float(categories) + 0.5 * float(vad))
    assert figures["validation/loss"] == pytest.approx(sum(sums) / 1.5, rel=1e-4)


def test_the_epoch_to_keep_goes_by_what_the_experiment_says(make_task):
    model = make_task().build()
    validations = {
        keep: make_task(keep=keep).validate(model)
        for keep in ("loss", "mean_average_precision", "last")
    }
    figures = validations["loss"].figures
    assert validations["loss"].score == -figures["validation/loss"]
    precision = validations["mean_average_precision"]
    assert precision.score == precision.figures["validation/mean_average_precision"]
    assert validations["last"].score is None


@pytest.mark.parametrize("branches", [("scene", "body"), ("body",)], ids=["both", "body"])
def test_tensorboard_gets_curves_pictures_and_examples(make_task, tmp_path, branches):
    task = make_task(model={"branches": branches})
    validation = task.validate(task.build())
    with Summaries(tmp_path) as summaries:
        task.summarise(summaries, validation, step=1)
    tags = set()
    for path in tmp_path.iterdir():
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            tags |= {value.tag for value in event.summary.value}
    assert {"examples", "calibration", "confusion", "mean_average_precision"} < tags
    occurring = [
        name
        for name, column in zip(EMOTIC_CATEGORIES, validation.detail.labels.T, strict=True)
        if column.any()
    ]
    assert {f"average_precision/{name}" for name in occurring} < tags

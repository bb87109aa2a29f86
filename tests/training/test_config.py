import json
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from emo_tf.errors import EmoError
from emo_tf.training.config import Optimizer, Schedule
from emo_tf.training.emotic_config import EmoticExperiment, PersonLoss
from emo_tf.training.expression_config import ExpressionExperiment
from emo_tf.training.group_config import GroupExperiment

NAN, INFINITY = float("nan"), float("inf")
COMMON = {"name": "test", "dataset": "none", "model": "none", "epochs": 10, "batch_size": 4}


def experiment(**values) -> ExpressionExperiment:
    return ExpressionExperiment(**COMMON | values)


def test_each_resolution_takes_over_after_its_share_of_the_epochs():
    sides = experiment(resolutions=((0.0, 32), (0.25, 40), (0.6, 48)))
    assert [sides.resolution(epoch) for epoch in range(10)] == [32] * 3 + [40] * 3 + [48] * 4


def test_one_resolution_lasts_the_whole_run():
    assert {experiment().resolution(epoch) for epoch in range(10)} == {48}


def test_the_json_names_every_setting_and_tells_runs_apart():
    text = experiment(model_arguments={"width": None}, limit=64).to_json()
    values = json.loads(text)
    assert list(values) == ["task", *(field.name for field in fields(ExpressionExperiment))]
    assert values["model_arguments"] == {"width": None}
    assert values["limit"] == 64
    assert values["resolutions"] == [[0.0, 48]]
    assert values["optimizer"]["momentum"] == 0.9
    assert values["augmentation"]["erase_area"] == [0.03, 0.25]
    assert text == experiment(model_arguments={"width": None}, limit=64).to_json()
    other = experiment(model_arguments={"width": None}, limit=64, optimizer=Optimizer(momentum=0.8))
    assert text != other.to_json()


def test_an_experiment_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        experiment().epochs = 5


@pytest.mark.parametrize("name", ["epochs", "batch_size", "accumulation"])
def test_a_count_of_nothing_is_an_error(name):
    with pytest.raises(EmoError, match=rf"^{name}: expected 1 or more\. Received: 0$"):
        experiment(**{name: 0})


def test_more_parts_than_examples_in_a_batch_are_an_error():
    with pytest.raises(EmoError, match=r"^accumulation: expected at most batch_size, 4"):
        experiment(accumulation=5)


def test_the_last_people_of_an_epoch_are_too_few_for_parts():
    whole = EmoticExperiment(**COMMON, drop_remainder=True, accumulation=2)
    with pytest.raises(EmoError, match=r"^accumulation: expected 1, as drop_remainder is false"):
        replace(whole, drop_remainder=False)
    assert not replace(whole, drop_remainder=False, accumulation=1).drop_remainder


@pytest.mark.parametrize(
    ("make", "field", "good", "bad"),
    [
        pytest.param(make, field, good, bad, id=field)
        for make, field, good, bad in (
            (experiment, "seed", (0, 7), (-1,)),
            (experiment, "checkpoint_minutes", (0, 0.5), (-1.0,)),
            (experiment, "picture_epochs", (1, 20), (0,)),
            (Optimizer, "optimizer.learning_rate", (0.0, 1e37), (-1e-3, NAN, INFINITY)),
            (Optimizer, "optimizer.momentum", (0.0, 0.99), (-0.1, 1.0, NAN)),
            (Optimizer, "optimizer.l2", (0.0, 5e-4), (-5e-4, NAN, INFINITY)),
            (Optimizer, "optimizer.weight_decay", (0.0, 0.05), (-0.05, NAN)),
            (Optimizer, "optimizer.clip_norm", (None, 1e-3), (0.0, -1.0, NAN)),
            (Optimizer, "optimizer.ema_decay", (None, 0.0, 0.999), (-0.1, 1.0, NAN)),
            (Optimizer, "optimizer.rates", ({}, {"head": 0.0}), ({"a": 1, "b": -1},)),
            (Schedule, "schedule.warmup_epochs", (0.0, 0.5), (-0.5, NAN)),
            (Schedule, "schedule.step_epochs", (1, 7), (0, -1)),
            (Schedule, "schedule.gamma", (0.0, 1.0), (-0.1, NAN)),
        )
    ],
)
def test_a_number_out_of_its_range_is_an_error(make, field, good, bad):
    name = field.rpartition(".")[2]
    for value in good:
        assert getattr(make(**{name: value}), name) == value
    for value in bad:
        with pytest.raises(EmoError) as caught:
            make(**{name: value})
        assert str(caught.value).startswith(f"{field}: expected ")
        assert str(caught.value).endswith(f". Received: {value}")


@pytest.mark.parametrize(
    ("make", "name", "message"),
    [
        (Optimizer, {"name": "adamw"}, "optimizer.name: did you mean adam?"),
        (Optimizer, {"frozen_batch_norm": "mean"}, "optimizer.frozen_batch_norm: expected one of "),
        (Schedule, {"name": "steps"}, "schedule.name: did you mean step?"),
        (PersonLoss, {"reduction": "means"}, "loss.reduction: did you mean mean?"),
        (EmoticExperiment, {**COMMON, "keep": "map"}, "keep: expected one of last, loss, mean_"),
    ],
    ids=["optimizer", "frozen", "schedule", "loss", "emotic"],
)
def test_an_unknown_name_is_an_error(make, name, message):
    with pytest.raises(EmoError) as caught:
        make(**name)
    assert str(caught.value).startswith(f"Unknown {message}")
    assert str(caught.value).endswith(f"Received: {list(name.values())[-1]!r}")


def test_what_is_said_of_an_absent_branch_does_not_count():
    settings = Optimizer(
        freeze=("scene_backbone", "body_backbone"),
        rates={"scene_backbone/stem": 0.1, "head": 2.0},
    )
    common = COMMON | {"optimizer": settings}
    body = EmoticExperiment(**common, model_arguments={"branches": ("body",)})
    assert body.optimizer.freeze == ("body_backbone",)
    assert body.optimizer.rates == {"head": 2.0}
    assert EmoticExperiment(**common).optimizer == settings


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"train_split": "val"}, "Unknown train_split"),
        ({"unit": "people"}, "Unknown unit"),
        ({"keep": "loss"}, "Unknown keep"),
        ({"label_smoothing": 1.0}, r"label_smoothing: expected 0 to below 1\. Received: 1.0"),
        ({"accumulation": 2, "drop_remainder": False}, "accumulation: expected 1"),
    ],
    ids=["split", "unit", "keep", "smoothing", "parts"],
)
def test_a_setting_of_groups_that_cannot_be_is_an_error(values, said):
    with pytest.raises(EmoError, match=said):
        GroupExperiment(**COMMON, **values)


def test_groups_are_validated_on_what_they_are_not_trained_on():
    assert GroupExperiment(**COMMON).validation_split == "val"
    assert GroupExperiment(**COMMON, train_split="train+val").validation_split == "eval"

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest

from emo_tf.errors import EmoError
from emo_tf.training.overrides import apply_overrides


@dataclass(frozen=True)
class Steps:
    name: Literal["sgd", "adam"] = "adam"
    learning_rate: float = 0.1
    decay: float | None = None
    rates: Mapping[str, float] = field(default_factory=lambda: {"head": 1.0})


@dataclass(frozen=True)
class Trial:
    name: str = "trial"
    note: str = ""
    epochs: int = 3
    batch_size: int = 8
    parts: int = 1
    flip: bool = False
    keep: Literal["loss", "last"] | None = "loss"
    limit: int | None = None
    sizes: tuple[int, ...] = (48,)
    range: tuple[float, float] = (0.0, 1.0)
    plan: tuple[tuple[float, int], ...] = ((0.0, 48),)
    freeze: tuple[str, ...] = ()
    model: str = "context_fusion"
    model_arguments: Mapping[str, object] = field(default_factory=lambda: {"dropout": 0.2})
    steps: Steps = field(default_factory=Steps)

    def __post_init__(self):
        if self.parts > self.batch_size:
            raise EmoError(f"parts: expected at most {self.batch_size}. Received: {self.parts}")


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("epochs", "12", 12),
        ("note", "none, 1e-3", "none, 1e-3"),
        ("note", "", ""),
        ("note", "a=b", "a=b"),
        ("flip", "True", True),
        ("keep", "last", "last"),
        ("keep", "none", None),
        ("limit", "none", None),
        ("limit", "40", 40),
        ("sizes", "48,64", (48, 64)),
        ("sizes", "[48, 64]", (48, 64)),
        ("sizes", "(48, 64)", (48, 64)),
        ("sizes", "48", (48,)),
        ("sizes", "", ()),
        ("range", "0, 1e-3", (0.0, 0.001)),
        ("plan", "[[0, 48], [0.5, 64]]", ((0.0, 48), (0.5, 64))),
        ("freeze", "scene_backbone,head/fc1", ("scene_backbone", "head/fc1")),
        ("freeze", "['head']", ("head",)),
    ],
)
def test_a_value_is_read_by_the_type_of_its_field(path, text, value):
    assert getattr(apply_overrides(Trial(), [f"{path}={text}"]), path) == value


def test_a_number_for_a_float_is_one():
    steps = apply_overrides(Trial(), ["steps.learning_rate=1", "steps.decay=1e-3"]).steps
    assert (steps.learning_rate, steps.decay) == (1.0, 0.001)
    assert type(steps.learning_rate) is float


def test_what_is_not_named_stays_as_it_was():
    trial = Trial(epochs=7)
    assert apply_overrides(trial, []) is trial
    changed = apply_overrides(trial, ["steps.name=sgd"])
    assert changed == Trial(epochs=7, steps=Steps(name="sgd"))


@pytest.mark.parametrize(
    ("assignments", "rates"),
    [
        (["steps.rates.scene_backbone=0.1"], {"head": 1.0, "scene_backbone": 0.1}),
        (['steps.rates={"head/fc1": 2}'], {"head/fc1": 2.0}),
        (["steps.rates.head=3", "steps.rates={}"], {"head": 3.0}),
    ],
    ids=["one key", "all keys", "all keys and then one"],
)
def test_a_mapping_is_set_by_key_or_as_a_whole(assignments, rates):
    assert apply_overrides(Trial(), assignments).steps.rates == rates


def test_arguments_of_the_model_go_by_the_annotations_of_its_function():
    trial = apply_overrides(
        Trial(),
        [
            "model.units=16",
            "model.branches=scene",
            "model.scene_size=32,48",
            "model.body_weights=none",
        ],
    )
    assert trial.model_arguments == {
        "dropout": 0.2,
        "units": 16,
        "branches": ("scene",),
        "scene_size": (32, 48),
        "body_weights": None,
    }


def test_the_arguments_are_those_of_the_model_that_is_named_with_them():
    trial = apply_overrides(
        Trial(model_arguments={}), ["model.squeeze_ratio=2", "model=expression_net"]
    )
    assert (trial.model, trial.model_arguments) == ("expression_net", {"squeeze_ratio": 2})


def test_values_that_are_allowed_only_together_are_set_together():
    assert apply_overrides(Trial(), ["parts=16", "batch_size=32"]).parts == 16


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("epochs", "--set: expected NAME=VALUE. Received: 'epochs'"),
        ("=3", "--set: expected NAME=VALUE. Received: '=3'"),
        ("name=other", "--set name: expected any setting but the name. Received: 'other'"),
        ("epoch=3", "Unknown setting: did you mean epochs? Received: 'epoch'"),
        (
            "steps.learning_rat=1",
            "Unknown setting: did you mean steps.learning_rate",
        ),
        ("learning_rate=1", "did you mean steps.learning_rate? Received: 'learning_rate'"),
        ("steps.rates.=1", "Unknown setting: did you mean steps.rates"),
        ("steps=adam", "--set steps: expected one of steps.name, steps.learning_rate, steps.decay"),
        (
            "steps.learning_rate=fast",
            "--set steps.learning_rate: expected a number. Received: 'fast'",
        ),
        ("steps.learning_rate=nan", "expected a number. Received: 'nan'"),
        ("steps.learning_rate=1e999", "expected a number. Received: '1e999'"),
        ("steps.learning_rate=true", "expected a number. Received: 'true'"),
        ("steps.decay=", "--set steps.decay: expected a number or none. Received: ''"),
        ("steps.name=adm", "--set steps.name: Unknown value: did you mean adam? Received: 'adm'"),
        ("keep=nothing", "--set keep: Unknown value: "),
        ("epochs=1e3", "--set epochs: expected a whole number. Received: '1e3'"),
        ("epochs=true", "--set epochs: expected a whole number. Received: 'true'"),
        ("flip=1", "--set flip: expected true or false. Received: '1'"),
        ("sizes=48,big", "--set sizes: expected [a whole number, ...]. Received: '48,big'"),
        ("sizes=[48", "--set sizes: expected [a whole number, ...]. Received: '[48'"),
        ("range=1", "--set range: expected [a number, a number]. Received: '1'"),
        ("plan=0,48", "--set plan: expected [[a number, a whole number], ...]. Received: '0,48'"),
        ("freeze=[1]", "--set freeze: expected [text, ...]. Received: '[1]'"),
        (
            "steps.rates=0.1",
            "--set steps.rates: expected {\"name\": a number, ...}. Received: '0.1'",
        ),
        ("steps.rates.head=slow", "--set steps.rates.head: expected a number. Received: 'slow'"),
        ("model.unit=8", "did you mean model.units"),
        ("model.units=wide", "--set model.units: expected a whole number. Received: 'wide'"),
        ("model_arguments={}", "Unknown setting: "),
        (
            "model=context_fusio",
            "--set model: Unknown model: did you mean context_fusion?",
        ),
        ("model=resnet18", "expected a model with the argument dropout, which the experiment sets"),
        ("parts=9", "--set parts=9: parts: expected at most 8. Received: 9"),
    ],
)
def test_what_cannot_be_set_is_an_error_that_names_it(assignment, message):
    with pytest.raises(EmoError) as caught:
        apply_overrides(Trial(), [assignment])
    assert message in str(caught.value)


def test_a_setting_given_twice_is_an_error():
    with pytest.raises(EmoError, match=r"--set epochs: expected it once\. Received: '1', '2'"):
        apply_overrides(Trial(), ["epochs=1", "epochs=2"])

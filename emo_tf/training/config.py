"""What an experiment consists of: frozen dataclasses that its file in `configs/` fills."""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal, get_args, get_origin, get_type_hints

from emo_tf.data.augment import Augmentation
from emo_tf.data.people import PeopleData
from emo_tf.data.person_augment import PersonAugmentation
from emo_tf.errors import EmoError, unknown_name
from emo_tf.models.context_fusion import BRANCHES

_NOT_NEGATIVE = "0 or more", lambda value: 0 <= value < math.inf
_POSITIVE = "a number above 0", lambda value: 0 < value < math.inf
_COUNT = "1 or more", lambda value: value >= 1
_DECAY = "0 to below 1", lambda value: 0 <= value < 1


def _check(settings: object, place: str = "", **ranges: tuple) -> None:
    """Checks the fields that are one of a few names, and the numbers that have a range.

    Args:
        settings: A dataclass.
        place: Where it stands in an experiment: `optimizer.`.
        ranges: By the name of a field, what to expect of it if it is given, in words and as a
            condition.

    Raises:
        EmoError: One of them is something else.
    """
    hints = get_type_hints(type(settings))
    for name in (one.name for one in dataclasses.fields(settings)):
        names, value = get_args(hints[name]), getattr(settings, name)
        if get_origin(hints[name]) is Literal and value not in names:
            raise unknown_name(f"{place}{name}", value, names)
    for name, (expected, holds) in ranges.items():
        value = getattr(settings, name)
        if value is not None and not holds(value):
            raise EmoError(f"{place}{name}: expected {expected}. Received: {value}")


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """How gradients become steps.

    Attributes:
        name: `sgd` or `adam`.
        learning_rate: The highest that the schedule comes to.
        momentum: Of `sgd`.
        nesterov: Whether that momentum is Nesterov's.
        amsgrad: Whether `adam` keeps the largest second moments (Reddi et al. 2018).
        l2: Coupled penalty: this share of every weight trained is added to its gradient, as
            PyTorch's `weight_decay` does (Loshchilov and Hutter 2019, algorithm 2, the other way).
        weight_decay: Decoupled: each step takes `learning_rate * weight_decay` off each kernel.
        clip_norm: Longest gradient: that of all weights together, over the whole batch.
        ema_decay: Decay a step of averaged weights, which are then the ones kept; None for none.
        freeze: Layers that are not trained, by path: `scene_backbone`, `head/fc1`.
        frozen_batch_norm: Whether batch normalisation in frozen layers goes by the `batch`, and
            keeps averaging, as a frozen network of PyTorch's does, or by what it has `averaged`.
        rates: Factors on the learning rate by path of a layer; the longest path that fits counts.

    Raises:
        EmoError: A number is out of its range, or a name is none of those listed.
    """

    name: Literal["sgd", "adam"] = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    nesterov: bool = False
    amsgrad: bool = False
    l2: float = 0.0
    weight_decay: float = 0.0
    clip_norm: float | None = None
    ema_decay: float | None = None
    freeze: tuple[str, ...] = ()
    frozen_batch_norm: Literal["batch", "averaged"] = "batch"
    rates: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check(
            self,
            "optimizer.",
            learning_rate=_NOT_NEGATIVE,
            momentum=_DECAY,
            l2=_NOT_NEGATIVE,
            weight_decay=_NOT_NEGATIVE,
            clip_norm=_POSITIVE,
            ema_decay=_DECAY,
            rates=("0 or more for each", lambda rates: all(map(_NOT_NEGATIVE[1], rates.values()))),
        )


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How the learning rate goes.

    Attributes:
        name: `constant`; `step`: times `gamma` every `step_epochs`; `cosine`: half a period down
            to zero.
        warmup_epochs: Epochs of linear rise before.
        step_epochs: See `name`.
        gamma: See `name`.

    Raises:
        EmoError: A number is out of its range, or `name` is none of those listed.
    """

    name: Literal["constant", "step", "cosine"] = "constant"
    warmup_epochs: float = 0.0
    step_epochs: int = 7
    gamma: float = 0.1

    def __post_init__(self) -> None:
        _check(
            self,
            "schedule.",
            warmup_epochs=_NOT_NEGATIVE,
            step_epochs=_COUNT,
            gamma=_NOT_NEGATIVE,
        )


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """What every experiment has: what `emo-tf train NAME` runs and `config.json` keeps.

    Attributes:
        name: The experiment's name: its module in `configs/`.
        dataset: TFDS builder that it reads.
        model: Name in the model registry.
        model_arguments: Arguments of the model's builder.
        epochs: Passes over the training examples.
        batch_size: Examples a step, over all devices.
        seed: Of weights, order, augmentation and dropout.
        mixed_precision: Compute in bfloat16, keep weights in float32.
        xla: Compile each step with XLA; for one device.
        accumulation: Parts that each device computes its batch in, one after the other, to save
            memory; the gradients are those of the whole, batch normalisation sees the parts.
        deterministic: Let TensorFlow use no operation whose result depends on the order of threads:
            a run that was stopped then ends with the very weights of one that was not.
        checkpoint_minutes: A checkpoint is written after every epoch, and within one after so long.
        picture_epochs: TensorBoard's curves and pictures are drawn every so many epochs, and after
            the last.
        optimizer: How gradients become steps.
        schedule: How the learning rate goes.

    Raises:
        EmoError: A number is out of its range.
    """

    task: ClassVar[str]

    name: str
    dataset: str
    model: str
    model_arguments: Mapping[str, object] = field(default_factory=dict)
    epochs: int
    batch_size: int
    seed: int = 0
    mixed_precision: bool = False
    xla: bool = False
    accumulation: int = 1
    deterministic: bool = True
    checkpoint_minutes: float = 10.0
    picture_epochs: int = 1
    optimizer: Optimizer = field(default_factory=Optimizer)
    schedule: Schedule = field(default_factory=Schedule)

    def __post_init__(self) -> None:
        _check(
            self,
            epochs=_COUNT,
            batch_size=_COUNT,
            accumulation=_COUNT,
            seed=_NOT_NEGATIVE,
            checkpoint_minutes=_NOT_NEGATIVE,
            picture_epochs=_COUNT,
        )
        if self.accumulation > self.batch_size:
            raise EmoError(
                f"accumulation: expected at most batch_size, {self.batch_size}. "
                f"Received: {self.accumulation}"
            )

    def to_json(self) -> str:
        return json.dumps({"task": self.task, **dataclasses.asdict(self)}, indent=1) + "\n"


@dataclass(frozen=True, kw_only=True)
class ExpressionExperiment(Experiment):
    """An experiment that recognises expressions of faces that fit into memory.

    Attributes:
        resolutions: Progressive resizing: pairs of the share of the epochs after which a side in
            pixels takes over, the first at 0. Train small first, end at the model's own size.
        label_smoothing: Share of each label spread over all classes.
        limit: Use only so many training images, or all; for smoke runs.
        photograph_repeats: How often each labelled photograph of the largest class stands among
            the training images of an epoch, those of smaller classes more often so that the
            classes weigh about alike; 0 for a run without photographs.
        members: Runs from the same start, each with the next seed, whose weights are averaged.
        augmentation: How pictures are changed.
    """

    task: ClassVar[str] = "expression"

    resolutions: tuple[tuple[float, int], ...] = ((0.0, 48),)
    label_smoothing: float = 0.1
    limit: int | None = None
    photograph_repeats: int = 0
    members: int = 1
    augmentation: Augmentation = field(default_factory=Augmentation)

    def resolution(self, epoch: int) -> int:
        """Returns the side in pixels that training uses in `epoch` (counted from 0)."""
        reached = [side for share, side in self.resolutions if epoch >= share * self.epochs]
        return reached[-1]


@dataclass(frozen=True, kw_only=True)
class PersonLoss:
    """What is made small for a person in a scene: the weighted sum of two terms.

    Attributes:
        categories: Name of the categories' loss: see `losses.category_loss`.
        category_arguments: Further arguments of that loss.
        category_weight: Weight of that term.
        vad: Name of the loss of valence, arousal and dominance: see `losses.vad_loss`.
        vad_arguments: Further arguments of that loss.
        vad_weight: Weight of that term.
        reduction: `sum` over the people of a batch, as published, or `mean`.

    Raises:
        EmoError: `reduction` is neither.
    """

    categories: str = "dynamic_squared_error"
    category_arguments: Mapping[str, float] = field(default_factory=dict)
    category_weight: float = 0.5
    vad: str = "smooth_l1"
    vad_arguments: Mapping[str, float] = field(default_factory=dict)
    vad_weight: float = 0.5
    reduction: Literal["sum", "mean"] = "sum"

    def __post_init__(self) -> None:
        _check(self, "loss.")


@dataclass(frozen=True, kw_only=True)
class EmoticExperiment(Experiment):
    """An experiment on people in scenes.

    Attributes:
        drop_remainder: Whether the last people of an epoch, fewer than a batch, are left out. If
            not, batches are computed in one part: those few could leave a part empty.
        keep: Which epoch's weights are kept: least validation `loss`, greatest validation
            `mean_average_precision`, or the `last`.
        data: How people are read.
        augmentation: How pictures are changed.
        loss: What is made small.

    What `optimizer` says of the backbone of a branch that the model leaves out does not count and
    is dropped, so that one experiment serves B, I and B+I.

    Raises:
        EmoError: A number is out of its range, or a name is none of those listed.
    """

    task: ClassVar[str] = "emotic"

    drop_remainder: bool = True
    keep: Literal["loss", "mean_average_precision", "last"] = "loss"
    data: PeopleData = field(default_factory=PeopleData)
    augmentation: PersonAugmentation = field(default_factory=PersonAugmentation)
    loss: PersonLoss = field(default_factory=PersonLoss)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.accumulation > 1 and not self.drop_remainder:
            raise EmoError(
                "accumulation: expected 1, as drop_remainder is false. "
                f"Received: {self.accumulation}"
            )
        branches = self.model_arguments.get("branches", BRANCHES)
        absent = [f"{branch}_backbone" for branch in BRANCHES if branch not in branches]
        present = replace(
            self.optimizer,
            freeze=tuple(p for p in self.optimizer.freeze if p.split("/")[0] not in absent),
            rates={p: r for p, r in self.optimizer.rates.items() if p.split("/")[0] not in absent},
        )
        object.__setattr__(self, "optimizer", present)

"""What every experiment consists of: frozen dataclasses that its file in `configs/` fills."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from emo_tf.errors import EmoError
from emo_tf.training.setting_checks import (
    COUNT,
    DECAY,
    NOT_NEGATIVE,
    POSITIVE,
    check_settings,
)


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """How gradients become steps.

    Attributes:
        name: `sgd`, `adam` or `adagrad`.
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

    name: Literal["sgd", "adam", "adagrad"] = "adam"
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
        check_settings(
            self,
            "optimizer.",
            learning_rate=NOT_NEGATIVE,
            momentum=DECAY,
            l2=NOT_NEGATIVE,
            weight_decay=NOT_NEGATIVE,
            clip_norm=POSITIVE,
            ema_decay=DECAY,
            rates=("0 or more for each", lambda rates: all(map(NOT_NEGATIVE[1], rates.values()))),
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
        check_settings(
            self,
            "schedule.",
            warmup_epochs=NOT_NEGATIVE,
            step_epochs=COUNT,
            gamma=NOT_NEGATIVE,
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
        patience: Epochs without a better validation that end the run early; None for none.
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
    patience: int | None = None
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
        check_settings(
            self,
            epochs=COUNT,
            patience=COUNT,
            batch_size=COUNT,
            accumulation=COUNT,
            seed=NOT_NEGATIVE,
            checkpoint_minutes=NOT_NEGATIVE,
            picture_epochs=COUNT,
        )
        if self.accumulation > self.batch_size:
            raise EmoError(
                f"accumulation: expected at most batch_size, {self.batch_size}. "
                f"Received: {self.accumulation}"
            )

    def to_json(self) -> str:
        """Returns the text of `config.json`."""
        return json.dumps({"task": self.task, **dataclasses.asdict(self)}, indent=1) + "\n"

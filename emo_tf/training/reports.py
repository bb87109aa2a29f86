"""What a run tells while it goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Validation:
    """What a model is worth on examples that it is not trained on.

    Attributes:
        score: What the epoch to keep is chosen by, the greater the better; `None` where the last
            is to be kept.
        figures: Figures to report, by name.
        detail: What the task draws its pictures from.
    """

    score: float | None
    figures: Mapping[str, float]
    detail: object = None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an epoch is.

    Attributes:
        epoch: Its number, from 1.
        epochs: How many there are.
        step: Steps taken in it.
        steps: How many it has.
        loss: Mean over its steps so far.
        examples_per_s: Examples a second since the last report.
        seconds_left: Of the whole run, as it looks.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    examples_per_s: float
    seconds_left: float


@dataclass(frozen=True, kw_only=True)
class EpochReport:
    """What one epoch came to.

    Attributes:
        epoch: Its number, from 1.
        epochs: How many there are.
        training: Means over the epoch's steps by name; `loss` is among them.
        validation: Figures of the weights to be kept, by name.
        learning_rate: Of the next step.
        examples_per_s: Examples a second in training.
        seconds_left: Of the run, as it looks.
        is_best: Whether this epoch's weights are the ones to keep so far.
        note: What was special about it.
    """

    epoch: int
    epochs: int
    training: Mapping[str, float]
    validation: Mapping[str, float] = field(default_factory=dict)
    learning_rate: float
    examples_per_s: float
    seconds_left: float
    is_best: bool
    note: str = ""

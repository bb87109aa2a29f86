"""What an experiment consists of: frozen dataclasses that its file in `configs/` fills."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from emo_tf.data.augment import Augmentation


@dataclass(frozen=True)
class Optimisation:
    """Stochastic gradient descent with Nesterov momentum, warm-up and a cosine to zero.

    Attributes:
        peak_learning_rate: Reached at the end of the warm-up.
        warmup_epochs: Epochs of linear rise.
        momentum: Nesterov momentum.
        weight_decay: Decoupled: each step takes `learning_rate * weight_decay` off each kernel.
        ema_decay: Decay a step of the averaged weights, which are the ones kept.
    """

    peak_learning_rate: float = 0.1
    warmup_epochs: float = 3.0
    momentum: float = 0.9
    weight_decay: float = 5e-3
    ema_decay: float = 0.995


@dataclass(frozen=True)
class Experiment:
    """One experiment, complete: what `emo-tf train NAME` runs and `config.json` keeps.

    Attributes:
        name: The experiment's name: its module in `configs/`.
        dataset: TFDS builder that it reads.
        model: Name in the model registry.
        model_arguments: Arguments of the model's builder.
        epochs: Passes over the training images.
        batch_size: Images a step.
        resolutions: Progressive resizing: pairs of the share of the epochs after which a side in
            pixels takes over, the first at 0. Train small first, end at the model's own size.
        label_smoothing: Share of each label spread over all classes.
        mixed_precision: Compute in bfloat16, keep weights in float32.
        seed: Of weights, order and augmentation.
        limit: Use only so many training images, or all; for smoke runs.
        photograph_repeats: How often each labelled photograph of the largest class stands among
            the training images of an epoch, those of smaller classes more often so that the
            classes weigh about alike; 0 for a run without photographs.
        members: Runs from the same start, each with the next seed, whose weights are averaged.
    """

    name: str
    dataset: str
    model: str
    epochs: int
    batch_size: int = 128
    model_arguments: Mapping[str, object] = field(default_factory=dict)
    resolutions: tuple[tuple[float, int], ...] = ((0.0, 48),)
    label_smoothing: float = 0.1
    mixed_precision: bool = True
    seed: int = 0
    limit: int | None = None
    photograph_repeats: int = 0
    members: int = 1
    augmentation: Augmentation = field(default_factory=Augmentation)
    optimisation: Optimisation = field(default_factory=Optimisation)

    def resolution(self, epoch: int) -> int:
        """Returns the side in pixels that training uses in `epoch` (counted from 0)."""
        reached = [side for share, side in self.resolutions if epoch >= share * self.epochs]
        return reached[-1]

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=1) + "\n"

"""What an experiment on expressions consists of."""

from dataclasses import dataclass, field
from typing import ClassVar

from emo_tf.data.augment import Augmentation
from emo_tf.training.config import Experiment


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

"""What an experiment on groups of people consists of."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from emo_tf.data.group_augment import GroupAugmentation
from emo_tf.data.group_pictures import GroupData
from emo_tf.errors import EmoError
from emo_tf.training.config import Experiment
from emo_tf.training.setting_checks import DECAY, check_settings

VALIDATION = {"train": "val", "train+val": "eval"}
"""The split that validates, by the one that trains."""


@dataclass(frozen=True, kw_only=True)
class GroupExperiment(Experiment):
    """An experiment on pictures of groups, or on single faces that carry their picture's label.

    Attributes:
        train_split: `train`, validated on `val`, or `train+val`, validated on `eval`.
        unit: What an example is: `pictures`, or `faces`, each with the label of its picture, for
            models of faces alone. Validation is by picture either way.
        drop_remainder: Whether the last examples of an epoch, fewer than a batch, are left out.
        keep: Which epoch's weights are kept: greatest validation `accuracy`, or the `last`.
        label_smoothing: Share of each label spread over all classes.
        balanced: Whether examples weigh by their class, so that all classes weigh alike.
        data: How pictures are read.
        augmentation: How pictures and faces are changed.

    Raises:
        EmoError: A number is out of its range, or a name is none of those listed.
    """

    task: ClassVar[str] = "group"

    train_split: Literal["train", "train+val"] = "train"
    unit: Literal["pictures", "faces"] = "pictures"
    drop_remainder: bool = True
    keep: Literal["accuracy", "last"] = "accuracy"
    label_smoothing: float = 0.0
    balanced: bool = False
    data: GroupData = field(default_factory=GroupData)
    augmentation: GroupAugmentation = field(default_factory=GroupAugmentation)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_settings(self, label_smoothing=DECAY)
        if self.accumulation > 1 and not self.drop_remainder:
            raise EmoError(
                "accumulation: expected 1, as drop_remainder is false. "
                f"Received: {self.accumulation}"
            )

    @property
    def validation_split(self) -> str:
        """The split that the epoch and the temperature are chosen on."""
        return VALIDATION[self.train_split]

"""What an experiment on people in scenes consists of."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from emo_tf.data.people import PeopleData
from emo_tf.data.person_augment import PersonAugmentation
from emo_tf.errors import EmoError
from emo_tf.models.context_fusion import BRANCHES
from emo_tf.training.config import Experiment
from emo_tf.training.setting_checks import check_settings


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
        check_settings(self, "loss.")


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

"""What an experiment on faces in videos consists of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from emo_tf.data.clip_augment import ClipAugmentation
from emo_tf.data.clip_splits import FER2013, HELD_OUT
from emo_tf.data.clips import ClipData
from emo_tf.errors import EmoError
from emo_tf.training.config import Experiment
from emo_tf.training.setting_checks import COUNT, DECAY, check_settings

_SHARE = "0 to 1", lambda value: 0 <= value <= 1


@dataclass(frozen=True, kw_only=True)
class VideoLoss:
    """What is made small, on every frame or on the last ones.

    Attributes:
        name: `neutral_balanced`, which weighs neutral against the rest (the VTT system), or
            `cross_entropy`.
        neutral_share: Of `neutral_balanced`: how much neutral against the rest counts.
        label_smoothing: Of `cross_entropy`: share of each label spread over all classes.
        last_frames: How many frames at the end of a clip count, all if None: fewer where the label
            is that of what a clip comes to, which its first frames do not show.

    Raises:
        EmoError: A number is out of its range, or the name is neither.
    """

    name: Literal["neutral_balanced", "cross_entropy"] = "cross_entropy"
    neutral_share: float = 0.5
    label_smoothing: float = 0.0
    last_frames: int | None = None

    def __post_init__(self) -> None:
        check_settings(
            self, "loss.", neutral_share=_SHARE, label_smoothing=DECAY, last_frames=COUNT
        )


@dataclass(frozen=True, kw_only=True)
class MovingStill:
    """How a still becomes a clip for a model of several frames.

    Attributes:
        change: Share of the clips whose face changes into one of another label.
        fade: Fewest and most frames that a change takes.

    Raises:
        EmoError: A number is out of its range.
    """

    change: float = 0.5
    fade: tuple[int, int] = (1, 4)

    def __post_init__(self) -> None:
        in_order = "two numbers from 1, in order", lambda fade: 1 <= fade[0] <= fade[1]
        check_settings(self, "moving.", change=_SHARE, fade=in_order)


@dataclass(frozen=True, kw_only=True)
class VideoExperiment(Experiment):
    """An experiment on clips of a face, or on stills of one where the model takes one frame.

    Attributes:
        train_split: The split of every data set that is trained on.
        validation_split: The split of `dataset` that validates; of FER2013 `held_out`.
        shares: Data sets that are trained on, and the share of the examples that each gives;
            `dataset` alone where there are none. Those of stills move for a model of clips.
        reported: Splits that only report, by data set.
        balanced: Whether examples are drawn, with replacement, from each data set by its share and
            then by class, as `neutral_share` says. If not, every example comes once an epoch.
        neutral_share: Probability of neutral where examples are drawn, the other classes being
            alike; None for every class as often as the data set has it.
        photographs: Share of the examples that are drawn from labelled photographs, which the run
            is given besides; the rest is drawn from the data sets by their shares.
        steps: Steps an epoch where examples are drawn; as many as there are examples for if None.
        drop_remainder: Whether the last examples of an epoch, fewer than a batch, are left out.
        keep: Which epoch's weights are kept: greatest validation `accuracy`, `mean_recall` or
            `frame_accuracy`, or the `last`.
        crop: How a face is cut out of a frame for the model, for `runtime.face_align`.
        data: How examples are read.
        moving: How stills become clips.
        augmentation: How clips are changed at random.
        loss: What is made small.

    Raises:
        EmoError: A number is out of its range, a name is none of those listed, or settings do not
            go together.
    """

    task: ClassVar[str] = "video"

    train_split: str = "train"
    validation_split: str = "validation"
    shares: Mapping[str, float] = field(default_factory=dict)
    reported: Mapping[str, str] = field(default_factory=dict)
    balanced: bool = False
    neutral_share: float | None = 0.33
    photographs: float = 0.0
    steps: int | None = None
    drop_remainder: bool = True
    keep: Literal["accuracy", "mean_recall", "frame_accuracy", "last"] = "accuracy"
    crop: Mapping[str, object] = field(default_factory=dict)
    data: ClipData = field(default_factory=ClipData)
    moving: MovingStill = field(default_factory=MovingStill)
    augmentation: ClipAugmentation = field(default_factory=ClipAugmentation)
    loss: VideoLoss = field(default_factory=VideoLoss)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_settings(
            self,
            neutral_share=_SHARE,
            photographs=DECAY,
            steps=COUNT,
            shares=("above 0 for each", lambda shares: all(s > 0 for s in shares.values())),
        )
        drawn = self.steps is not None or self.photographs > 0 or len({*self.shares.values()}) > 1
        if drawn and not self.balanced:
            raise EmoError(
                "balanced: expected true, as steps, photographs or unequal shares are given. "
                "Received: false"
            )
        if self.accumulation > 1 and not self.drop_remainder:
            raise EmoError(
                "accumulation: expected 1, as drop_remainder is false. "
                f"Received: {self.accumulation}"
            )
        is_fer2013 = self.dataset == FER2013
        if is_fer2013 != (self.validation_split == HELD_OUT):
            raise EmoError(
                f"validation_split: expected {HELD_OUT if is_fer2013 else 'a split'} of "
                f"{self.dataset}. Received: {self.validation_split!r}"
            )

    @property
    def trained_on(self) -> tuple[str, ...]:
        """The data sets that are trained on."""
        return tuple(self.shares) or (self.dataset,)

    @property
    def datasets(self) -> tuple[str, ...]:
        """All data sets, that which validates first."""
        return tuple(dict.fromkeys((self.dataset, *self.trained_on, *self.reported)))

"""What a network with a temporal shift is made of."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from keras import layers

from emo_tf.errors import EmoError, unknown_name
from emo_tf.labels import EXPRESSIONS
from emo_tf.models.expression_net import DROPOUT, expression_features
from emo_tf.models.mobilenet_v2 import CLASSIFIER, MOBILENET_V2, mobilenet_features
from emo_tf.models.normalisation import IMAGENET, standardised
from emo_tf.models.resnet import resnet_features

RESIDUAL, STAGE, NONE = "residual", "stage", "none"

SHIFTS: Mapping[str, float] = MappingProxyType({RESIDUAL: 1 / 8, STAGE: 1 / 4, NONE: 0.0})
"""Where channels move, and which share of them unless told: `residual`, in the branch of every
block (Lin et al. 2019); `stage`, between the stages (the VTT system); `none`, nowhere."""


def _unit(x, *, name: str):
    # Pixels of 0 to 255 do not fit into half a float.
    return layers.Rescaling(1 / 255, dtype="float32", name=name)(x)


def _imagenet(x, *, name: str):
    return standardised(x, IMAGENET, name=name)


NORMALISATIONS: Mapping[str, Callable] = MappingProxyType({"unit": _unit, "imagenet": _imagenet})
"""From pixels of 0 to 255 to what the torch networks take: 0 to 1 as the VTT system, or less the
mean and as shares of the deviation of ImageNet."""


@dataclass(frozen=True)
class TsmBackbone:
    """A network that can shift its channels.

    Attributes:
        features: From pictures, and `hooks`, to features (B, D).
        classifier: The name of the dense layer behind it.
        channels: 1 for grey pictures, 3 for RGB.
        takes_pixels: Whether it normalises pixels of 0 to 255 itself.
        dropout: The rate before the classifier.
    """

    features: Callable
    classifier: str = "fc"
    channels: int = 3
    takes_pixels: bool = False
    dropout: float = 0.0


def _resnet(name: str) -> TsmBackbone:
    return TsmBackbone(lambda image, *, hooks: resnet_features(image, name, hooks=hooks))


TSM_BACKBONES: Mapping[str, TsmBackbone] = MappingProxyType(
    {
        "expression_net": TsmBackbone(
            expression_features, "logits", channels=1, takes_pixels=True, dropout=DROPOUT
        ),
        MOBILENET_V2: TsmBackbone(mobilenet_features, CLASSIFIER, dropout=0.2),
        "resnet18": _resnet("resnet18"),
        "resnet50": _resnet("resnet50"),
    }
)
"""Each of them by name."""


@dataclass(frozen=True)
class TsmSettings:
    """The arguments of `tsm` and of `tsm_stream`, which take the same.

    Attributes:
        backbone: One of `TSM_BACKBONES`.
        frames: Number of frames T of a clip.
        height: Height of a frame in pixels.
        width: Width of a frame in pixels.
        shift: One of `SHIFTS`.
        two_way: Whether channels come from the frame after too; not one frame at a time.
        fraction: Which share of the channels moves in each direction; None for that of `SHIFTS`.
        decision_frames: How many frames, the last ones, decide on the clip; None for all.
        classes: Number of outputs.
        dropout: Rate before the last layer; None for the backbone's own.
        normalisation: One of `NORMALISATIONS`; None for `unit`, or the backbone's own if it has
            one.
        backbone_arguments: Further arguments of the backbone, such as the expression net's
            `stage_filters`.

    Raises:
        EmoError: A name is unknown, a number out of its range, or an argument is not for that
            backbone or that shift.
    """

    backbone: str = "expression_net"
    frames: int = 8
    height: int = 48
    width: int = 48
    shift: str = RESIDUAL
    two_way: bool = False
    fraction: float | None = None
    decision_frames: int | None = None
    classes: int = len(EXPRESSIONS)
    dropout: float | None = None
    normalisation: str | None = None
    backbone_arguments: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self):
        if self.backbone not in TSM_BACKBONES:
            raise unknown_name("backbone", self.backbone, TSM_BACKBONES)
        if self.shift not in SHIFTS:
            raise unknown_name("shift", self.shift, SHIFTS)
        for name in ("frames", "height", "width", "classes"):
            if getattr(self, name) < 1:
                raise EmoError(f"{name}: expected 1 or more. Received: {getattr(self, name)}")
        if self.decision_frames is not None and not 1 <= self.decision_frames <= self.frames:
            raise EmoError(
                f"decision_frames: expected 1 to {self.frames}, the frames of a clip. "
                f"Received: {self.decision_frames}"
            )
        if self.shift == NONE and (self.two_way or self.fraction is not None):
            raise EmoError(
                "shift: expected residual or stage where two_way or fraction is given. "
                f"Received: {NONE}, two_way={self.two_way}, fraction={self.fraction}"
            )
        self._check_backbone()

    def _check_backbone(self) -> None:
        backbone = TSM_BACKBONES[self.backbone]
        if self.normalisation is not None:
            if backbone.takes_pixels:
                raise EmoError(
                    f"normalisation: expected None, since {self.backbone} has its own. "
                    f"Received: {self.normalisation!r}"
                )
            if self.normalisation not in NORMALISATIONS:
                raise unknown_name("normalisation", self.normalisation, NORMALISATIONS)
        taken = inspect.signature(backbone.features).parameters.keys() - {"image", "hooks"}
        for name in self.backbone_arguments:
            if name not in taken:
                raise unknown_name(f"argument of {self.backbone}", name, taken)

    @property
    def channels(self) -> int:
        """Channels of a frame: 1 for grey, 3 for RGB."""
        return TSM_BACKBONES[self.backbone].channels

    @property
    def shifted_fraction(self) -> float:
        """Which share of the channels moves in each direction."""
        return SHIFTS[self.shift] if self.fraction is None else self.fraction

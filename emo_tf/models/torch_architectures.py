"""The backbones whose weights come from torch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import keras

from emo_tf.models.densenet import DENSENET161, densenet161
from emo_tf.models.mobilenet_v2 import CLASSIFIER, MOBILENET_V2, mobilenet_v2
from emo_tf.models.resnet import RESNETS
from emo_tf.models.sphereface import SPHERE, sphere20a


@dataclass(frozen=True)
class TorchArchitecture:
    """A backbone, and how files of torch hold it.

    Attributes:
        build: Called with `height` and `width`, and `classes` where there is a classifier.
        stem: The tensor of its first convolution, which no other family has.
        children: The parts of the torch module, in the order in which `nn.Sequential` numbers them.
        classifier: The module that is its classifier; None where none is built.
        training_parts: Modules that serve to train it and are no part of what is built.
    """

    build: Callable[..., keras.Model]
    stem: str
    children: tuple[str, ...] = ()
    classifier: str | None = None
    training_parts: tuple[str, ...] = ()


RESNET_CHILDREN = (
    "conv1",
    "bn1",
    "relu",
    "maxpool",
    "layer1",
    "layer2",
    "layer3",
    "layer4",
    "avgpool",
    "fc",
)

_RESIDUAL = {
    name: TorchArchitecture(build, "conv1.weight", RESNET_CHILDREN, "fc")
    for name, build in RESNETS.items()
}
_DENSE = TorchArchitecture(
    densenet161, "features.conv0.weight", ("features", "classifier"), "classifier"
)
_MOBILE = TorchArchitecture(
    mobilenet_v2, "features.0.0.weight", ("features", "classifier"), CLASSIFIER
)
_SPHERE = TorchArchitecture(sphere20a, "conv1_1.weight", training_parts=("fc6",))

TORCH_ARCHITECTURES: Mapping[str, TorchArchitecture] = MappingProxyType(
    _RESIDUAL | {DENSENET161: _DENSE, MOBILENET_V2: _MOBILE, SPHERE: _SPHERE}
)
"""Every one of them by name."""

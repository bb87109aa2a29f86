"""Backbones: what turns one picture into a vector of features, by name."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import applications

from emo_tf.errors import EmoError
from emo_tf.models.registry import Registry
from emo_tf.models.resnet import RESNETS
from emo_tf.models.small_resnet import small_resnet


@dataclass(frozen=True)
class Backbone:
    """A network without its classifier.

    Attributes:
        build: Called with `height`, `width` and `weights`, None or `"imagenet"`; returns a model
            from one picture (B, H, W, 3) to features (B, D).
        takes_pixels: Whether the picture is pixels of 0 to 255, which the network normalises
            itself, or standardised by the mean and the deviation of the data.
    """

    build: Callable[..., keras.Model]
    takes_pixels: bool


SMALLEST_SIDE = 32
"""The shortest side in pixels that Keras' own networks take."""

BACKBONES: Registry[Backbone] = Registry("backbone")
"""Every backbone by name."""


def _residual(name: str, builder: Callable[..., keras.Model]) -> Callable[..., keras.Model]:
    def build(*, height: int, width: int, weights: str | None = None) -> keras.Model:
        if weights is not None:
            raise EmoError(
                f"weights of {name}: expected None, since Keras has none to fetch; those of torch "
                f"come by `emo-tf weights import`. Received: {weights!r}"
            )
        model = builder(height=height, width=width)
        return keras.Model(model.inputs[0], model.output["features"], name=name)

    return build


def _small(name: str, **arguments: object) -> Callable[..., keras.Model]:
    def build(*, height: int, width: int, weights: str | None = None) -> keras.Model:
        if weights is not None:
            raise EmoError(
                f"weights of {name}: expected None, since it is trained from nothing. "
                f"Received: {weights!r}"
            )
        model = small_resnet(height=height, width=width, **arguments)
        model.name = name
        return model

    return build


def _application(name: str, builder: Callable[..., keras.Model]) -> Callable[..., keras.Model]:
    def build(*, height: int, width: int, weights: str | None = None) -> keras.Model:
        if weights not in (None, "imagenet"):
            raise EmoError(f"weights of {name}: expected None or 'imagenet'. Received: {weights!r}")
        if min(height or SMALLEST_SIDE, width or SMALLEST_SIDE) < SMALLEST_SIDE:
            raise EmoError(
                f"size for {name}: expected sides of {SMALLEST_SIDE} pixels or more. "
                f"Received: {height} x {width}"
            )
        model = builder(
            input_shape=(height, width, 3),
            include_top=False,
            include_preprocessing=True,
            pooling="avg",
            weights=weights,
        )
        return keras.Model(model.inputs[0], model.outputs[0], name=name)

    return build


for _name, _builder in RESNETS.items():
    BACKBONES.add(_name, Backbone(_residual(_name, _builder), takes_pixels=False))
for _name, _arguments in {
    "small_resnet": {},
    "small_grey_resnet": {"grey": True},
    "tiny_resnet": {"stem_filters": 8, "stage_filters": (8, 8, 16), "stage_blocks": (1, 1, 1)},
}.items():
    BACKBONES.add(_name, Backbone(_small(_name, **_arguments), takes_pixels=True))
for _name, _builder in {
    "mobilenet_v3_small": applications.MobileNetV3Small,
    "mobilenet_v3_large": applications.MobileNetV3Large,
    "efficientnet_v2_b0": applications.EfficientNetV2B0,
    "convnext_tiny": applications.ConvNeXtTiny,
}.items():
    BACKBONES.add(_name, Backbone(_application(_name, _builder), takes_pixels=True))

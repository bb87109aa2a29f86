"""Backbones: what turns one picture into a vector of features, by name."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import applications

from emo_tf.errors import EmoError
from emo_tf.models.densenet import DENSENET161, densenet161
from emo_tf.models.face_nets import plain_face_net, vgg_face_net
from emo_tf.models.mobilenet_v2 import MOBILENET_V2, mobilenet_v2
from emo_tf.models.normalisation import IMAGENET, Normalisation
from emo_tf.models.registry import Registry
from emo_tf.models.resnet import RESNETS
from emo_tf.models.small_resnet import small_resnet
from emo_tf.models.sphereface import SPHERE, sphere20a


@dataclass(frozen=True)
class Backbone:
    """A network without its classifier.

    Attributes:
        build: Called with `height`, `width` and `weights`, None or `"imagenet"`; returns a model
            from one picture (B, H, W, 3) to features (B, D).
        takes_pixels: Whether the picture is pixels of 0 to 255, which the network normalises
            itself, or standardised by the mean and the deviation of the data.
        normalisation: Those that its published weights were trained with; None for a network that
            takes pixels, and for one of faces, where the crop says it (`FACE_PRESETS`).
    """

    build: Callable[..., keras.Model]
    takes_pixels: bool
    normalisation: Normalisation | None = None


SMALLEST_SIDE = 32
"""The shortest side in pixels that Keras' own networks take."""

BACKBONES: Registry[Backbone] = Registry("backbone")
"""Every backbone by name."""


def _torch(
    name: str, builder: Callable[..., keras.Model], *, output: str = "features"
) -> Callable[..., keras.Model]:
    def build(*, height: int, width: int, weights: str | None = None) -> keras.Model:
        if weights is not None:
            raise EmoError(
                f"weights of {name}: expected None, since Keras has none to fetch; those of torch "
                f"come by `emo-tf weights import`. Received: {weights!r}"
            )
        model = builder(height=height, width=width)
        return keras.Model(model.inputs[0], model.output[output], name=name)

    return build


def _untrained(
    name: str, builder: Callable[..., keras.Model], **arguments: object
) -> Callable[..., keras.Model]:
    def build(*, height: int, width: int, weights: str | None = None) -> keras.Model:
        if weights is not None:
            raise EmoError(
                f"weights of {name}: expected None, since it is trained from nothing. "
                f"Received: {weights!r}"
            )
        model = builder(height=height, width=width, **arguments)
        model.name = name
        return model

    return build


def _vgg(name: str, **arguments: object) -> Callable[..., keras.Model]:
    def build(*, height: int, width: int, weights: str | None = None) -> keras.Model:
        model = vgg_face_net(height=height, width=width, weights=weights, **arguments)
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


for _name, _builder in (RESNETS | {DENSENET161: densenet161, MOBILENET_V2: mobilenet_v2}).items():
    BACKBONES.add(
        _name,
        Backbone(_torch(_name, _builder), takes_pixels=False, normalisation=IMAGENET),
    )
BACKBONES.add(SPHERE, Backbone(_torch(SPHERE, sphere20a, output="embedding"), takes_pixels=False))
for _name, _arguments in {
    "small_resnet": {},
    "small_grey_resnet": {"grey": True},
    "small_patch_resnet": {
        "stem_kernel": 4,
        "stem_strides": 4,
        "stage_filters": (16, 32, 64),
        "stage_blocks": (1, 1, 1),
        "pooled_stages": 2,
    },
    "tiny_resnet": {"stem_filters": 8, "stage_filters": (8, 8, 16), "stage_blocks": (1, 1, 1)},
}.items():
    BACKBONES.add(_name, Backbone(_untrained(_name, small_resnet, **_arguments), takes_pixels=True))
for _name, _builder in {
    "mobilenet_v3_small": applications.MobileNetV3Small,
    "mobilenet_v3_large": applications.MobileNetV3Large,
    "efficientnet_v2_b0": applications.EfficientNetV2B0,
    "convnext_tiny": applications.ConvNeXtTiny,
}.items():
    BACKBONES.add(_name, Backbone(_application(_name, _builder), takes_pixels=True))
for _name, _arguments in {
    "garg_vgg16": {"units": (256,), "pooled": True},
    "garg_vggface": {"units": (512, 512), "pooled": False},
}.items():
    BACKBONES.add(_name, Backbone(_vgg(_name, **_arguments), takes_pixels=False))
for _name, _units in {"garg_plain": (1024, 512), "garg_wide": (2048, 1024, 512)}.items():
    _build = _untrained(_name, plain_face_net, units=_units)
    BACKBONES.add(_name, Backbone(_build, takes_pixels=False))

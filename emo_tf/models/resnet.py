"""Residual networks in torchvision's arithmetic, so that its weights give the same features.

Layers bear the names of the torch modules that hold the same weights.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import keras
from keras import layers

from emo_tf.models.hooks import NO_HOOKS, Hooks
from emo_tf.models.registry import register
from emo_tf.models.torch_layers import (
    batch_norm,
    classified,
    convolution,
    fan_out_normal,
    max_pool,
)

EXPANSION = 4
"""How many times wider a bottleneck ends than its middle is."""


def _convolution(x, filters: int, *, kernel: int, strides: int = 1, name: str):
    start = fan_out_normal()
    return convolution(x, filters, kernel=kernel, strides=strides, initializer=start, name=name)


def _basic_branch(x, filters: int, *, strides: int, name: str):
    x = _convolution(x, filters, kernel=3, strides=strides, name=f"{name}.conv1")
    x = layers.ReLU(name=f"{name}.relu1")(batch_norm(x, name=f"{name}.bn1"))
    x = _convolution(x, filters, kernel=3, name=f"{name}.conv2")
    return batch_norm(x, name=f"{name}.bn2")


def _bottleneck_branch(x, filters: int, *, strides: int, name: str):
    x = _convolution(x, filters, kernel=1, name=f"{name}.conv1")
    x = layers.ReLU(name=f"{name}.relu1")(batch_norm(x, name=f"{name}.bn1"))
    # torchvision strides in the 3 x 3 convolution, He et al. in the first 1 x 1.
    x = _convolution(x, filters, kernel=3, strides=strides, name=f"{name}.conv2")
    x = layers.ReLU(name=f"{name}.relu2")(batch_norm(x, name=f"{name}.bn2"))
    x = _convolution(x, EXPANSION * filters, kernel=1, name=f"{name}.conv3")
    return batch_norm(x, name=f"{name}.bn3")


def _block(x, filters: int, *, branch: Callable, strides: int, hooks: Hooks, name: str):
    shortcut = x
    x = branch(hooks.branch(x, f"{name}.shift"), filters, strides=strides, name=name)
    if strides > 1 or shortcut.shape[-1] != x.shape[-1]:
        shortcut = _convolution(
            shortcut, x.shape[-1], kernel=1, strides=strides, name=f"{name}.downsample.0"
        )
        shortcut = batch_norm(shortcut, name=f"{name}.downsample.1")
    x = layers.Add(name=f"{name}.add")([x, shortcut])
    return layers.ReLU(name=f"{name}.relu")(x)


_BRANCHES = MappingProxyType(
    {
        "resnet18": (_basic_branch, (2, 2, 2, 2)),
        "resnet34": (_basic_branch, (3, 4, 6, 3)),
        "resnet50": (_bottleneck_branch, (3, 4, 6, 3)),
    }
)
"""The branch of each network's blocks, and how many blocks its stages have."""


def resnet_features(image, name: str, *, hooks: Hooks = NO_HOOKS):
    """Returns the features (B, D) of pictures (B, H, W, 3): a ResNet without its classifier.

    Args:
        image: The pictures, standardised as its weights want them.
        name: `resnet18`, `resnet34` or `resnet50`.
        hooks: What is done to its maps besides; layers that a hook makes are to be named
            `layer1.0.shift` (a branch of `layer1.0`) or `layer2.shift` (what goes into `layer2`).
    """
    branch, blocks = _BRANCHES[name]
    x = _convolution(image, 64, kernel=7, strides=2, name="conv1")
    x = layers.ReLU(name="relu")(batch_norm(x, name="bn1"))  # (B, H/2, W/2, 64)
    x = max_pool(x, name="maxpool")  # (B, H/4, W/4, 64)
    for stage, count in enumerate(blocks, 1):
        if stage > 1:
            x = hooks.stage(x, f"layer{stage}.shift")
        for block in range(count):
            x = _block(
                x,
                64 * 2 ** (stage - 1),
                branch=branch,
                strides=2 if stage > 1 and block == 0 else 1,
                hooks=hooks,
                name=f"layer{stage}.{block}",
            )
    return layers.GlobalAveragePooling2D(name="avgpool")(x)  # (B, D)


def _resnet(
    name: str, *, height: int | None, width: int | None, classes: int | None
) -> keras.Model:
    image = keras.Input((height, width, 3), name="image")
    features = resnet_features(image, name)
    return classified(image, features, classes=classes, classifier="fc", name=name)


@register("resnet18")
def resnet18(
    *, height: int | None = None, width: int | None = None, classes: int | None = None
) -> keras.Model:
    """Builds ResNet-18: 11.2 million parameters, features D = 512.

    Args:
        height: Input height in pixels; None for any.
        width: Input width in pixels; None for any.
        classes: Number of outputs of the classifier; None for none.

    Returns:
        A functional model from `image`, float (B, H, W, 3), standardised as its weights want it,
        to a dict of `features` (B, D), the mean of the last maps, and with a classifier `logits`
        (B, classes).

    Reference:
        He et al. 2016, "Deep residual learning for image recognition", table 1.
    """
    return _resnet("resnet18", height=height, width=width, classes=classes)


@register("resnet34")
def resnet34(
    *, height: int | None = None, width: int | None = None, classes: int | None = None
) -> keras.Model:
    """Builds ResNet-34: 21.3 million parameters, features D = 512; else as `resnet18`."""
    return _resnet("resnet34", height=height, width=width, classes=classes)


@register("resnet50")
def resnet50(
    *, height: int | None = None, width: int | None = None, classes: int | None = None
) -> keras.Model:
    """Builds ResNet-50: 23.5 million parameters, features D = 2048; else as `resnet18`.

    It strides in the 3 x 3 convolutions, the form known as version 1.5.
    """
    return _resnet("resnet50", height=height, width=width, classes=classes)


RESNETS: Mapping[str, Callable[..., keras.Model]] = MappingProxyType(
    {"resnet18": resnet18, "resnet34": resnet34, "resnet50": resnet50}
)
"""What builds each of them, by name."""

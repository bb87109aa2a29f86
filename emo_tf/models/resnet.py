"""Residual networks in torchvision's arithmetic, so that its weights give the same features.

Layers bear the names of the torch modules that hold the same weights.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import keras
from keras import layers

from emo_tf.models.registry import register
from emo_tf.models.torch_layers import batch_norm, classified, convolution, max_pool

EXPANSION = 4
"""How many times wider a bottleneck ends than its middle is."""


def _convolution(x, filters: int, *, kernel: int, strides: int = 1, name: str):
    start = keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")
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


def _block(x, filters: int, *, branch: Callable, strides: int, name: str):
    shortcut = x
    x = branch(x, filters, strides=strides, name=name)
    if strides > 1 or shortcut.shape[-1] != x.shape[-1]:
        shortcut = _convolution(
            shortcut, x.shape[-1], kernel=1, strides=strides, name=f"{name}.downsample.0"
        )
        shortcut = batch_norm(shortcut, name=f"{name}.downsample.1")
    x = layers.Add(name=f"{name}.add")([x, shortcut])
    return layers.ReLU(name=f"{name}.relu")(x)


def _resnet(
    name: str,
    branch: Callable,
    *,
    blocks: Sequence[int],
    height: int | None,
    width: int | None,
    classes: int | None,
) -> keras.Model:
    image = keras.Input((height, width, 3), name="image")
    x = _convolution(image, 64, kernel=7, strides=2, name="conv1")
    x = layers.ReLU(name="relu")(batch_norm(x, name="bn1"))  # (B, H/2, W/2, 64)
    x = max_pool(x, name="maxpool")  # (B, H/4, W/4, 64)
    for stage, count in enumerate(blocks, 1):
        for block in range(count):
            x = _block(
                x,
                64 * 2 ** (stage - 1),
                branch=branch,
                strides=2 if stage > 1 and block == 0 else 1,
                name=f"layer{stage}.{block}",
            )
    x = layers.GlobalAveragePooling2D(name="avgpool")(x)  # (B, D)
    return classified(image, x, classes=classes, classifier="fc", name=name)


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
    size = {"height": height, "width": width}
    return _resnet("resnet18", _basic_branch, blocks=(2, 2, 2, 2), classes=classes, **size)


@register("resnet34")
def resnet34(
    *, height: int | None = None, width: int | None = None, classes: int | None = None
) -> keras.Model:
    """Builds ResNet-34: 21.3 million parameters, features D = 512; else as `resnet18`."""
    size = {"height": height, "width": width}
    return _resnet("resnet34", _basic_branch, blocks=(3, 4, 6, 3), classes=classes, **size)


@register("resnet50")
def resnet50(
    *, height: int | None = None, width: int | None = None, classes: int | None = None
) -> keras.Model:
    """Builds ResNet-50: 23.5 million parameters, features D = 2048; else as `resnet18`.

    It strides in the 3 x 3 convolutions, the form known as version 1.5.
    """
    size = {"height": height, "width": width}
    return _resnet("resnet50", _bottleneck_branch, blocks=(3, 4, 6, 3), classes=classes, **size)


RESNETS: Mapping[str, Callable[..., keras.Model]] = MappingProxyType(
    {"resnet18": resnet18, "resnet34": resnet34, "resnet50": resnet50}
)
"""What builds each of them, by name."""

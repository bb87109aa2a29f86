"""MobileNetV2 in torchvision's arithmetic, so that its weights give the same features.

Layers bear the names of the torch modules that hold the same weights.
"""

import keras
from keras import layers

from emo_tf.models.hooks import NO_HOOKS, Hooks
from emo_tf.models.registry import register
from emo_tf.models.torch_layers import (
    batch_norm,
    classified,
    convolution,
    depthwise_convolution,
    fan_out_normal,
)

MOBILENET_V2 = "mobilenet_v2"
CLASSIFIER = "classifier.1"
STEM_FILTERS, LAST_FILTERS = 32, 1280
GROUPS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Of each group of blocks the expansion, the channels put out, the number of blocks and the step of
the first one (Sandler et al. 2018, table 2)."""

FIRST_GROUP_OF_STAGE = (2, 3, 5)
"""The groups, counted from 0, with which the stages after the first begin: those that halve the
maps, as between the stages of a ResNet; the first stage is at a quarter of the picture's sides."""


def _normalised(x, *, name: str, relu: str):
    return layers.ReLU(6.0, name=relu)(batch_norm(x, name=name))


def _convolution(x, filters: int, *, kernel: int, strides: int = 1, name: str):
    start = fan_out_normal()
    return convolution(x, filters, kernel=kernel, strides=strides, initializer=start, name=name)


def _block(x, filters: int, *, expansion: int, strides: int, hooks: Hooks, name: str):
    """Widens a map, convolves each channel and narrows it, without a ReLU at the end."""
    shortcut = x if strides == 1 and x.shape[-1] == filters else None
    if shortcut is not None:
        x = hooks.branch(x, f"{name}.shift")
    parts = iter(range(3))
    if expansion > 1:
        part = f"{name}.conv.{next(parts)}"
        x = _convolution(x, expansion * x.shape[-1], kernel=1, name=f"{part}.0")
        x = _normalised(x, name=f"{part}.1", relu=f"{part}.2")
    part = f"{name}.conv.{next(parts)}"
    x = depthwise_convolution(
        x, kernel=3, strides=strides, initializer=fan_out_normal(), name=f"{part}.0"
    )
    x = _normalised(x, name=f"{part}.1", relu=f"{part}.2")
    last = next(parts)
    x = _convolution(x, filters, kernel=1, name=f"{name}.conv.{last}")
    x = batch_norm(x, name=f"{name}.conv.{last + 1}")
    return x if shortcut is None else layers.Add(name=f"{name}.add")([x, shortcut])


def mobilenet_features(image, *, hooks: Hooks = NO_HOOKS):
    """Returns the features (B, 1280) of pictures (B, H, W, 3): a MobileNetV2 without classifier.

    Args:
        image: The pictures, standardised as its weights want them.
        hooks: What is done to its maps besides. There is a branch only where a block has a
            shortcut (Lin et al. 2019); layers that a hook makes are to be named `features.3.shift`
            (a branch of `features.3`) or `stage2.shift` (what goes into the second stage).
    """
    x = _convolution(image, STEM_FILTERS, kernel=3, strides=2, name="features.0.0")
    x = _normalised(x, name="features.0.1", relu="features.0.2")  # (B, H/2, W/2, 32)
    number = 0
    for group, (expansion, filters, blocks, strides) in enumerate(GROUPS):
        if group in FIRST_GROUP_OF_STAGE:
            x = hooks.stage(x, f"stage{FIRST_GROUP_OF_STAGE.index(group) + 2}.shift")
        for block in range(blocks):
            number += 1
            x = _block(
                x,
                filters,
                expansion=expansion,
                strides=strides if block == 0 else 1,
                hooks=hooks,
                name=f"features.{number}",
            )
    last = f"features.{number + 1}"
    x = _convolution(x, LAST_FILTERS, kernel=1, name=f"{last}.0")  # (B, H/32, W/32, 1280)
    x = _normalised(x, name=f"{last}.1", relu=f"{last}.2")
    return layers.GlobalAveragePooling2D(name="avgpool")(x)


@register(MOBILENET_V2)
def mobilenet_v2(
    *, height: int | None = None, width: int | None = None, classes: int | None = None
) -> keras.Model:
    """Builds MobileNetV2: 2.2 million parameters, features D = 1280.

    Args:
        height: Input height in pixels; None for any.
        width: Input width in pixels; None for any.
        classes: Number of outputs of the classifier; None for none. It has no dropout before it.

    Returns:
        A functional model from `image`, float (B, H, W, 3), standardised as its weights want it,
        to a dict of `features` (B, D), the mean of the last maps, and with a classifier `logits`
        (B, classes).

    Reference:
        Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks", table 2.
    """
    image = keras.Input((height, width, 3), name="image")
    features = mobilenet_features(image)
    return classified(image, features, classes=classes, classifier=CLASSIFIER, name=MOBILENET_V2)

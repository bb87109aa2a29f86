"""DenseNet in torchvision's arithmetic, so that its weights give the same features.

Layers bear the names of the torch modules that hold the same weights.
"""

import keras
from keras import layers

from emo_tf.models.registry import register
from emo_tf.models.torch_layers import batch_norm, classified, convolution, max_pool

DENSENET161 = "densenet161"
GROWTH = 48
STEM_FILTERS = 96
BLOCKS = (6, 12, 36, 24)
"""Layers of each dense block."""

BOTTLENECK = 4
"""How many times wider than what a layer adds its middle is."""


def _normalised(x, *, norm: str, relu: str):
    return layers.ReLU(name=relu)(batch_norm(x, name=norm))


def _convolution(x, filters: int, *, kernel: int, strides: int = 1, name: str):
    return convolution(
        x, filters, kernel=kernel, strides=strides, initializer="he_normal", name=name
    )


def _dense_layer(x, *, name: str):
    """Puts maps beside the maps (B, H, W, C) that they are computed from: (B, H, W, C + GROWTH)."""
    new = _normalised(x, norm=f"{name}.norm1", relu=f"{name}.relu1")
    new = _convolution(new, BOTTLENECK * GROWTH, kernel=1, name=f"{name}.conv1")
    new = _normalised(new, norm=f"{name}.norm2", relu=f"{name}.relu2")
    new = _convolution(new, GROWTH, kernel=3, name=f"{name}.conv2")
    return layers.Concatenate(name=f"{name}.cat")([x, new])


def _transition(x, *, name: str):
    """Halves the channels, then height and width, of maps (B, H, W, C)."""
    x = _normalised(x, norm=f"{name}.norm", relu=f"{name}.relu")
    x = _convolution(x, x.shape[-1] // 2, kernel=1, name=f"{name}.conv")
    return layers.AveragePooling2D(2, name=f"{name}.pool")(x)


@register(DENSENET161)
def densenet161(
    *, height: int | None = None, width: int | None = None, classes: int | None = None
) -> keras.Model:
    """Builds DenseNet-161: 26.5 million parameters, features D = 2208.

    Args:
        height: Input height in pixels; None for any.
        width: Input width in pixels; None for any.
        classes: Number of outputs of the classifier; None for none.

    Returns:
        A functional model from `image`, float (B, H, W, 3), standardised as its weights want it,
        to a dict of `features` (B, D), the mean of the last maps, and with a classifier `logits`
        (B, classes).

    Reference:
        Huang et al. 2017, "Densely connected convolutional networks", section 3.
    """
    image = keras.Input((height, width, 3), name="image")
    x = _convolution(image, STEM_FILTERS, kernel=7, strides=2, name="features.conv0")
    x = _normalised(x, norm="features.norm0", relu="features.relu0")  # (B, H/2, W/2, 96)
    x = max_pool(x, name="features.pool0")  # (B, H/4, W/4, 96)
    for block, count in enumerate(BLOCKS, 1):
        for layer in range(1, count + 1):
            x = _dense_layer(x, name=f"features.denseblock{block}.denselayer{layer}")
        if block < len(BLOCKS):
            x = _transition(x, name=f"features.transition{block}")
    x = _normalised(x, norm="features.norm5", relu="features.relu5")  # (B, H/32, W/32, D)
    x = layers.GlobalAveragePooling2D(name="avgpool")(x)
    return classified(image, x, classes=classes, classifier="classifier", name=DENSENET161)

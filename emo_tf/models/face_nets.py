"""The networks for small crops of faces that Garg's ensemble averages."""

from collections.abc import Sequence

import keras
from keras import applications, layers

from emo_tf.errors import EmoError

FILTERS = ((32, 32), (64, 64), (128, 128, 128))
"""Of the plain network: the channels of its convolutions, pooled after each group."""

_STRIDE = 32
"""By how much VGG-16 narrows a picture."""


def plain_face_net(
    *,
    height: int,
    width: int,
    units: Sequence[int] = (1024, 512),
    filters: Sequence[Sequence[int]] = FILTERS,
    dropout: float = 0.5,
) -> keras.Model:
    """Builds a plain convolutional network without a classifier.

    Args:
        height: Input height in pixels.
        width: Input width in pixels.
        units: Widths of the dense layers.
        filters: Channels of the 3 x 3 convolutions; the maps are halved after each group.
        dropout: Rate after each dense layer.

    Returns:
        A functional model from `image`, RGB in 0 to 1 (B, H, W, 3), to features (B, D).

    Raises:
        EmoError: The picture is too small to be halved so often.

    Reference:
        Garg 2019, "Group emotion recognition using machine learning", the networks without
        published weights.
    """
    least = 2 ** len(filters)
    if min(height, width) < least:
        raise EmoError(
            f"size for a plain face net: expected sides of {least} pixels or more. "
            f"Received: {height} x {width}"
        )
    x = image = keras.Input((height, width, 3), name="image")
    for group, channels in enumerate(filters, 1):
        for number, count in enumerate(channels, 1):
            name = f"conv{group}_{number}"
            x = layers.Conv2D(count, 3, padding="same", activation="relu", name=name)(x)
        x = layers.MaxPooling2D(name=f"pool{group}")(x)
    x = layers.Flatten(name="flatten")(x)
    return keras.Model(image, _dense(x, units, dropout), name="plain_face_net")


def vgg_face_net(
    *,
    height: int,
    width: int,
    units: Sequence[int],
    pooled: bool,
    dropout: float = 0.5,
    weights: str | None = None,
) -> keras.Model:
    """Builds VGG-16 with dense layers of its own, without a classifier.

    Args:
        height: Input height in pixels.
        width: Input width in pixels.
        units: Widths of the dense layers.
        pooled: Whether they see the mean of the last map, or all of it.
        dropout: Rate after each dense layer.
        weights: `"imagenet"` for the weights of the convolutions that Keras fetches; None for
            random ones. Those of VGGFace (Parkhi et al. 2015), which Garg's second network starts
            from, cannot be fetched.

    Returns:
        A functional model from `image`, RGB in 0 to 1 (B, H, W, 3), to features (B, D).

    Raises:
        EmoError: The picture is too small, or there are no such weights.

    Reference:
        Simonyan and Zisserman 2015, "Very deep convolutional networks for large-scale image
        recognition", configuration D; Garg 2019, "Group emotion recognition using machine
        learning".
    """
    if weights not in (None, "imagenet"):
        raise EmoError(f"weights of VGG-16: expected None or 'imagenet'. Received: {weights!r}")
    if min(height, width) < _STRIDE:
        raise EmoError(
            f"size for VGG-16: expected sides of {_STRIDE} pixels or more. "
            f"Received: {height} x {width}"
        )
    image = keras.Input((height, width, 3), name="image")
    convolutions = applications.VGG16(include_top=False, weights=weights, input_tensor=image)
    pool = layers.GlobalAveragePooling2D if pooled else layers.Flatten
    x = pool(name="pooled" if pooled else "flatten")(convolutions.output)
    return keras.Model(image, _dense(x, units, dropout), name="vgg_face_net")


def _dense(x, units: Sequence[int], dropout: float):
    for number, count in enumerate(units, 1):
        x = layers.Dense(count, activation="relu", name=f"dense{number}")(x)
        x = layers.Dropout(dropout, name=f"dropout{number}")(x)
    return x

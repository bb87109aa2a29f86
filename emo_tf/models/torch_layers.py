"""Layers in torch's arithmetic: how it pads and what its normalisations default to."""

import keras
from keras import initializers, layers

BATCH_NORM = {"momentum": 0.9, "epsilon": 1e-5}
"""torch's defaults in Keras' terms: its momentum of 0.1 is the share of the new batch.

(torch averages the unbiased variance of the batches, Keras the biased one: n / (n - 1) apart.)
"""


def convolution(
    x,
    filters: int,
    *,
    kernel: int,
    strides: int = 1,
    use_bias: bool = False,
    initializer: str | initializers.Initializer,
    name: str,
):
    """Convolves with as many zeros on every side as keep the size where the stride is 1.

    `padding="same"` would do for a stride of 1; for 2 it puts fewer zeros on the left and the top.

    Args:
        x: Maps (B, H, W, C).
        filters: Channels put out.
        kernel: Height and width of the kernel, odd.
        strides: Step in both directions.
        use_bias: Whether it has a bias.
        initializer: Of the kernel.
        name: Name of the layer.
    """
    return layers.Conv2D(
        filters,
        kernel,
        strides=strides,
        padding="same" if strides == 1 else "valid",
        use_bias=use_bias,
        kernel_initializer=initializer,
        name=name,
    )(_padded(x, kernel=kernel, strides=strides, name=name))


def depthwise_convolution(
    x, *, kernel: int, strides: int = 1, initializer: str | initializers.Initializer, name: str
):
    """Returns each channel convolved by itself, without bias; else as `convolution`."""
    return layers.DepthwiseConv2D(
        kernel,
        strides=strides,
        padding="same" if strides == 1 else "valid",
        use_bias=False,
        depthwise_initializer=initializer,
        name=name,
    )(_padded(x, kernel=kernel, strides=strides, name=name))


def _padded(x, *, kernel: int, strides: int, name: str):
    if strides > 1 and kernel > 1:
        return layers.ZeroPadding2D(kernel // 2, name=f"{name}.pad")(x)
    return x


def fan_out_normal() -> initializers.Initializer:
    """Returns He et al.'s start as torchvision's networks have it, scaled by what goes out."""
    return initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")


def batch_norm(x, *, name: str):
    """Returns a map, `x`, normalised by the batch; `name` is the layer's."""
    return layers.BatchNormalization(**BATCH_NORM, name=name)(x)


def max_pool(x, *, name: str):
    """Returns the greatest of 3 x 3 pixels at every second, for maps that are not negative.

    Args:
        x: The map, shape (B, height, width, channels).
        name: The layers' name.
    """
    x = layers.ZeroPadding2D(1, name=f"{name}.pad")(x)
    return layers.MaxPooling2D(3, strides=2, name=name)(x)


def classified(image, features, *, classes: int | None, classifier: str, name: str) -> keras.Model:
    """Returns a network from a picture to a dict of `features` and, if asked, `logits`.

    Args:
        image: Its input.
        features: Features of the picture (B, D).
        classes: Number of classes; None for no classifier.
        classifier: Name of the classifier's layer.
        name: Name of the network.
    """
    outputs = {"features": features}
    if classes is not None:
        logits = layers.Dense(classes, dtype="float32", name=classifier)(features)  # (B, C)
        outputs["logits"] = logits
    return keras.Model(image, outputs, name=name)

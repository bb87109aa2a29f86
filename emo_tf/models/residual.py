"""What the small residual networks are made of."""

from keras import layers

from emo_tf.models.hooks import Hook, unchanged


def convolution(x, filters: int, *, kernel: int = 3, strides: int = 1, name: str):
    """Returns a convolution of a map (B, H, W, C), normalised: its layers are `name`_conv, _norm.

    Args:
        x: The map.
        filters: Channels put out.
        kernel: Height and width of the kernel.
        strides: Step in both directions.
        name: What the names of its layers begin with.
    """
    x = layers.Conv2D(
        filters,
        kernel,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    return layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)


def residual_block(
    x,
    filters: int,
    *,
    strides: int,
    squeeze_ratio: int | None = None,
    into_branch: Hook = unchanged,
    name: str,
):
    """Returns two convolutions of a map (B, H, W, C) beside a shortcut.

    Args:
        x: The map.
        filters: Channels put out.
        strides: Step of the first convolution; the shortcut is averaged over as much.
        squeeze_ratio: By how much the channel gate squeezes; None for no gate.
        into_branch: What is done to the map before the first convolution, in a layer that is to
            be named `name`_shift; the shortcut has the map as it was.
        name: What the names of its layers begin with.

    Reference:
        He et al. 2016, "Deep residual learning for image recognition"; the shortcut's average is
        He et al. 2019's, "Bag of tricks for image classification", section 4.2, D.
    """
    shortcut = x
    if strides > 1:
        shortcut = layers.AveragePooling2D(strides, padding="same", name=f"{name}_pool")(shortcut)
    if x.shape[-1] != filters:
        shortcut = convolution(shortcut, filters, kernel=1, name=f"{name}_shortcut")
    x = into_branch(x, f"{name}_shift")
    x = convolution(x, filters, strides=strides, name=f"{name}_first")
    x = layers.ReLU(name=f"{name}_first_relu")(x)
    x = convolution(x, filters, name=f"{name}_second")
    if squeeze_ratio is not None:
        x = _squeeze_excite(x, ratio=squeeze_ratio, name=f"{name}_gate")
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.ReLU(name=f"{name}_relu")(x)


def _squeeze_excite(x, *, ratio: int, name: str):
    """Scales each channel by a gate read off the whole map (Hu et al. 2018, eq. 2 to 4)."""
    filters = x.shape[-1]
    gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(x)
    gate = layers.Conv2D(filters // ratio, 1, activation="relu", name=f"{name}_reduce")(gate)
    gate = layers.Conv2D(filters, 1, activation="sigmoid", name=f"{name}_expand")(gate)
    return layers.Multiply(name=f"{name}_scale")([x, gate])

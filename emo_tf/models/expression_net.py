"""A small residual network for seven expressions from a grey face."""

from collections.abc import Sequence

import keras
from keras import layers

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.models.registry import register


def _convolution(x, filters: int, *, kernel=3, strides=1, name: str):
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


def _squeeze_excite(x, *, ratio: int, name: str):
    """Scales each channel by a gate read off the whole map (Hu et al. 2018, eq. 2 to 4)."""
    filters = x.shape[-1]
    gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(x)
    gate = layers.Conv2D(filters // ratio, 1, activation="relu", name=f"{name}_reduce")(gate)
    gate = layers.Conv2D(filters, 1, activation="sigmoid", name=f"{name}_expand")(gate)
    return layers.Multiply(name=f"{name}_scale")([x, gate])


def _residual_block(x, filters: int, *, strides: int, squeeze_ratio: int, name: str):
    shortcut = x
    if strides > 1:
        shortcut = layers.AveragePooling2D(strides, padding="same", name=f"{name}_pool")(shortcut)
    if x.shape[-1] != filters:
        shortcut = _convolution(shortcut, filters, kernel=1, name=f"{name}_shortcut")
    x = _convolution(x, filters, strides=strides, name=f"{name}_first")
    x = layers.ReLU(name=f"{name}_first_relu")(x)
    x = _convolution(x, filters, name=f"{name}_second")
    x = _squeeze_excite(x, ratio=squeeze_ratio, name=f"{name}_gate")
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.ReLU(name=f"{name}_relu")(x)


@register("expression_net")
def expression_net(
    *,
    height: int | None = 48,
    width: int | None = 48,
    stem_filters: int = 32,
    stage_filters: Sequence[int] = (48, 96, 192),
    stage_blocks: Sequence[int] = (1, 2, 2),
    squeeze_ratio: int = 8,
    dropout: float = 0.3,
    classes: int = len(EXPRESSIONS),
) -> keras.Model:
    """Builds the expression network: residual blocks with squeeze and excitation.

    The stem halves the resolution, each stage after the first halves it again; the head is global
    average pooling, dropout and one dense layer, so any input of 16 pixels or more will do.
    The defaults make 1.5 million parameters and 105 million multiply-adds at 48 x 48.

    Args:
        height: Input height in pixels; None for any.
        width: Input width in pixels; None for any.
        stem_filters: Channels of the stem.
        stage_filters: Channels of each stage.
        stage_blocks: Residual blocks of each stage.
        squeeze_ratio: By how much the gates narrow the channels.
        dropout: Rate before the last layer.
        classes: Number of outputs.

    Returns:
        A functional model from `image`, uint8 or float pixels 0 to 255 of shape (B, H, W, 1), to
        logits of shape (B, classes) in float32.

    Raises:
        EmoError: `stage_filters` and `stage_blocks` are not of one length.

    Reference:
        He et al. 2016, "Deep residual learning for image recognition", section 3.3;
        Hu et al. 2018, "Squeeze-and-excitation networks", section 3.
    """
    if len(stage_filters) != len(stage_blocks):
        raise EmoError(
            "stage_blocks: expected one number for each of stage_filters. "
            f"Received: stage_filters={stage_filters}, stage_blocks={stage_blocks}"
        )
    image = keras.Input((height, width, 1), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="normalise")(image)
    x = _convolution(x, stem_filters, strides=2, name="stem")
    x = layers.ReLU(name="stem_relu")(x)
    for stage, (filters, blocks) in enumerate(zip(stage_filters, stage_blocks, strict=True), 1):
        for block in range(1, blocks + 1):
            x = _residual_block(
                x,
                filters,
                strides=2 if stage > 1 and block == 1 else 1,
                squeeze_ratio=squeeze_ratio,
                name=f"stage{stage}_block{block}",
            )
    features = layers.GlobalAveragePooling2D(name="features")(x)  # (B, D)
    x = layers.Dropout(dropout, name="dropout")(features)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)  # (B, C)
    return keras.Model(image, logits, name="expression_net")

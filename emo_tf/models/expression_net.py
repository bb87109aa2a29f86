"""A small residual network for seven expressions from a grey face."""

from collections.abc import Mapping, Sequence

import keras
from keras import layers

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.model_metadata import ImageInput, ModelMetadata
from emo_tf.models.hooks import NO_HOOKS, Hooks
from emo_tf.models.registry import register
from emo_tf.models.residual import convolution, residual_block

STEM_FILTERS = 32
STAGE_FILTERS = (48, 96, 192)
STAGE_BLOCKS = (1, 2, 2)
SQUEEZE_RATIO = 8
DROPOUT = 0.3


def expression_features(
    image,
    *,
    stem_filters: int = STEM_FILTERS,
    stage_filters: Sequence[int] = STAGE_FILTERS,
    stage_blocks: Sequence[int] = STAGE_BLOCKS,
    squeeze_ratio: int = SQUEEZE_RATIO,
    hooks: Hooks = NO_HOOKS,
):
    """Returns the features (B, D) of grey pixels (B, H, W, 1): the network without its head.

    Args:
        image: Pixels 0 to 255; the network normalises them.
        stem_filters: Channels of the stem.
        stage_filters: Channels of each stage.
        stage_blocks: Residual blocks of each stage.
        squeeze_ratio: By how much the gates narrow the channels.
        hooks: What is done to its maps besides; layers that a hook makes are to be named
            `stage1_block1_shift` (a branch of that block) or `stage2_shift` (what goes into the
            second stage).

    Raises:
        EmoError: `stage_filters` and `stage_blocks` are not of one length.
    """
    if len(stage_filters) != len(stage_blocks):
        raise EmoError(
            "stage_blocks: expected one number for each of stage_filters. "
            f"Received: stage_filters={stage_filters}, stage_blocks={stage_blocks}"
        )
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="normalise")(image)
    x = convolution(x, stem_filters, strides=2, name="stem")
    x = layers.ReLU(name="stem_relu")(x)
    for stage, (filters, blocks) in enumerate(zip(stage_filters, stage_blocks, strict=True), 1):
        if stage > 1:
            x = hooks.stage(x, f"stage{stage}_shift")
        for block in range(1, blocks + 1):
            x = residual_block(
                x,
                filters,
                strides=2 if stage > 1 and block == 1 else 1,
                squeeze_ratio=squeeze_ratio,
                into_branch=hooks.branch,
                name=f"stage{stage}_block{block}",
            )
    return layers.GlobalAveragePooling2D(name="features")(x)  # (B, D)


@register("expression_net")
def expression_net(
    *,
    height: int | None = 48,
    width: int | None = 48,
    stem_filters: int = STEM_FILTERS,
    stage_filters: Sequence[int] = STAGE_FILTERS,
    stage_blocks: Sequence[int] = STAGE_BLOCKS,
    squeeze_ratio: int = SQUEEZE_RATIO,
    dropout: float = DROPOUT,
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
    image = keras.Input((height, width, 1), name="image")
    features = expression_features(
        image,
        stem_filters=stem_filters,
        stage_filters=stage_filters,
        stage_blocks=stage_blocks,
        squeeze_ratio=squeeze_ratio,
    )
    x = layers.Dropout(dropout, name="dropout")(features)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)  # (B, C)
    return keras.Model(image, logits, name="expression_net")


def expression_metadata(
    model: keras.Model,
    *,
    version: str,
    temperature: float,
    crop: Mapping[str, object],
    licence: str = "",
    provenance: Mapping[str, object] | None = None,
) -> ModelMetadata:
    """Returns what a model of seven expressions says about itself.

    Args:
        model: From grey pixels of a fixed size to logits, such as `expression_net`.
        version: Version of its weights.
        temperature: What its logits are divided by before the softmax.
        crop: How a face is cut out of a photograph for it.
        licence: SPDX name or a sentence.
        provenance: Where its weights come from.
    """
    _, height, width, _ = model.input_shape
    return ModelMetadata(
        name="expression",
        task="expression",
        description="Apparent expression of a face: one of seven, from "
        f"{height} x {width} grey pixels.",
        version=version,
        inputs={"image": ImageInput(height=height, width=width, colour="grey")},
        outputs={"probabilities": "Probability of each expression."},
        labels=EXPRESSIONS,
        score_kind="softmax",
        temperature=temperature,
        crop=crop,
        licence=licence,
        provenance=provenance or {},
    )

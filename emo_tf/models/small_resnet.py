"""A residual network small enough to be trained from nothing on a processor."""

from collections.abc import Sequence

import keras
from keras import layers

from emo_tf.errors import EmoError
from emo_tf.models.registry import register
from emo_tf.models.residual import convolution, residual_block

STEM_FILTERS = 16
STEM_KERNEL, STEM_STRIDES = 3, 2
STAGE_FILTERS = (16, 24, 48, 96)
STAGE_BLOCKS = (1, 1, 1, 1)
BANDS = 4
POOLED_STAGES = 3


def _band_means(x, bands: int, *, name: str) -> list:
    """Returns the means (B, C) of a map's horizontal bands, from top to bottom."""
    rows = x.shape[1]
    means = []
    for band in range(bands):
        top, bottom = band * rows // bands, -(-(band + 1) * rows // bands)
        cut = layers.Cropping2D(((top, rows - bottom), (0, 0)), name=f"{name}_band{band + 1}")(x)
        means.append(layers.GlobalAveragePooling2D(name=f"{name}_band{band + 1}_mean")(cut))
    return means


@register("small_resnet")
def small_resnet(
    *,
    height: int,
    width: int | None = None,
    stem_filters: int = STEM_FILTERS,
    stem_kernel: int = STEM_KERNEL,
    stem_strides: int = STEM_STRIDES,
    stage_filters: Sequence[int] = STAGE_FILTERS,
    stage_blocks: Sequence[int] = STAGE_BLOCKS,
    bands: int = BANDS,
    pooled_stages: int = POOLED_STAGES,
    grey: bool = False,
) -> keras.Model:
    """Builds a small residual network without a classifier: 0.2 million parameters by default.

    The stem halves the resolution by default, each stage after the first halves it again. Details
    as fine as the mouth of a small face live on, since nothing is pooled before the first stage.
    The features are means over horizontal bands of the last stages' maps, so that they tell the
    head of a person from the feet and the sky from the ground; bands overlap where the rows do not
    divide. Stages before the last reach the features directly: what little data teaches, they learn
    far sooner.

    Args:
        height: Input height in pixels.
        width: Input width in pixels; None for any.
        stem_filters: Channels of the stem.
        stem_kernel: Height and width of its kernel.
        stem_strides: Its step; with a kernel as wide it cuts the picture into patches, the cheapest
            way to keep what is fine.
        stage_filters: Channels of each stage.
        stage_blocks: Residual blocks of each stage.
        bands: Bands, from top to bottom; 1 for the mean of the whole map.
        pooled_stages: How many stages, the last ones, make the features.
        grey: Whether it sees the luma of ITU-R BT.601 alone; then clothes and skin cannot serve to
            learn people by heart.

    Returns:
        A functional model from `image`, RGB pixels of 0 to 255, float (B, H, W, 3), to features
        (B, D), stage after stage and in each those of one band after those of the one above; D is
        `bands` times the channels of the pooled stages.

    Raises:
        EmoError: `stage_filters` and `stage_blocks` are empty or not of one length, `bands` is
            below 1, or `pooled_stages` is not 1 to the number of stages.

    Reference:
        He et al. 2016, "Deep residual learning for image recognition", section 3.3; shortcuts are
        pooled before they are projected, as He et al. 2019, "Bag of tricks for image
        classification with convolutional neural networks", figure 2c; Sun et al. 2018, "Beyond part
        models: person retrieval with refined part pooling", section 3.1, for the bands; Hariharan
        et al. 2015, "Hypercolumns for object segmentation and fine-grained localization", section
        3, for the features of several stages.
    """
    if not stage_filters or len(stage_filters) != len(stage_blocks):
        raise EmoError(
            "stage_blocks: expected one number for each of stage_filters, one or more. "
            f"Received: stage_filters={stage_filters}, stage_blocks={stage_blocks}"
        )
    if bands < 1:
        raise EmoError(f"bands: expected 1 or more. Received: {bands}")
    if not 1 <= pooled_stages <= len(stage_filters):
        raise EmoError(
            f"pooled_stages: expected 1 to {len(stage_filters)}, the number of stages. "
            f"Received: {pooled_stages}"
        )
    image = keras.Input((height, width, 3), name="image")
    x = keras.ops.image.rgb_to_grayscale(image) if grey else image
    # Pixels of 0 to 255 do not fit into half a float.
    x = layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32", name="normalise")(x)
    x = convolution(x, stem_filters, kernel=stem_kernel, strides=stem_strides, name="stem")
    x = layers.ReLU(name="stem_relu")(x)  # (B, H/2, W/2, stem_filters) by default
    features = []
    for stage, (filters, blocks) in enumerate(zip(stage_filters, stage_blocks, strict=True), 1):
        for block in range(1, blocks + 1):
            x = residual_block(
                x,
                filters,
                strides=2 if stage > 1 and block == 1 else 1,
                name=f"stage{stage}_block{block}",
            )
        if stage > len(stage_filters) - pooled_stages:
            features += _band_means(x, bands, name=f"stage{stage}")  # bands times (B, C)
    joined = layers.Concatenate(name="features")(features) if len(features) > 1 else features[0]
    return keras.Model(image, joined, name="small_resnet")

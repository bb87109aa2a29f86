"""A residual network small enough to be trained from nothing on a processor."""

from collections.abc import Sequence

import keras
from keras import layers

from emo_tf.errors import EmoError
from emo_tf.models.registry import register
from emo_tf.models.residual import convolution, residual_block

STEM_FILTERS = 16
STAGE_FILTERS = (16, 24, 48, 96)
STAGE_BLOCKS = (1, 1, 1, 1)
BANDS = 4


def _band_means(x, bands: int):
    """Returns the means of horizontal bands, from top to bottom, (B, bands * channels)."""
    rows = x.shape[1]
    means = []
    for band in range(bands):
        top, bottom = band * rows // bands, -(-(band + 1) * rows // bands)
        cut = layers.Cropping2D(((top, rows - bottom), (0, 0)), name=f"band{band + 1}")(x)
        means.append(layers.GlobalAveragePooling2D(name=f"band{band + 1}_mean")(cut))
    return layers.Concatenate(name="features")(means) if bands > 1 else means[0]


@register("small_resnet")
def small_resnet(
    *,
    height: int,
    width: int | None = None,
    stem_filters: int = STEM_FILTERS,
    stage_filters: Sequence[int] = STAGE_FILTERS,
    stage_blocks: Sequence[int] = STAGE_BLOCKS,
    bands: int = BANDS,
) -> keras.Model:
    """Builds a small residual network without a classifier: 0.2 million parameters by default.

    The stem halves the resolution, each stage after the first halves it again. Details as fine as
    the mouth of a small face live on, since nothing is pooled before the first stage. The features
    are means over horizontal bands of the last maps, so that they tell the head of a person from
    the feet and the sky from the ground; bands overlap where the rows do not divide.

    Args:
        height: Input height in pixels.
        width: Input width in pixels; None for any.
        stem_filters: Channels of the stem.
        stage_filters: Channels of each stage.
        stage_blocks: Residual blocks of each stage.
        bands: Bands, from top to bottom; 1 for the mean of the whole map.

    Returns:
        A functional model from `image`, RGB pixels of 0 to 255, float (B, H, W, 3), to features
        (B, D), those of one band after those of the one above; D is the channels of the last stage
        times `bands`.

    Raises:
        EmoError: `stage_filters` and `stage_blocks` are empty or not of one length, or `bands` is
            below 1.

    Reference:
        He et al. 2016, "Deep residual learning for image recognition", section 3.3; shortcuts are
        pooled before they are projected, as He et al. 2019, "Bag of tricks for image
        classification with convolutional neural networks", figure 2c; Sun et al. 2018, "Beyond part
        models: person retrieval with refined part pooling", section 3.1, for the bands.
    """
    if not stage_filters or len(stage_filters) != len(stage_blocks):
        raise EmoError(
            "stage_blocks: expected one number for each of stage_filters, one or more. "
            f"Received: stage_filters={stage_filters}, stage_blocks={stage_blocks}"
        )
    if bands < 1:
        raise EmoError(f"bands: expected 1 or more. Received: {bands}")
    image = keras.Input((height, width, 3), name="image")
    # Pixels of 0 to 255 do not fit into half a float.
    x = layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32", name="normalise")(image)
    x = convolution(x, stem_filters, strides=2, name="stem")
    x = layers.ReLU(name="stem_relu")(x)  # (B, H/2, W/2, stem_filters)
    for stage, (filters, blocks) in enumerate(zip(stage_filters, stage_blocks, strict=True), 1):
        for block in range(1, blocks + 1):
            x = residual_block(
                x,
                filters,
                strides=2 if stage > 1 and block == 1 else 1,
                name=f"stage{stage}_block{block}",
            )
    return keras.Model(image, _band_means(x, bands), name="small_resnet")

"""SphereFace's network, which tells people apart by their aligned faces.

Layers bear the names of the torch modules that hold the same weights.
"""

import math

import keras
from keras import initializers, layers

from emo_tf.errors import EmoError
from emo_tf.models.face_presets import FACE_PRESETS
from emo_tf.models.registry import register
from emo_tf.models.torch_layers import convolution

SPHERE = "sphere20a"
FILTERS = (64, 128, 256, 512)
UNITS = (1, 2, 4, 1)
"""Residual units of each stage."""

EMBEDDING = 512
SIZES = tuple(preset.size for preset in FACE_PRESETS.values() if preset.size is not None)
"""Height and width in pixels of the faces that it takes."""


def _convolution(x, filters: int, *, stage: int, place: int, strides: int = 1):
    """Convolves, then leaks what is negative by a slope that each channel learns."""
    # As Liu et al. 2017 published it: what stands beside a shortcut begins near zero.
    beside = place > 1
    x = convolution(
        x,
        filters,
        kernel=3,
        strides=strides,
        use_bias=True,
        initializer=initializers.RandomNormal(stddev=0.01) if beside else "glorot_uniform",
        name=f"conv{stage}_{place}",
    )
    return _leaky(x, name=f"relu{stage}_{place}")


def _leaky(x, *, name: str):
    slope = initializers.Constant(0.25)
    return layers.PReLU(shared_axes=[1, 2], alpha_initializer=slope, name=name)(x)


@register(SPHERE)
def sphere20a(*, height: int = 112, width: int = 96) -> keras.Model:
    """Builds SphereFace-20: 22.7 million parameters, an embedding of 512 numbers.

    Args:
        height: Input height in pixels.
        width: Input width in pixels; both are those of one of the crops of `FACE_PRESETS`.

    Returns:
        A functional model from `image`, an aligned face (B, H, W, 3), standardised as its crop
        wants it, to a dict of `embedding` (B, 512).

    Raises:
        EmoError: No crop is of that size.

    Reference:
        Liu et al. 2017, "SphereFace: deep hypersphere embedding for face recognition", table 2,
        20 layers.
    """
    if (height, width) not in SIZES:
        known = " or ".join(f"{high} x {wide}" for high, wide in SIZES)
        raise EmoError(f"size for {SPHERE}: expected {known}. Received: {height} x {width}")
    image = keras.Input((height, width, 3), name="image")
    x = image
    for stage, (filters, units) in enumerate(zip(FILTERS, UNITS, strict=True), 1):
        x = _convolution(x, filters, stage=stage, place=1, strides=2)
        for place in range(2, 2 * units + 2, 2):
            branch = _convolution(x, filters, stage=stage, place=place)
            branch = _convolution(branch, filters, stage=stage, place=place + 1)
            x = layers.Add(name=f"add{stage}_{place}")([x, branch])  # (B, H/2^stage, W/2^stage, C)
    # torch flattens channel after channel.
    x = layers.Permute((3, 1, 2), name="channels_first")(x)
    x = keras.ops.reshape(x, (-1, math.prod(x.shape[1:])))
    return keras.Model(image, {"embedding": layers.Dense(EMBEDDING, name="fc5")(x)}, name=SPHERE)

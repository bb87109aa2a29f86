"""Random changes of the pictures of a training batch, a pure function of the batch and of draws."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

import tensorflow as tf

from emo_tf.data.warp import warp
from emo_tf.errors import EmoError

_JITTERS = ("brightness", "contrast", "saturation")
_COUNT = len(_JITTERS)
DRAWS = 6 + 2 * _COUNT
"""Uniform numbers that an example takes."""

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


@dataclass(frozen=True)
class PictureAugmentation:
    """Random changes of the pictures of an example, alike for all of them.

    Attributes:
        flip: Whether half of the examples are mirrored.
        brightness: Pixels are multiplied by a factor drawn from 1 - x to 1 + x.
        contrast: The same of the distance to the mean of the grey picture, each picture's own.
        saturation: The same of the distance to the grey picture.
        zoom: Largest relative zoom about the middle: 0.2 draws from 0.8 to 1.2.
        shift: Largest shift as a share of the side.
        stretch: Largest relative stretch: 0.2 makes pictures up to 1.2 times as wide and as much
            lower, or the other way round; drawn evenly in its logarithm.
        rotation_degrees: Largest turn about the middle.
    """

    flip: bool = True
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    zoom: float = 0.0
    shift: float = 0.0
    stretch: float = 0.0
    rotation_degrees: float = 0.0

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self) if field.name != "flip"):
            value = getattr(self, name)
            if not 0 <= value < (1 if name == "zoom" else float("inf")):
                limits = "0 to below 1" if name == "zoom" else "0 or more"
                raise EmoError(f"augmentation.{name}: expected {limits}. Received: {value}")

    @property
    def moves(self) -> bool:
        """Whether anything but mirroring moves what is seen."""
        return bool(self.zoom or self.shift or self.stretch or self.rotation_degrees)

    @property
    def colours(self) -> bool:
        """Whether colours are changed."""
        return bool(self.brightness or self.contrast or self.saturation)


@dataclass(frozen=True, eq=False)
class Places:
    """Where examples are moved to, one row each.

    Attributes:
        mirror: -1 to exchange left and right, else 1, (B,).
        zoom: Relative size of what is shown, (B,).
        shifts: How far right of and below the middle to look, as shares of the sides, (B, 2).
        stretch: What is shown gets wider by this factor and lower by it, (B,).
        angle: Turn in radians, (B,).
    """

    mirror: tf.Tensor
    zoom: tf.Tensor
    shifts: tf.Tensor
    stretch: tf.Tensor
    angle: tf.Tensor


def draw(seed: tf.Tensor, examples: int) -> tf.Tensor:
    """Draws the numbers that decide what happens to each example of a global batch.

    Args:
        seed: Two int64.
        examples: Rows of the global batch.

    Returns:
        float32 (examples, DRAWS), from 0 to below 1.
    """
    return tf.random.stateless_uniform((examples, DRAWS), seed, alg="philox")


def places(draws: tf.Tensor, settings: PictureAugmentation) -> Places:
    """Returns where examples are moved to.

    Args:
        draws: Rows of what `draw` returned, shape (B, DRAWS).
        settings: How far.
    """
    flip = (draws[:, 0] < 0.5) & settings.flip
    numbers = _centred(tf.concat([draws[:, 1:4], draws[:, 4 + 2 * _COUNT :]], axis=1))
    return Places(
        mirror=tf.where(flip, -1.0, 1.0),
        zoom=1 + settings.zoom * numbers[:, 0],
        shifts=settings.shift * numbers[:, 1:3],
        stretch=tf.exp(math.log1p(settings.stretch) * numbers[:, 3]),
        angle=math.radians(settings.rotation_degrees) * numbers[:, 4],
    )


def augment_pictures(
    pictures: Mapping[str, tf.Tensor], draws: tf.Tensor, settings: PictureAugmentation
) -> dict[str, tf.Tensor]:
    """Returns randomly changed pictures; the same draws give the same change.

    An example's change depends on its row alone, so parts of a batch are changed exactly as the
    whole would be. Brightness, contrast and saturation are those of torchvision's `ColorJitter`:
    each example meets them in a random order, and pixels are cut to 0 to 255 after each. The grey
    picture is that of ITU-R BT.601; for the mean it is rounded, as for pictures of Pillow, so that
    the sum is exact however it is split.

    Args:
        pictures: Pixels of 0 to 255 by name, each (B, height, width, 3).
        draws: Rows of what `draw` returned, shape (B, DRAWS).
        settings: How much of each change.

    Returns:
        The same as float32 pixels of 0 to 255.
    """
    to = places(draws, settings)
    flip = to.mirror < 0
    if settings.moves:
        pictures = {
            name: warp(
                tf.cast(picture, tf.float32),
                picture.shape[1:3],
                angle=to.angle,
                zoom=to.zoom,
                shift_x=to.shifts[:, 0],
                shift_y=to.shifts[:, 1],
                mirror=to.mirror,
                stretch=to.stretch,
            )
            for name, picture in pictures.items()
        }
        flip = tf.zeros_like(flip)  # They are mirrored by now.
    if not settings.colours:
        return {name: _mirrored_rows(picture, flip) for name, picture in pictures.items()}

    reaches = tf.constant([getattr(settings, name) for name in _JITTERS], tf.float32)
    lowest = tf.maximum(1 - reaches, 0)
    factors = lowest + (1 + reaches - lowest) * draws[:, 4 : 4 + _COUNT]
    order = tf.argsort(draws[:, 4 + _COUNT : 4 + 2 * _COUNT], axis=1)  # (B, 3)

    def change(row: tuple) -> dict[str, tf.Tensor]:
        pictures, flip, factors, order = row
        return {
            name: _jittered(_mirrored(picture, flip), factors, order)
            for name, picture in pictures.items()
        }

    # One by one, as a picture fits into the processor's cache and a batch does not: twice as fast
    # as whole batches on one core.
    rows = (dict(pictures), flip, factors, order)
    shapes = {name: tf.TensorSpec(value.shape[1:]) for name, value in pictures.items()}
    return tf.map_fn(change, rows, fn_output_signature=shapes)


def _mirrored_rows(pictures: tf.Tensor, flip: tf.Tensor) -> tf.Tensor:
    mirrored = tf.where(flip[:, None, None, None], tf.reverse(pictures, axis=[2]), pictures)
    return tf.cast(mirrored, tf.float32)


def _centred(draws: tf.Tensor) -> tf.Tensor:
    """Returns numbers of 0 to 1 as those of -1 to 1."""
    return 2 * draws - 1


def _mirrored(picture: tf.Tensor, flip: tf.Tensor) -> tf.Tensor:
    return tf.cond(flip, lambda: tf.reverse(picture, axis=[1]), lambda: picture)


def _jittered(picture: tf.Tensor, factors: tf.Tensor, order: tf.Tensor) -> tf.Tensor:
    pixels = tf.cast(picture, tf.float32)
    for jitter in tf.unstack(order):
        towards = tf.switch_case(
            jitter,
            [
                lambda: tf.zeros([1, 1, 1]),
                lambda pixels=pixels: _mean_grey(pixels),
                lambda pixels=pixels: _grey(pixels),
            ],
        )
        factor = factors[jitter]
        blend = factor * pixels + (1 - factor) * towards
        # `tf.clip_by_value` passes over the pixels twice.
        pixels = tf.raw_ops.ClipByValue(t=blend, clip_value_min=0.0, clip_value_max=255.0)
    return pixels


def _grey(pixels: tf.Tensor) -> tf.Tensor:
    return sum(pixels[..., i : i + 1] * weight for i, weight in enumerate(_LUMA))


def _mean_grey(pixels: tf.Tensor) -> tf.Tensor:
    grey = tf.cast(tf.round(_grey(pixels)), tf.int32)
    mean = tf.reduce_sum(grey) / tf.size(grey)  # float64
    return tf.reshape(tf.cast(mean, tf.float32), [1, 1, 1])

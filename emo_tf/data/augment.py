"""Random changes of a batch of training pictures, a pure function of the batch and a seed."""

import math
from dataclasses import dataclass

import tensorflow as tf

from emo_tf.data.picture_changes import blur, change_gamma, change_level, cover, shade
from emo_tf.data.warp import warp


@dataclass(frozen=True)
class Augmentation:
    """Random changes of a training picture; every range is symmetric unless said otherwise.

    Attributes:
        rotation_degrees: Largest turn.
        scale: Largest relative zoom: 0.2 draws from 0.8 to 1.2.
        translation: Largest shift as a share of the side.
        flip: Whether half of the pictures are mirrored.
        brightness: Largest offset as a share of the full range.
        contrast: Largest relative change of the contrast about the picture's mean.
        gamma: Largest natural logarithm of the exponent on pixels of 0 to 1.
        shading: Largest change of light from the middle to an edge, from any side.
        blur_probability: Share of the pictures that are blurred, each by an amount of its own.
        erase_probability: Share of the pictures that lose a rectangle to noise.
        erase_area: Smallest and largest share of the area erased.
    """

    rotation_degrees: float = 15.0
    scale: float = 0.15
    translation: float = 0.08
    flip: bool = True
    brightness: float = 0.15
    contrast: float = 0.35
    gamma: float = 0.4
    shading: float = 0.4
    blur_probability: float = 0.3
    erase_probability: float = 0.5
    erase_area: tuple[float, float] = (0.03, 0.25)


def _uniform(seed: tf.Tensor, index: int, shape: list, low: float, high: float) -> tf.Tensor:
    """Draws from `low` to `high`, each `index` of one seed independent of the others."""
    return tf.random.stateless_uniform(
        shape, tf.random.experimental.stateless_fold_in(seed, index), low, high
    )


def _random_warp(images, seed, settings: Augmentation, side: int):
    """Turns, zooms, shifts and mirrors in one bilinear resampling to `side` x `side`."""
    batch = tf.shape(images)[0]
    angle = math.radians(settings.rotation_degrees)
    mirror = tf.ones([batch])
    if settings.flip:
        mirror = tf.where(_uniform(seed, 4, [batch], -1.0, 1.0) < 0, -1.0, 1.0)
    return warp(
        images,
        (side, side),
        angle=_uniform(seed, 0, [batch], -angle, angle),
        zoom=_uniform(seed, 1, [batch], 1 - settings.scale, 1 + settings.scale),
        shift_x=_uniform(seed, 2, [batch], -settings.translation, settings.translation),
        shift_y=_uniform(seed, 3, [batch], -settings.translation, settings.translation),
        mirror=mirror,
    )


def _random_light(images, seed, settings: Augmentation):
    """Shades from one side, then changes gamma, contrast and brightness."""

    def draw(index, reach):
        return _uniform(seed, index, tf.shape(images)[:1], -reach, reach)

    shading = {"across": draw(13, settings.shading), "down": draw(14, settings.shading)}
    images = change_gamma(shade(images, **shading), draw(15, settings.gamma))
    contrast, brightness = 1 + draw(5, settings.contrast), draw(6, settings.brightness)
    return change_level(images, contrast=contrast, brightness=brightness)


def _random_blur(images, seed, settings: Augmentation):
    batch = tf.shape(images)[:1]
    chosen = _uniform(seed, 16, batch, 0.0, 1.0) < settings.blur_probability
    return blur(images, tf.where(chosen, _uniform(seed, 17, batch, 0.0, 1.0), 0.0))


def _random_cover(images, seed, settings: Augmentation):
    batch = tf.shape(images)[:1]
    return cover(
        images,
        noise=_uniform(seed, 12, tf.shape(images), 0.0, 255.0),
        area=_uniform(seed, 7, batch, *settings.erase_area),
        aspect=tf.exp(_uniform(seed, 8, batch, -math.log(3.0), math.log(3.0))),
        centre_y=_uniform(seed, 9, batch, 0.0, 1.0),
        centre_x=_uniform(seed, 10, batch, 0.0, 1.0),
        covered=_uniform(seed, 11, batch, 0.0, 1.0) < settings.erase_probability,
    )


def augment(images: tf.Tensor, seed: tf.Tensor, settings: Augmentation, *, side: int) -> tf.Tensor:
    """Returns randomly changed pictures; the same seed gives the same change.

    Args:
        images: Pixels 0 to 255 of shape (B, H, W, 1), any dtype.
        seed: Two int32.
        settings: How much of each change.
        side: Height and width of the result in pixels.

    Returns:
        float32 pixels 0 to 255 of shape (B, side, side, 1).
    """
    images = _random_warp(tf.cast(images, tf.float32), seed, settings, side)
    images = _random_blur(images, seed, settings)
    images = _random_light(images, seed, settings)
    images = _random_cover(images, seed, settings)
    return tf.ensure_shape(images, [None, side, side, 1])

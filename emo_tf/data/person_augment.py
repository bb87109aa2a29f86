"""Random changes of the people of a training batch, a pure function of the batch and of draws."""

import math
from dataclasses import dataclass, fields

import tensorflow as tf

from emo_tf.data.warp import warp
from emo_tf.errors import EmoError

PICTURES = ("scene", "body")
_JITTERS = ("brightness", "contrast", "saturation")
_COUNT = len(_JITTERS)
DRAWS = 6 + 2 * _COUNT
"""Uniform numbers that a person takes."""

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


@dataclass(frozen=True)
class PersonAugmentation:
    """Random changes of a person, alike for the scene and the body.

    Attributes:
        flip: Whether half of the people are mirrored.
        brightness: Pixels are multiplied by a factor drawn from 1 - x to 1 + x.
        contrast: The same of the distance to the mean of the grey picture, each crop's own.
        saturation: The same of the distance to the grey picture.
        zoom: Largest relative zoom about the middle: 0.2 draws from 0.8 to 1.2.
        shift: Largest shift as a share of the side.
        stretch: Largest relative stretch: 0.2 makes pictures up to 1.2 times as wide and as much
            lower, or the other way round; drawn evenly in its logarithm.
        rotation_degrees: Largest turn about the middle.
    """

    flip: bool = True
    brightness: float = 0.4
    contrast: float = 0.4
    saturation: float = 0.4
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


def draw(seed: tf.Tensor, people: int) -> tf.Tensor:
    """Draws the numbers that decide what happens to each person of a global batch.

    Args:
        seed: Two int64.
        people: Rows of the global batch.

    Returns:
        float32 (people, DRAWS), from 0 to below 1.
    """
    return tf.random.stateless_uniform((people, DRAWS), seed, alg="philox")


def augment_people(
    batch: dict[str, tf.Tensor], draws: tf.Tensor, settings: PersonAugmentation
) -> dict[str, tf.Tensor]:
    """Returns randomly changed people; the same draws give the same change.

    A person's change depends on that person's row alone, so parts of a batch are changed exactly
    as the whole would be. Brightness, contrast and saturation are those of torchvision's
    `ColorJitter`: each person meets them in a random order, and pixels are cut to 0 to 255 after
    each. The grey picture is that of ITU-R BT.601; for the mean it is rounded, as for pictures of
    Pillow, so that the sum is exact however it is split.

    Args:
        batch: People as `People` reads them. `scene` and `body`, where there, of pixels 0 to 255
            (B, height, width, 3), and `box` float32 (B, 4) are changed; the rest is passed on.
        draws: Rows of what `draw` returned, shape (B, DRAWS).
        settings: How much of each change.

    Returns:
        The batch with `scene` and `body` as float32 pixels 0 to 255 and `box` where the person
        is then in the scene.
    """
    pictures = {name: batch[name] for name in PICTURES if name in batch}
    box, flip = batch["box"], (draws[:, 0] < 0.5) & settings.flip
    if settings.zoom or settings.shift or settings.stretch or settings.rotation_degrees:
        places = tf.concat([draws[:, 1:4], draws[:, 4 + 2 * _COUNT :]], axis=1)
        pictures, box = _warped(pictures, box, flip, places, settings=settings)
        flip = tf.zeros_like(flip)  # They are mirrored by now.
    left, top, width, height = tf.unstack(box, axis=1)
    box = tf.stack([tf.where(flip, 1 - left - width, left), top, width, height], axis=1)

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

    # Person by person, as a picture fits into the processor's cache and a batch does not: twice as
    # fast as whole batches on one core.
    rows = (pictures, flip, factors, order)
    changed = tf.map_fn(change, rows, fn_output_signature=dict.fromkeys(pictures, tf.float32))
    return {**batch, **changed, "box": box}


def _warped(
    pictures: dict[str, tf.Tensor],
    box: tf.Tensor,
    flip: tf.Tensor,
    draws: tf.Tensor,
    *,
    settings: PersonAugmentation,
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """Zooms, shifts, stretches, turns and mirrors; boxes move along and are cut to the picture."""
    mirror = tf.where(flip, -1.0, 1.0)
    zoom = 1 + settings.zoom * _centred(draws[:, 0])
    shifts = settings.shift * _centred(draws[:, 1:3])  # (B, 2)
    stretch = tf.exp(math.log1p(settings.stretch) * _centred(draws[:, 3]))
    angle = math.radians(settings.rotation_degrees) * _centred(draws[:, 4])
    pictures = {
        name: warp(
            tf.cast(picture, tf.float32),
            picture.shape[1:3],
            angle=angle,
            zoom=zoom,
            shift_x=shifts[:, 0],
            shift_y=shifts[:, 1],
            mirror=mirror,
            stretch=stretch,
        )
        for name, picture in pictures.items()
    }
    height, width = pictures["scene"].shape[1:3] if "scene" in pictures else (1, 1)
    left, top, across, down = tf.unstack(box, axis=1)
    # From the middle of what is looked at, in pixels of the result: (B, 4 corners).
    x = tf.stack([left, left + across] * 2, axis=1) - 0.5 - shifts[:, :1]
    y = tf.stack([top, top, top + down, top + down], axis=1) - 0.5 - shifts[:, 1:]
    x *= width * (zoom * stretch)[:, None]
    y *= height * (zoom / stretch)[:, None]
    cosine, sine = tf.cos(angle)[:, None], tf.sin(angle)[:, None]
    x, y = mirror[:, None] * (x * cosine + y * sine) / width, (y * cosine - x * sine) / height
    corners = tf.clip_by_value(tf.stack([x, y], axis=1) + 0.5, 0.0, 1.0)  # (B, 2, 4)
    first, last = tf.reduce_min(corners, axis=2), tf.reduce_max(corners, axis=2)
    return pictures, tf.concat([first, last - first], axis=1)


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

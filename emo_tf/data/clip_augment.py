"""Random changes of the clips of a training batch, a pure function of the batch and of draws."""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields

import tensorflow as tf

from emo_tf.data.clip_draws import ClipDraws
from emo_tf.data.picture_changes import blur, change_gamma, change_level, cover, shade
from emo_tf.data.tuning import without_autograph
from emo_tf.data.warp import warp
from emo_tf.errors import EmoError

Spread = Callable[[tf.Tensor], tf.Tensor]
"""Makes numbers of clips (B,), or of their frames (B, T), those of pictures (B * T,)."""


@dataclass(frozen=True)
class ClipAugmentation:
    """Random changes of a clip; every range is symmetric unless said otherwise.

    By default those of the VTT system, which changes all frames of a clip alike.

    Attributes:
        flip: Whether half of the clips are mirrored.
        shift: Largest shift as a share of the side.
        zoom: Largest relative zoom: 0.2 draws from 0.8 to 1.2.
        rotation_degrees: Largest turn.
        drift: Largest slow movement in the course of a clip: a shift as a share of the side, as
            much of a relative zoom, and of a turn in radians.
        jitter: The same from frame to frame.
        level_probability: Share of the clips whose level is changed, by the next two.
        contrast: Largest relative change of the contrast about a frame's mean.
        brightness: Largest offset as a share of the full range.
        shading: Largest change of light from the middle to an edge, from any side.
        gamma: Largest natural logarithm of the exponent on pixels of 0 to 1.
        light_drift: Largest slow change of brightness in a clip as a share of the full range.
        flicker: The same from frame to frame.
        blur_probability: Share of the clips that are blurred, each by an amount of its own.
        noise_probability: Share of the clips with noise, another in each frame.
        noise: Largest standard deviation of noise as a share of the full range.
        erase_probability: Share of the clips of which the same rectangle of all frames is covered.
        erase_area: Smallest and largest share of the area covered.

    Raises:
        EmoError: A number is out of its range.
    """

    flip: bool = True
    shift: float = 0.1
    zoom: float = 0.1
    rotation_degrees: float = 0.0
    drift: float = 0.0
    jitter: float = 0.0
    level_probability: float = 0.1
    contrast: float = 0.3
    brightness: float = 0.15
    shading: float = 0.0
    gamma: float = 0.0
    light_drift: float = 0.0
    flicker: float = 0.0
    blur_probability: float = 0.1
    noise_probability: float = 0.1
    noise: float = 0.06
    erase_probability: float = 0.0
    erase_area: tuple[float, float] = (0.03, 0.25)

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self) if f.name not in ("flip", "erase_area")):
            value, most = getattr(self, name), 1.0 if name.endswith("probability") else math.inf
            if not 0 <= value <= most:
                limits = "0 to 1" if most == 1 else "0 or more"
                raise EmoError(f"augmentation.{name}: expected {limits}. Received: {value}")
        if self.zoom + self.drift + self.jitter >= 1:
            raise EmoError(
                "augmentation.zoom, drift, jitter: expected a sum below 1. "
                f"Received: {self.zoom}, {self.drift}, {self.jitter}"
            )
        if not 0 < self.erase_area[0] <= self.erase_area[1] <= 1:
            raise EmoError(
                "augmentation.erase_area: expected two shares, 0 < smallest <= largest <= 1. "
                f"Received: {self.erase_area}"
            )

    @property
    def moves(self) -> bool:
        """Whether anything but mirroring moves what is seen."""
        return bool(self.shift or self.zoom or self.rotation_degrees or self.drift or self.jitter)


MOVING = ClipAugmentation(
    shift=0.08,
    zoom=0.15,
    rotation_degrees=15,
    drift=0.06,
    jitter=0.012,
    level_probability=1,
    contrast=0.35,
    brightness=0.15,
    shading=0.4,
    gamma=0.4,
    light_drift=0.08,
    flicker=0.02,
    blur_probability=0.3,
    noise_probability=0.5,
    erase_probability=0.4,
)
"""For small grey faces that stand still: they move as tracked faces do, in changing light."""


def augment_clips(clips: tf.Tensor, draws: tf.Tensor, settings: ClipAugmentation) -> tf.Tensor:
    """Returns randomly changed clips; the same draws give the same change.

    A clip's change depends on its row alone, so parts of a batch are changed as the whole would
    be, up to rounding. What is drawn once changes all frames of a clip alike.

    Args:
        clips: Pixels of 0 to 255, (B, T, height, width, channels), T known.
        draws: Rows of what `draw_clips` returned for clips of T frames.
        settings: How much of each change.

    Returns:
        The same as float32 pixels of 0 to 255.
    """
    frames, (height, width, channels) = clips.shape[1], clips.shape[2:]
    drawn = ClipDraws(draws, frames=frames)

    def spread(numbers: tf.Tensor) -> tf.Tensor:
        return tf.reshape(numbers, [-1]) if numbers.shape.rank > 1 else tf.repeat(numbers, frames)

    pictures = tf.reshape(tf.cast(clips, tf.float32), (-1, height, width, channels))
    pictures = _moved(pictures, drawn, settings, spread)
    if settings.blur_probability:
        is_blurred = drawn.share("blur") < settings.blur_probability
        pictures = blur(pictures, spread(tf.where(is_blurred, drawn.share("blurring"), 0.0)))
    pictures = _lit(pictures, drawn, settings, spread)
    if settings.noise_probability:
        grain = _grain(drawn, (frames, height, width, channels), settings)
        pictures = tf.clip_by_value(pictures + tf.reshape(grain, tf.shape(pictures)), 0.0, 255.0)
    if settings.erase_probability:
        is_covered = drawn.share("cover") < settings.erase_probability
        noise = _of_each(is_covered, drawn, (height, width, 1), draw=_uniform)
        smallest, largest = settings.erase_area
        pictures = cover(
            pictures,
            noise=tf.repeat(noise, frames, axis=0),
            area=spread(smallest + (largest - smallest) * drawn.share("area")),
            aspect=spread(tf.exp(drawn.even("aspect", math.log(3.0)))),
            centre_y=spread(drawn.share("centre_y")),
            centre_x=spread(drawn.share("centre_x")),
            covered=spread(is_covered),
        )
    return tf.reshape(pictures, (-1, frames, height, width, channels))


def _moved(
    pictures: tf.Tensor, drawn: ClipDraws, settings: ClipAugmentation, spread: Spread
) -> tf.Tensor:
    is_mirrored = (drawn.share("flip") < 0.5) & settings.flip
    if not settings.moves:
        is_mirrored = spread(is_mirrored)[:, None, None, None]
        return tf.where(is_mirrored, tf.reverse(pictures, axis=[2]), pictures)

    def course(name: str, reach: float) -> tf.Tensor:
        sway = drawn.sway(name, drift=settings.drift, jitter=settings.jitter)
        return spread(drawn.even(name, reach)[:, None] + sway)

    return warp(
        pictures,
        tuple(pictures.shape[1:3]),
        angle=course("angle", math.radians(settings.rotation_degrees)),
        zoom=1 + course("zoom", settings.zoom),
        shift_x=course("shift_x", settings.shift),
        shift_y=course("shift_y", settings.shift),
        mirror=spread(tf.where(is_mirrored, -1.0, 1.0)),
    )


def _lit(
    pictures: tf.Tensor, drawn: ClipDraws, settings: ClipAugmentation, spread: Spread
) -> tf.Tensor:
    if settings.shading:
        across, down = (spread(drawn.even(n, settings.shading)) for n in ("across", "down"))
        pictures = shade(pictures, across=across, down=down)
    if settings.gamma:
        pictures = change_gamma(pictures, spread(drawn.even("gamma", settings.gamma)))
    if not (settings.level_probability or settings.light_drift or settings.flicker):
        return pictures
    is_changed = drawn.share("level") < settings.level_probability
    contrast = 1 + tf.where(is_changed, drawn.even("contrast", settings.contrast), 0.0)
    brightness = tf.where(is_changed, drawn.even("brightness", settings.brightness), 0.0)
    light = drawn.sway("light", drift=settings.light_drift, jitter=settings.flicker)
    return change_level(
        pictures, contrast=spread(contrast), brightness=spread(brightness[:, None] + light)
    )


def _grain(drawn: ClipDraws, shape: tuple[int, ...], settings: ClipAugmentation) -> tf.Tensor:
    """Returns what noise adds to each clip, (B, *shape)."""
    is_noisy = drawn.share("noise") < settings.noise_probability
    deviation = 255 * settings.noise * drawn.share("deviation")
    return _of_each(is_noisy, drawn, shape, draw=_normal) * deviation[:, None, None, None, None]


def _normal(shape: tuple[int, ...], seed: tf.Tensor) -> tf.Tensor:
    return tf.random.stateless_normal(shape, seed, alg="philox")


def _uniform(shape: tuple[int, ...], seed: tf.Tensor) -> tf.Tensor:
    return tf.random.stateless_uniform(shape, seed, 0.0, 255.0, alg="philox")


def _of_each(
    chosen: tf.Tensor, drawn: ClipDraws, shape: tuple[int, ...], *, draw: Callable
) -> tf.Tensor:
    """Returns what is drawn for each clip that is chosen, (B, *shape), zeros for the others."""
    bits = tf.stack([drawn.share("seed"), drawn.share("deviation")], axis=1)
    seeds = tf.cast(bits * 2**23, tf.int32)  # (B, 2)

    @without_autograph
    def one(row: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        is_chosen, seed = row
        return tf.cond(is_chosen, lambda: draw(shape, seed), lambda: tf.zeros(shape))

    # A seed each, so that a clip's noise does not depend on the others of its batch.
    return tf.map_fn(one, (chosen, seeds), fn_output_signature=tf.TensorSpec(shape))

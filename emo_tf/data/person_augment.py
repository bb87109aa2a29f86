"""Random changes of the people of a training batch, a pure function of the batch and of draws."""

from dataclasses import dataclass

import tensorflow as tf

from emo_tf.data.picture_augment import (
    DRAWS,
    PictureAugmentation,
    augment_pictures,
    draw,
    places,
)

__all__ = ["DRAWS", "PICTURES", "PersonAugmentation", "augment_people", "draw"]

PICTURES = ("scene", "body")


@dataclass(frozen=True)
class PersonAugmentation(PictureAugmentation):
    """Random changes of a person, alike for the scene and the body; see `PictureAugmentation`.

    By default `brightness`, `contrast` and `saturation` change too.
    """

    brightness: float = 0.4
    contrast: float = 0.4
    saturation: float = 0.4


def augment_people(
    batch: dict[str, tf.Tensor], draws: tf.Tensor, settings: PictureAugmentation
) -> dict[str, tf.Tensor]:
    """Returns randomly changed people; the same draws give the same change.

    Args:
        batch: People as `People` reads them. `scene` and `body`, where there, of pixels 0 to 255
            (B, height, width, 3), and `box` float32 (B, 4) are changed; the rest is passed on.
        draws: Rows of what `draw` returned, shape (B, DRAWS).
        settings: How much of each change; `augment_pictures` says how.

    Returns:
        The batch with `scene` and `body` as float32 pixels 0 to 255 and `box` where the person
        is then in the scene.
    """
    pictures = {name: batch[name] for name in PICTURES if name in batch}
    size = pictures["scene"].shape[1:3] if "scene" in pictures else (1, 1)
    changed = augment_pictures(pictures, draws, settings)
    return {**batch, **changed, "box": _moved(batch["box"], draws, settings, size=size)}


def _moved(
    box: tf.Tensor, draws: tf.Tensor, settings: PictureAugmentation, *, size: tuple[int, int]
) -> tf.Tensor:
    """Returns where boxes are then, cut to the picture of that height and width."""
    to = places(draws, settings)
    left, top, across, down = tf.unstack(box, axis=1)
    if not settings.moves:
        return tf.stack([tf.where(to.mirror < 0, 1 - left - across, left), top, across, down], 1)
    height, width = size
    # From the middle of what is looked at, in pixels of the result: (B, 4 corners).
    x = tf.stack([left, left + across] * 2, axis=1) - 0.5 - to.shifts[:, :1]
    y = tf.stack([top, top, top + down, top + down], axis=1) - 0.5 - to.shifts[:, 1:]
    x *= width * (to.zoom * to.stretch)[:, None]
    y *= height * (to.zoom / to.stretch)[:, None]
    cosine, sine = tf.cos(to.angle)[:, None], tf.sin(to.angle)[:, None]
    mirror = to.mirror[:, None]
    x, y = mirror * (x * cosine + y * sine) / width, (y * cosine - x * sine) / height
    corners = tf.clip_by_value(tf.stack([x, y], axis=1) + 0.5, 0.0, 1.0)  # (B, 2, 4)
    first, last = tf.reduce_min(corners, axis=2), tf.reduce_max(corners, axis=2)
    return tf.concat([first, last - first], axis=1)

"""What becomes of a batch of clips before a model is given it."""

import functools
from collections.abc import Callable

import tensorflow as tf

from emo_tf.data.clip_augment import ClipAugmentation, augment_clips
from emo_tf.data.clip_draws import draw_clips
from emo_tf.data.clip_inputs import ClipInputs


class ClipChanges:
    """The part of `StepBatches` that is alike for all clips.

    Attributes:
        inputs: What a model takes.
    """

    inputs: ClipInputs

    def finished(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        batch = standing(batch, frames=self.inputs.frames)
        return {**batch, "clip": tf.cast(batch["clip"], tf.float32)}

    def augmented(
        self, batch: dict[str, tf.Tensor], draws: tf.Tensor, augmentation: ClipAugmentation
    ) -> dict[str, tf.Tensor]:
        batch = standing(batch, frames=self.inputs.frames)
        return {**batch, "clip": self._augment(batch["clip"], draws, augmentation)}

    def draws(self, seed: tf.Tensor, examples: int) -> tf.Tensor:
        return draw_clips(seed, examples, frames=self.inputs.frames)

    @functools.cached_property
    def _augment(self) -> Callable:
        return tf.function(augment_clips, autograph=False)  # Traced once for all epochs.


def standing(examples: dict[str, tf.Tensor], *, frames: int) -> dict[str, tf.Tensor]:
    """Returns a clip, or a batch of them, with a label for each frame.

    Args:
        examples: `clip` (..., T, height, width, channels), where T is 1 for a still, which then
            stands for all frames, and `label` (..., T), or (...) where it is that of all frames.
        frames: T.
    """
    clip, label = examples["clip"], examples["label"]
    if clip.shape[-4] != frames:
        clip = tf.repeat(clip, frames, axis=-4)
    if label.shape.rank < clip.shape.rank - 3:
        label = tf.repeat(label[..., None], frames, axis=-1)
    return {**examples, "clip": clip, "label": label}

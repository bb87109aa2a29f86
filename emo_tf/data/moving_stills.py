"""Clips made of stills: a face that stays, or changes into another of another expression."""

import dataclasses
from contextlib import AbstractContextManager

import numpy as np
import tensorflow as tf

from emo_tf.data.clip_source import ClipSource
from emo_tf.data.tuning import without_autograph
from emo_tf.errors import EmoError


class MovingStills:
    """Clips whose face may change; a `ClipSource`.

    A clip shows one still for all its frames, or fades from it to a still of another label at a
    random time. A frame has the label of the still that has the larger share in it. That faces
    move and the light changes is the business of `ClipAugmentation`, of `clip_augment.MOVING` say.

    Args:
        stills: Clips of one frame.
        frames: Frames of a clip.
        change: Share of the clips that change.
        fade: Frames that a change takes, the fewest and the most, drawn evenly.

    Attributes:
        name: Of the stills.
        inputs: Theirs, with `frames`.
        count: How many stills there are; each begins a clip.

    Raises:
        EmoError: The stills are clips, a number is out of its range, or a change is asked for
            where all stills have one label.
    """

    def __init__(
        self,
        stills: ClipSource,
        *,
        frames: int,
        change: float = 0.5,
        fade: tuple[int, int] = (1, 4),
    ):
        if stills.inputs.frames != 1:
            raise EmoError(
                f"stills: expected clips of 1 frame. Received: {stills.inputs.frames} frames"
            )
        if not 0 <= change <= 1:
            raise EmoError(f"change: expected 0 to 1. Received: {change}")
        if frames < (2 if change else 1):
            raise EmoError(f"frames: expected at least 2 where faces change. Received: {frames}")
        if not 1 <= fade[0] <= fade[1]:
            raise EmoError(f"fade: expected 1 <= fewest <= most. Received: {fade}")
        self.inputs = dataclasses.replace(stills.inputs, frames=frames)
        self.name, self.count = stills.name, stills.count
        self._stills, self._change, self._fade = stills, change, fade
        self._by_label = np.argsort(stills.labels(), kind="stable")
        if change and len(np.unique(stills.labels())) == 1:
            raise EmoError(
                f"{self.name}: expected stills of two expressions or more, as clips change. "
                "Received: one"
            )

    def labels(self) -> np.ndarray:
        """Returns the label of each clip's first still, int32 (N,)."""
        return self._stills.labels()

    def chosen(self, places: np.ndarray, lots: np.ndarray) -> tf.data.Dataset:
        """Returns clips one by one; see `ClipSource`.

        Args:
            places: Which stills the clips begin with, shape (N,).
            lots: As for `ClipSource.chosen`, shape (N, LOTS).
        """
        partners, shares = self._partners(places, lots), self._shares(lots)
        pairs = tf.data.Dataset.zip(
            self._stills.chosen(places, lots),
            self._stills.chosen(partners, lots),
            tf.data.Dataset.from_tensor_slices(shares),
        )
        return pairs.map(without_autograph(_faded), num_parallel_calls=1)

    def errors_named(self) -> AbstractContextManager:
        """Returns that of the stills."""
        return self._stills.errors_named()

    def _partners(self, places: np.ndarray, lots: np.ndarray) -> np.ndarray:
        """Returns what each clip changes into, (N,); itself where it stays."""
        labels = self._stills.labels()
        counts = np.bincount(labels)
        own = labels[places]
        first, count = (np.cumsum(counts) - counts)[own], counts[own]
        others = (lots[:, 1] * (self.count - count)).astype(np.int64)
        # In the order of the labels, those of its own label passed over.
        partners = self._by_label[(others + np.where(others >= first, count, 0)) % self.count]
        return np.where(self._changes(lots), partners, places)

    def _shares(self, lots: np.ndarray) -> np.ndarray:
        """Returns how much of the second still is in each frame, float32 (N, T)."""
        frames, (fewest, most) = self.inputs.frames, self._fade
        length = fewest + np.floor(lots[:, 2] * (most + 1 - fewest))
        middle = 1 + lots[:, 3] * (frames - 2)  # At least the first frame before, the last after.
        time = np.arange(frames) + 0.5
        shares = np.clip((time - middle[:, None]) / length[:, None] + 0.5, 0, 1)
        return np.where(self._changes(lots)[:, None], shares, 0).astype(np.float32)

    def _changes(self, lots: np.ndarray) -> np.ndarray:
        return lots[:, 0] < self._change


def _faded(
    first: dict[str, tf.Tensor], second: dict[str, tf.Tensor], shares: tf.Tensor
) -> dict[str, tf.Tensor]:
    before, after = (tf.cast(still["clip"], tf.float32) for still in (first, second))
    clip = before + shares[:, None, None, None] * (after - before)  # (T, height, width, channels)
    label = tf.where(shares < 0.5, first["label"], second["label"])
    return {"clip": tf.cast(tf.round(clip), tf.uint8), "label": label}

"""The numbers that decide how the clips of a training batch are changed."""

import math

import tensorflow as tf

_ONCE = (
    *("flip", "shift_x", "shift_y", "zoom", "angle"),
    *("level", "contrast", "brightness", "across", "down", "gamma"),
    *("blur", "blurring", "noise", "deviation", "seed"),
    *("cover", "area", "aspect", "centre_x", "centre_y"),
)
"""What is drawn once a clip."""

_SWAYING = ("shift_x", "shift_y", "zoom", "angle", "light")
"""What changes in the course of a clip: a swing, of which three numbers are drawn, and its shake,
one number a frame."""

_SWING_FRAMES = (16.0, 64.0)
"""How long a swing to and fro takes, the shortest and the longest."""


class ClipDraws:
    """The uniform numbers of clips by what they decide.

    Args:
        rows: What `draw_clips` returned, shape (B, draws).
        frames: T.
    """

    def __init__(self, rows: tf.Tensor, *, frames: int):
        self._frames = frames
        self._once = dict(zip(_ONCE, tf.unstack(rows[:, : len(_ONCE)], axis=1), strict=True))
        swaying = tf.reshape(rows[:, len(_ONCE) :], (-1, len(_SWAYING), 3 + frames))
        self._swaying = dict(zip(_SWAYING, tf.unstack(swaying, axis=1), strict=True))

    def share(self, name: str) -> tf.Tensor:
        """Returns numbers of 0 to below 1, (B,)."""
        return self._once[name]

    def even(self, name: str, reach: float) -> tf.Tensor:
        """Returns numbers of -reach to reach, (B,).

        Args:
            name: Which numbers: each name has its own.
            reach: How far they go.
        """
        return reach * (2 * self._once[name] - 1)

    def sway(self, name: str, *, drift: float, jitter: float) -> tf.Tensor:
        """Returns how far each frame is from the middle of its clip's movement, (B, T).

        Args:
            name: Which movement: each name has its own.
            drift: How far the swing goes at most, in the unit of what moves.
            jitter: How far a frame may be off the swing.
        """
        size, phase, pace = tf.unstack(self._swaying[name][:, :3, None], axis=1)  # (B, 1)
        shortest, longest = _SWING_FRAMES
        turns = tf.range(self._frames, dtype=tf.float32) / (shortest + (longest - shortest) * pace)
        swing = drift * size * tf.sin(2 * math.pi * (phase + turns))
        return swing + jitter * (2 * self._swaying[name][:, 3:] - 1)


def draw_clips(seed: tf.Tensor, clips: int, *, frames: int) -> tf.Tensor:
    """Draws the numbers that decide what happens to each clip of a global batch.

    Args:
        seed: Two int64.
        clips: Rows of the global batch.
        frames: T.

    Returns:
        float32 (clips, draws), from 0 to below 1.
    """
    count = len(_ONCE) + len(_SWAYING) * (3 + frames)
    return tf.random.stateless_uniform((clips, count), seed, alg="philox")

"""Drawn clips of a face whose expression changes, and how well its label can be known.

The rule: the label is the expression that the face moves to. Half of the clips keep one expression;
in the others it changes evenly from one to another, about half-way in the key frame. Such a frame
looks the same whichever way the face moves, so that a single frame cannot tell the two labels
apart, whereas the frames beside it can.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from emo_tf.data.miniature.bodies import FACE_HEIGHT, POSTURES, Person, draw_person
from emo_tf.data.miniature.faces import EXPRESSION_SHAPES
from emo_tf.data.miniature.oracle import Oracle
from emo_tf.data.miniature.scenes import SCENES, draw_scene
from emo_tf.labels import EXPRESSIONS

HEIGHT, WIDTH = 360, 480
KEY_FRAME = 2
"""Frames p-2, p-1, p, p+1 stand round the key frame p of a clip of four."""

_STILL_SHARE = 0.5
_KEY_PROGRESS = (0.35, 0.65)  # even about one half, so that the key frame does not tell
_STEP = 0.16
_FACE_HEIGHTS = (60, 90)


@dataclass(frozen=True)
class FaceClip:
    """A short video of one face.

    Attributes:
        before: The expression that the face comes from, one of `EXPRESSIONS`.
        after: The one that it moves to, the clip's label; `before` where it keeps still.
        progress: How far it is in each frame, 0 to 1.
        seed: Of all that is drawn by lot and tells nothing.
        key_frame: Place of the key frame.
    """

    before: str
    after: str
    progress: tuple[float, ...]
    seed: tuple[int, ...]
    key_frame: int = KEY_FRAME


def plan_clip(number: int, *, seed: int, frames: int = 4, key_frame: int = KEY_FRAME) -> FaceClip:
    """Returns what the clip of that number shows.

    Args:
        number: 0 or more; each is another clip.
        seed: Draws another series of clips.
        frames: Frames in the clip.
        key_frame: Place of the key frame among them.
    """
    rng = np.random.default_rng([seed, number])
    before, after = rng.choice(EXPRESSIONS, size=2, replace=False)
    if rng.uniform() < _STILL_SHARE:
        before = after
    steps = np.arange(frames) - key_frame
    progress = np.clip(rng.uniform(*_KEY_PROGRESS) + _STEP * steps, 0, 1)
    return FaceClip(
        str(before),
        str(after),
        tuple(map(float, progress)),
        seed=(seed, number, 1),
        key_frame=key_frame,
    )


def draw_clip(clip: FaceClip) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields each frame, uint8 RGB of shape (360, 480, 3), and the face's box in it."""
    rng = np.random.default_rng(clip.seed)
    background = draw_scene(SCENES[rng.integers(len(SCENES))], height=HEIGHT, width=WIDTH, rng=rng)
    before, after = (EXPRESSION_SHAPES[name].varied(rng) for name in (clip.before, clip.after))
    if clip.before == clip.after:
        before = after
    looks = Person.draw(str(rng.choice(POSTURES)), before, rng=rng)
    height = rng.uniform(*_FACE_HEIGHTS) / FACE_HEIGHT
    crown_xy = (WIDTH * rng.uniform(0.4, 0.6), HEIGHT * rng.uniform(0.31, 0.4))
    for progress in clip.progress:
        frame = background.copy()
        shape = before.towards(after, progress)
        person = dataclasses.replace(looks, face=shape)
        _, face_box = draw_person(frame, person, crown_xy=crown_xy, height=height)
        yield frame, face_box


def score_evidence(clips: Sequence[FaceClip], *, measured_on: str) -> Oracle:
    """Scores the best guesses from nothing, the key frame alone and the whole clip.

    Between two expressions the key frame leaves no better guess than the nearer one.

    Args:
        clips: The clips that are guessed at.
        measured_on: What they are called in the report.

    Returns:
        Accuracy on these clips, by source of evidence.
    """
    nearer = [clip.after if clip.progress[clip.key_frame] >= 0.5 else clip.before for clip in clips]
    hits = [guess == clip.after for guess, clip in zip(nearer, clips, strict=True)]
    scores = {"none": (1 / len(EXPRESSIONS),), "one frame": (float(np.mean(hits)),), "clip": (1.0,)}
    return Oracle(measured_on, ("accuracy",), scores)

"""Which labels a drawn person of EMOTIC's twin gets, and how well they can be known.

The rule: valence, arousal and dominance are the middle of the scale plus an offset for each of
expression, posture, weather, place and the pennants' colour. Every category has its place among the
three dimensions; an annotator gives it with probability exp(-d² / (2 · SPREAD²)), d being the
distance from the person, and the likeliest one if no other. The annotator's three numbers are the
person's, rounded, and with probability 1/4 each one more or less.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from emo_tf.corpora.emotic_layout import Annotation
from emo_tf.data.miniature.bodies import POSTURES
from emo_tf.data.miniature.scenes import Scene
from emo_tf.labels import EMOTIC_CATEGORIES, EXPRESSIONS

LEAST, MOST = 1, 10
SPREAD = 1.3
ANNOTATORS = (1, 2, 3)
"""How many annotate a person of val and test; each number is as likely as any other."""
STEPS, STEP_SHARES = (-1, 0, 1), (0.25, 0.5, 0.25)
"""By how much an annotator's numbers differ from the person's, and how often."""

_MIDDLE = 5.5
_PLACE_OF_CATEGORY = np.array(
    [
        (8.0, 4.5, 5.0), (2.0, 8.0, 7.5), (3.0, 6.5, 6.0), (6.0, 6.5, 6.0), (2.5, 5.5, 4.0),
        (7.0, 6.0, 8.5), (3.0, 5.0, 7.5), (4.0, 3.0, 4.5), (3.0, 6.5, 3.5), (4.5, 5.0, 4.0),
        (4.0, 6.5, 2.5), (6.5, 6.0, 7.0), (7.5, 4.0, 7.5), (8.5, 8.5, 7.5), (4.0, 1.5, 4.0),
        (2.0, 8.5, 2.0), (8.5, 6.5, 7.0), (1.5, 7.0, 3.0), (7.0, 1.5, 6.0), (8.5, 4.0, 6.5),
        (2.0, 2.5, 2.5), (5.0, 4.0, 3.0), (1.5, 4.5, 1.5), (6.0, 8.5, 4.0), (6.0, 3.0, 5.5),
        (5.0, 5.5, 2.0),
    ]
)  # fmt: skip
"""Valence, arousal, dominance of every category, in the order of `EMOTIC_CATEGORIES`."""

_OFFSETS = {
    "angry": (-1.6, 1.5, 1.6),
    "disgust": (-1.6, 0.0, 0.2),
    "fear": (-1.3, 1.8, -1.9),
    "happy": (2.0, 0.6, 0.7),
    "sad": (-1.8, -1.4, -1.4),
    "surprise": (0.6, 2.0, -0.7),
    "neutral": (0.2, -0.9, 0.2),
    "arms_raised": (0.8, 1.2, 0.6),
    "arms_crossed": (-0.8, -0.2, 1.0),
    "slumped": (-0.6, -1.2, -1.2),
    "hands_on_hips": (0.2, 0.2, 1.0),
    "sun": (1.2, 0.3, 0.4),
    "cloud": (0.0, -0.8, 0.2),
    "rain": (-1.2, 0.0, -0.8),
    "night": (-0.2, -0.6, -0.6),
    "party": (1.2, 1.4, 0.2),
    "garden": (0.9, -1.4, 0.4),
    "street": (-0.6, 0.9, 0.4),
    "hospital": (-1.6, -0.4, -1.2),
    "warm": (0.6, 0.6, 0.2),
    "cold": (-0.6, -0.6, -0.2),
}
"""Valence, arousal, dominance that each cue adds."""


@dataclass(frozen=True)
class Body:
    """What a person's picture tells: `expression` of `EXPRESSIONS`, `posture` of `POSTURES`."""

    expression: str
    posture: str


BODIES = tuple(itertools.starmap(Body, itertools.product(EXPRESSIONS, POSTURES)))
"""All bodies; each is as likely as any other, whatever the scene."""


def person_vad(body: Body, scene: Scene) -> np.ndarray:
    """Returns valence, arousal, dominance by the rule, floats of shape (3,), 1 to 10.

    Args:
        body: What the person's picture tells.
        scene: What is round the person.
    """
    cues = (body.expression, body.posture, scene.weather, scene.place, scene.colour)
    offsets = np.sum([_OFFSETS[cue] for cue in cues], axis=0)
    return np.clip(_MIDDLE + offsets, LEAST, MOST)


def category_probabilities(vad: np.ndarray) -> np.ndarray:
    """Returns how likely one annotator gives each category to a person.

    Args:
        vad: What `person_vad` gives, shape (..., 3).

    Returns:
        Probabilities of shape (..., 26).
    """
    alone = _closeness(vad)
    likeliest = alone == alone.max(axis=-1, keepdims=True)
    return alone + likeliest * np.prod(1 - alone, axis=-1, keepdims=True)


def annotate(vad: np.ndarray, rng: np.random.Generator) -> Annotation:
    """Draws what one annotator says of a person whose `person_vad` is `vad`, shape (3,).

    Args:
        vad: Valence, arousal and dominance.
        rng: Draws the lots.
    """
    closeness = _closeness(vad)
    given = rng.uniform(size=len(closeness)) < closeness
    if not given.any():
        given[closeness.argmax()] = True
    names = (name for name, there in zip(EMOTIC_CATEGORIES, given, strict=True) if there)
    numbers = np.clip(np.round(vad) + rng.choice(STEPS, size=3, p=STEP_SHARES), LEAST, MOST)
    return Annotation(tuple(names), tuple(map(int, numbers)))


def _closeness(vad: np.ndarray) -> np.ndarray:
    squares = (np.asarray(vad)[..., np.newaxis, :] - _PLACE_OF_CATEGORY) ** 2
    return np.exp(-squares.sum(axis=-1) / (2 * SPREAD**2))

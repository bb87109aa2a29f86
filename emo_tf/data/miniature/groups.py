"""Drawn pictures of several people: what they show together, and how well it can be known.

The rule: a face counts 1 where its expression leans to positive, -1 to negative, 0 to neither, as
surprise does here. The picture's mood is the mean over the faces, weighted by their areas, plus
what the scene adds; the label is positive where mood and noise together lie above `THRESHOLD`,
negative below its opposite, else neutral. So the few large faces in front decide, and the small
ones behind, hardly any or a whole crowd, mislead whoever counts heads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from emo_tf.data.miniature.bodies import FACE_HEIGHT, Person, draw_person
from emo_tf.data.miniature.faces import EXPRESSION_SHAPES
from emo_tf.data.miniature.oracle import Oracle
from emo_tf.data.miniature.scenes import SCENES, Scene, draw_scene
from emo_tf.labels import EXPRESSION_TO_GROUP, EXPRESSIONS, GROUP_EMOTIONS

HEIGHT, WIDTH = 480, 640
THRESHOLD = 0.3
NOISE = 0.2

_LEANINGS = {"negative": -1, "neutral": 0, "positive": 1}
_LEANING_OF = {name: EXPRESSION_TO_GROUP.get(name, "neutral") for name in EXPRESSIONS}
_EXPRESSIONS_OF = {
    leaning: [name for name, group in _LEANING_OF.items() if group == leaning]
    for leaning in GROUP_EMOTIONS
}
_SCENE_MOODS = {
    "sun": 0.5,
    "cloud": 0.0,
    "rain": -0.5,
    "night": 0.0,
    "party": 0.7,
    "garden": 0.3,
    "street": -0.2,
    "hospital": -0.8,
    "warm": 0.3,
    "cold": -0.3,
}
_SMALL_COUNTS, _LARGE_COUNTS = (0, 0, 1, 9, 10, 11, 12), (1, 2)  # a few people, or before a crowd
_SMALL_FACES, _LARGE_FACES = (32, 40), (110, 140)
_SMALL_CROWN, _LARGE_CROWN = (0.33, 0.37), (0.53, 0.57)  # shares of the picture's height
_POSTURES = ("arms_crossed", "slumped")  # the narrow ones: nobody hides a neighbour
_FACES_SAMPLED = 4000


@dataclass(frozen=True)
class DrawnFace:
    """One person's face: `expression`, `height` and `crown_xy`, the top of the head, in pixels."""

    expression: str
    height: float
    crown_xy: tuple[float, float]


@dataclass(frozen=True)
class GroupPicture:
    """One picture of several people.

    Attributes:
        label: One of `GROUP_EMOTIONS`, by the rule.
        scene: What the scene shows.
        faces: Those behind first.
        seed: Of all that is drawn by lot and tells nothing.
    """

    label: str
    scene: Scene
    faces: tuple[DrawnFace, ...]
    seed: tuple[int, ...]


def plan_picture(number: int, *, seed: int) -> GroupPicture:
    """Returns what the picture of that number shows.

    Args:
        number: 0 or more; each is another picture.
        seed: Draws another series of pictures.
    """
    rng = np.random.default_rng([seed, number])
    scene = SCENES[rng.integers(len(SCENES))]
    faces = _plan_faces(rng)
    chances = _label_chances(_mood_of_faces(faces) + _mood_of_scene(scene))
    label = GROUP_EMOTIONS[rng.choice(len(GROUP_EMOTIONS), p=chances)]
    return GroupPicture(label, scene, faces, seed=(seed, number, 1))


def _plan_faces(rng: np.random.Generator) -> tuple[DrawnFace, ...]:
    rows = (
        (_SMALL_FACES, _SMALL_CROWN, int(rng.choice(_SMALL_COUNTS))),
        (_LARGE_FACES, _LARGE_CROWN, int(rng.choice(_LARGE_COUNTS))),
    )
    return tuple(
        DrawnFace(
            expression=str(rng.choice(_EXPRESSIONS_OF[rng.choice(GROUP_EMOTIONS)])),
            height=float(rng.uniform(*heights)),
            crown_xy=(
                float(WIDTH * (place + rng.uniform(0.4, 0.6)) / count),
                float(HEIGHT * rng.uniform(*crowns)),
            ),
        )
        for heights, crowns, count in rows
        for place in range(count)
    )


def draw_picture(picture: GroupPicture) -> tuple[np.ndarray, list[np.ndarray]]:
    """Draws a group.

    Returns:
        uint8 RGB of shape (480, 640, 3), and the boxes `[x, y, width, height]` of the faces.
    """
    rng = np.random.default_rng(picture.seed)
    canvas = draw_scene(picture.scene, height=HEIGHT, width=WIDTH, rng=rng)
    boxes = []
    for face in picture.faces:
        shape = EXPRESSION_SHAPES[face.expression].varied(rng)
        person = Person.draw(str(rng.choice(_POSTURES)), shape, rng=rng)
        height = face.height / FACE_HEIGHT
        _, face_box = draw_person(canvas, person, crown_xy=face.crown_xy, height=height)
        boxes.append(face_box)
    return canvas, boxes


def score_evidence(pictures: Sequence[GroupPicture], *, measured_on: str) -> Oracle:
    """Scores the best guesses from nothing, the faces, the scene and both.

    What faces there may be is drawn by lot to guess from the scene alone; scenes are few enough to
    go through all.

    Args:
        pictures: The pictures that are guessed at.
        measured_on: What they are called in the report.

    Returns:
        Accuracy on these pictures, by source of evidence.
    """
    rng = np.random.default_rng(0)
    some_faces = np.array([_mood_of_faces(_plan_faces(rng)) for _ in range(_FACES_SAMPLED)])
    all_scenes = np.array([_mood_of_scene(scene) for scene in SCENES])
    faces = np.array([_mood_of_faces(picture.faces) for picture in pictures])
    scenes = np.array([_mood_of_scene(picture.scene) for picture in pictures])
    anything = _label_chances(np.add.outer(some_faces, all_scenes)).mean(axis=(0, 1))
    chances = {
        "none": np.broadcast_to(anything, (len(pictures), len(GROUP_EMOTIONS))),
        "faces": _label_chances(np.add.outer(faces, all_scenes)).mean(axis=1),
        "scene": _label_chances(np.add.outer(scenes, some_faces)).mean(axis=1),
        "both": _label_chances(faces + scenes),
    }
    labels = np.array([GROUP_EMOTIONS.index(picture.label) for picture in pictures])
    scores = {
        evidence: (float(np.mean(of_label.argmax(axis=1) == labels)),)
        for evidence, of_label in chances.items()
    }
    return Oracle(measured_on, ("accuracy",), scores)


def _mood_of_faces(faces: Sequence[DrawnFace]) -> float:
    leanings = [_LEANINGS[_LEANING_OF[face.expression]] for face in faces]
    return float(np.average(leanings, weights=[face.height**2 for face in faces]))


def _mood_of_scene(scene: Scene) -> float:
    return sum(_SCENE_MOODS[cue] for cue in (scene.weather, scene.place, scene.colour))


def _label_chances(mood: np.ndarray) -> np.ndarray:
    """Returns P(label | mood) of shape (..., 3), in the order of `GROUP_EMOTIONS`."""
    below = ndtr((-THRESHOLD - mood) / NOISE)
    above = ndtr((mood - THRESHOLD) / NOISE)
    between = ndtr((THRESHOLD - mood) / NOISE) - below  # 1 less both may be below 0.
    return np.stack([below, between, above], axis=-1)

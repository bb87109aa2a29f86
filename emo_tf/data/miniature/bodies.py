"""Drawn people from head to foot, whose posture and face can be seen."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from emo_tf.data.miniature.face_drawing import draw_face
from emo_tf.data.miniature.faces import Appearance, FaceShape, HeadPose
from emo_tf.data.miniature.shapes import Colour, Point, ellipse, mix, polygon, stroke

FACE_HEIGHT = 0.27
"""Height of the face as a share of the person's."""

_FACE_CENTRE = 0.165  # below the crown, as all heights here: shares of the person's height
_ARM_THICKNESS = 0.056
_LEG_THICKNESS = 0.078
_HAND_RADIUS = 0.03
_HAIR, _SOLES = 0.03, 1.005  # how far hair stands above the crown; where shoes end


@dataclass(frozen=True)
class _Posture:
    """Where one side's joints are: shares of the height, x outward from the middle, y downward."""

    shoulder: Point
    elbow: Point
    hand: Point
    head_drop: float = 0


_POSTURES = {
    "arms_raised": _Posture((0.115, 0.35), (0.215, 0.31), (0.225, 0.1)),
    "arms_crossed": _Posture((0.12, 0.36), (0.16, 0.49), (-0.085, 0.45)),
    "slumped": _Posture((0.1, 0.4), (0.115, 0.53), (0.095, 0.67), head_drop=0.035),
    "hands_on_hips": _Posture((0.12, 0.35), (0.23, 0.46), (0.105, 0.57)),
}

POSTURES = tuple(_POSTURES)
"""Every posture."""

WIDEST = 2 * (0.23 + _ARM_THICKNESS / 2)
"""Width of the widest posture as a share of the height."""


@dataclass(frozen=True)
class Person:
    """What a drawn person looks like.

    Attributes:
        posture: One of `POSTURES`.
        face: Shape of the face.
        appearance: Skin, hair and light.
        pose: Where the head is turned.
        shirt: Colour.
        trousers: Colour.
    """

    posture: str
    face: FaceShape
    appearance: Appearance
    pose: HeadPose
    shirt: Colour
    trousers: Colour

    @classmethod
    def draw(cls, posture: str, face: FaceShape, *, rng: np.random.Generator) -> "Person":
        """Returns a person with that posture and face whose looks are drawn by lot.

        Args:
            posture: One of `POSTURES`.
            face: The face.
            rng: Draws the lots.
        """
        shirt = tuple(map(int, rng.integers(40, 216, 3)))
        collar = mix(shirt, (255, 255, 255), 0.25)
        return cls(
            posture=posture,
            face=face,
            appearance=dataclasses.replace(Appearance.draw(rng), collar=collar),
            pose=HeadPose.draw(rng),
            shirt=shirt,
            trousers=tuple(map(int, rng.integers(30, 120, 3))),
        )


def draw_person(
    picture: np.ndarray, person: Person, *, crown_xy: Point, height: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draws a person in place.

    Args:
        picture: uint8 RGB of shape (H, W, 3).
        person: What the person looks like.
        crown_xy: Where the top of the head is, in pixels.
        height: From the crown to the soles in pixels; the feet may lie below the picture.

    Returns:
        Boxes `[x, y, width, height]` of the whole person, which may reach beyond the picture, and
        of the face, floats.
    """
    joints = _POSTURES[person.posture]

    def at(x: float, y: float) -> Point:
        return crown_xy[0] + x * height, crown_xy[1] + y * height

    _draw_legs(picture, person, at=at, height=height)
    shoulder_x, shoulder_y = joints.shoulder
    torso = [(shoulder_x, shoulder_y - 0.02), (0.1, 0.63)]
    outline = [at(x, y) for x, y in torso] + [at(-x, y) for x, y in reversed(torso)]
    polygon(picture, outline, person.shirt)
    _draw_arms(picture, person, at=at, height=height)
    face_box = draw_face(
        picture,
        person.face,
        appearance=person.appearance,
        pose=person.pose,
        centre_xy=at(0, _FACE_CENTRE + joints.head_drop),
        height=FACE_HEIGHT * height,
    )
    return _person_box(joints, crown_xy, height), face_box


def _draw_legs(picture: np.ndarray, person: Person, *, at, height: float) -> None:
    for side in (-1, 1):
        foot = at(side * 0.06, 0.985)
        stroke(
            picture,
            [at(side * 0.052, 0.61), foot],
            person.trousers,
            thickness=_LEG_THICKNESS * height,
        )
        shoe = (foot[0] + side * 0.012 * height, foot[1])
        ellipse(picture, shoe, (0.046 * height, 0.022 * height), (44, 38, 36))


def _draw_arms(picture: np.ndarray, person: Person, *, at, height: float) -> None:
    joints = _POSTURES[person.posture]
    edge = mix(person.shirt, (0, 0, 0), 0.35)
    for side in (-1, 1):
        points = [at(side * x, y) for x, y in (joints.shoulder, joints.elbow, joints.hand)]
        # The darker line below sets the arm off from the body.
        for tone, thickness in ((edge, _ARM_THICKNESS + 0.014), (person.shirt, _ARM_THICKNESS)):
            stroke(picture, points, tone, thickness=thickness * height)
        radius = _HAND_RADIUS * height
        ellipse(picture, points[-1], (radius, radius), person.appearance.skin)


def _person_box(joints: _Posture, crown_xy: Point, height: float) -> np.ndarray:
    half = max(joints.shoulder[0], joints.elbow[0], joints.hand[0]) + _ARM_THICKNESS / 2
    top, bottom = joints.head_drop - _HAIR, _SOLES
    left = crown_xy[0] - half * height
    return np.array([left, crown_xy[1] + top * height, 2 * half * height, (bottom - top) * height])

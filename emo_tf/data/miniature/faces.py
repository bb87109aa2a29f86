"""What a drawn face looks like: its apparent expression, whose face it is, and how it is held.

The three are drawn from independent parameters, so that only the expression's own tell it.
"""

from dataclasses import dataclass, fields

import numpy as np

from emo_tf.data.miniature.shapes import Colour, mix
from emo_tf.errors import EmoError

# Where the range of a field starts; all end at 1.
_LOWEST = {"mouth_curve": -1.0, "brow_raise": -1.0, "brow_slant": -1.0}

_SKIN_TONES = np.array(
    [
        (242, 212, 192),
        (234, 192, 162),
        (224, 174, 136),
        (196, 140, 102),
        (156, 106, 76),
        (118, 80, 58),
    ]
)
_HAIR_COLOURS = np.array(
    [
        (28, 24, 24),
        (58, 38, 28),
        (96, 62, 38),
        (150, 104, 56),
        (206, 168, 104),
        (140, 62, 30),
        (150, 148, 146),
        (226, 222, 214),
    ]
)
_IRIS_COLOURS = np.array(
    [(70, 42, 24), (96, 62, 34), (84, 104, 62), (70, 104, 140), (92, 104, 112)]
)
_LIP_RED = np.array((176, 52, 62))
_BALD_SHARE, _LONG_HAIR_SHARE = 0.08, 0.35


@dataclass(frozen=True)
class FaceShape:
    """The parts of a face that make its apparent expression.

    Attributes:
        mouth_curve: Corners of the mouth, -1 (down) to 1 (up).
        mouth_open: 0 (closed) to 1.
        mouth_width: 0 (pursed) to 1 (stretched).
        brow_raise: -1 (lowered) to 1 (raised).
        brow_slant: -1 (inner ends up) to 1 (inner ends down).
        eye_open: 0 (closed) to 1 (wide open).
        nose_wrinkle: 0 to 1 (wrinkled, with the upper lip drawn up).

    Raises:
        EmoError: A value is out of its range.
    """

    mouth_curve: float = 0.0
    mouth_open: float = 0.0
    mouth_width: float = 0.5
    brow_raise: float = 0.0
    brow_slant: float = 0.0
    eye_open: float = 0.45
    nose_wrinkle: float = 0.0

    def __post_init__(self):
        for name, value in vars(self).items():
            lowest = _LOWEST.get(name, 0.0)
            if not lowest <= value <= 1:
                raise EmoError(f"{name}: expected {lowest:g} to 1. Received: {value}")

    def towards(self, other: "FaceShape", amount: float) -> "FaceShape":
        """Returns the shape `amount` of the way to another: 0 is this one, 1 the other.

        Args:
            other: The shape at the end.
            amount: 0 to 1.

        Raises:
            EmoError: `amount` is not from 0 to 1.
        """
        if not 0 <= amount <= 1:
            raise EmoError(f"amount: expected 0 to 1. Received: {amount}")
        theirs = vars(other)
        return FaceShape(
            **{name: (1 - amount) * own + amount * theirs[name] for name, own in vars(self).items()}
        )

    def varied(self, rng: np.random.Generator, *, scale: float = 0.08) -> "FaceShape":
        """Returns a shape nearby: every value moves by noise of standard deviation `scale`.

        Args:
            rng: Draws the noise.
            scale: Its standard deviation.
        """
        noise = rng.normal(scale=scale, size=len(fields(self)))
        moved = zip(vars(self).items(), noise, strict=True)
        return FaceShape(
            **{
                name: float(np.clip(value + offset, _LOWEST.get(name, 0.0), 1))
                for (name, value), offset in moved
            }
        )


EXPRESSION_SHAPES = {
    "angry": FaceShape(
        mouth_curve=-0.4,
        mouth_width=0.4,
        brow_raise=-0.7,
        brow_slant=1.0,
        eye_open=0.5,
        nose_wrinkle=0.15,
    ),
    "disgust": FaceShape(
        mouth_curve=-0.45,
        mouth_open=0.3,
        mouth_width=0.45,
        brow_raise=-0.5,
        brow_slant=0.35,
        eye_open=0.25,
        nose_wrinkle=1.0,
    ),
    "fear": FaceShape(
        mouth_curve=-0.5,
        mouth_open=0.4,
        mouth_width=0.95,
        brow_raise=0.6,
        brow_slant=-0.9,
        eye_open=1.0,
    ),
    "happy": FaceShape(
        mouth_curve=1.0, mouth_open=0.45, mouth_width=0.85, brow_raise=0.1, eye_open=0.5
    ),
    "sad": FaceShape(
        mouth_curve=-0.85, mouth_width=0.4, brow_raise=-0.1, brow_slant=-1.0, eye_open=0.3
    ),
    "surprise": FaceShape(mouth_open=0.8, mouth_width=0.1, brow_raise=1.0, eye_open=1.0),
    "neutral": FaceShape(),
}
"""The middle of each apparent expression, in the order of `emo_tf.labels.EXPRESSIONS`."""


@dataclass(frozen=True)
class Appearance:
    """Whose face it is and how it is lit: all that says nothing about the expression.

    Lengths count in heights of the face.

    Attributes:
        skin: RGB colour of the skin.
        hair: RGB colour of hair and brows.
        iris: RGB colour of the iris.
        lips: RGB colour of the lips.
        collar: RGB colour of what is worn round the neck.
        bald: Whether there is no hair but the brows.
        hair_length: How far hair falls at the sides, 0 (above the ears) to 1 (to the neck).
        hair_volume: How far hair stands off the head.
        parting: Where the hair parts, -1 (left in the picture) to 1.
        fringe: How far hair falls over the forehead, 0 to 1.
        face_width: Width of the head over that of an average one.
        jaw_width: The same of the jaw.
        brow_thickness: Thickness of a brow.
        nose_width: Half the width of the nose.
        lip_fullness: Thickness of the lips over that of average ones.
        light_angle: Direction the light comes from in radians, 0 being right, pi / 2 below.
        light_strength: Relative change of brightness from the middle of the face to its edge.
    """

    skin: Colour
    hair: Colour
    iris: Colour
    lips: Colour
    collar: Colour
    bald: bool
    hair_length: float
    hair_volume: float
    parting: float
    fringe: float
    face_width: float
    jaw_width: float
    brow_thickness: float
    nose_width: float
    lip_fullness: float
    light_angle: float
    light_strength: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Appearance":
        """Draws one at random."""
        tone = rng.uniform(0, len(_SKIN_TONES) - 1)
        darker = int(min(tone, len(_SKIN_TONES) - 2))
        skin = mix(_SKIN_TONES[darker], _SKIN_TONES[darker + 1], tone - darker)
        return cls(
            skin=skin,
            hair=_near(_HAIR_COLOURS, rng),
            iris=_near(_IRIS_COLOURS, rng),
            lips=mix(0.86 * np.array(skin), _LIP_RED, rng.uniform(0.3, 0.65)),
            collar=tuple(rng.integers(30, 230, 3).tolist()),
            bald=bool(rng.uniform() < _BALD_SHARE),
            hair_length=rng.uniform(0.2, 1) if rng.uniform() < _LONG_HAIR_SHARE else 0.0,
            hair_volume=rng.uniform(0.03, 0.1),
            parting=rng.uniform(-1, 1),
            fringe=rng.uniform(0, 1),
            face_width=rng.uniform(0.93, 1.06),
            jaw_width=rng.uniform(0.9, 1.08),
            brow_thickness=rng.uniform(0.028, 0.045),
            nose_width=rng.uniform(0.068, 0.09),
            lip_fullness=rng.uniform(0.75, 1.25),
            light_angle=rng.uniform(-np.pi, np.pi),
            light_strength=rng.uniform(0, 0.2),
        )


@dataclass(frozen=True)
class HeadPose:
    """How a head is held, in degrees.

    Attributes:
        yaw_deg: Turn towards the right of the picture.
        pitch_deg: Turn upwards.
        roll_deg: Tilt, clockwise in the picture.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "HeadPose":
        """Draws a moderate one at random: most within 20, 8 and 10 degrees."""
        return cls(
            yaw_deg=float(np.clip(rng.normal(scale=10), -25, 25)),
            pitch_deg=float(np.clip(rng.normal(scale=5), -10, 10)),
            roll_deg=float(np.clip(rng.normal(scale=6), -12, 12)),
        )


def _near(palette: np.ndarray, rng: np.random.Generator) -> Colour:
    """Draws a colour of a palette, a little lighter or darker."""
    colour = palette[rng.integers(len(palette))] * rng.uniform(0.85, 1.1)
    return tuple(np.round(np.clip(colour, 0, 255)).astype(int).tolist())

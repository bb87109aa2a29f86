"""Drawn pictures of one person's head and shoulders, with the points of the face.

The points are those of a face seen from the front, laid into its box: they do not follow how the
head is turned, nor its expression.
"""

from dataclasses import dataclass

import numpy as np

from emo_tf.data.miniature.bodies import FACE_HEIGHT, POSTURES, Person, draw_person
from emo_tf.data.miniature.faces import FaceShape
from emo_tf.data.miniature.scenes import SCENES, draw_scene

_WIDTHS = (200, 340)
_HEIGHT_SHARES = (0.95, 1.15)  # of the width
_FACE_SHARES = (0.36, 0.48)  # of the shorter side
_CROWN = (0.1, 0.16)  # below the upper edge, as a share of the height

_EYE_X, _EYE_Y = 0.229, 0.383  # from the middle of the box and from its top, as all points here
_EYE_HALF_WIDTH, _EYE_HALF_HEIGHT = 0.12, 0.035
_BROW_Y = 0.28
_NOSE = (0.5, 0.583)
_MOUTH_X, _MOUTH_Y = 0.173, 0.767

FIVE_POINTS = np.array(
    [
        (0.5 - _EYE_X, _EYE_Y),
        (0.5 + _EYE_X, _EYE_Y),
        _NOSE,
        (0.5 - _MOUTH_X, _MOUTH_Y),
        (0.5 + _MOUTH_X, _MOUTH_Y),
    ]
)
"""Left eye, right eye, nose, left and right mouth corner, as shares of the box, (5, 2)."""


@dataclass(frozen=True)
class Portrait:
    """A picture of one person.

    Attributes:
        shape: Of the face, which makes its apparent expression.
        width: In pixels.
        height: In pixels.
        seed: Of all that is drawn by lot and tells nothing.
    """

    shape: FaceShape
    width: int
    height: int
    seed: tuple[int, ...]

    @classmethod
    def draw(
        cls, shape: FaceShape, *, rng: np.random.Generator, seed: tuple[int, ...]
    ) -> "Portrait":
        """Returns a portrait with that face whose size is drawn by lot.

        Args:
            shape: The face.
            rng: Draws the size.
            seed: What all else about the portrait follows from.
        """
        width = int(rng.integers(*_WIDTHS, endpoint=True))
        return cls(shape, width, round(width * rng.uniform(*_HEIGHT_SHARES)), seed)


def draw_portrait(portrait: Portrait) -> tuple[np.ndarray, np.ndarray]:
    """Draws a portrait.

    Returns:
        uint8 RGB of shape (height, width, 3), and the box `[x, y, width, height]` of the face,
        which lies in the picture.
    """
    rng = np.random.default_rng(portrait.seed)
    canvas = draw_background(height=portrait.height, width=portrait.width, rng=rng)
    person = Person.draw(str(rng.choice(POSTURES)), portrait.shape, rng=rng)
    face_height = rng.uniform(*_FACE_SHARES) * min(portrait.width, portrait.height)
    crown_xy = (
        portrait.width * rng.uniform(0.42, 0.58),
        portrait.height * rng.uniform(*_CROWN),
    )
    _, box = draw_person(canvas, person, crown_xy=crown_xy, height=face_height / FACE_HEIGHT)
    return canvas, box


def draw_background(*, height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Returns a scene drawn by lot without anybody in it, uint8 RGB of shape (height, width, 3).

    Args:
        height: Pixels.
        width: Pixels.
        rng: Draws the lots.
    """
    return draw_scene(SCENES[rng.integers(len(SCENES))], height=height, width=width, rng=rng)


def points_in(box_xywh: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Returns points in pixels, of shape (N, 2), that are given as shares of a box.

    Args:
        box_xywh: The box, shape (4,), in pixels.
        points: Shares of its sides, shape (N, 2).
    """
    box = np.asarray(box_xywh, float)
    return box[:2] + box[2:] * points


def _sixty_eight_points() -> np.ndarray:
    """Returns jaw 17, brows 5 + 5, nose 4 + 5, eyes 6 + 6, mouth 12 + 8, (68, 2)."""
    angles = np.linspace(np.pi, 0, 17)
    jaw = _ellipse((0.5, 0.42), (0.49, 0.56), angles)
    brow = np.stack([np.linspace(-0.12, 0.12, 5), 0.03 * np.linspace(-1, 1, 5) ** 2], axis=1)
    bridge = np.stack([np.full(4, 0.5), np.linspace(_EYE_Y, _NOSE[1], 4)], axis=1)
    wings = np.stack([np.linspace(0.42, 0.58, 5), np.full(5, _NOSE[1] + 0.06)], axis=1)
    eye = _ellipse((0, 0), (_EYE_HALF_WIDTH, _EYE_HALF_HEIGHT), np.arange(6) * np.pi / 3 + np.pi)
    mouth = (0.5, _MOUTH_Y)
    outer = _ellipse(mouth, (_MOUTH_X, 0.06), np.arange(12) * np.pi / 6 + np.pi)
    inner = _ellipse(mouth, (0.75 * _MOUTH_X, 0.02), np.arange(8) * np.pi / 4 + np.pi)
    sides = (0.5 - _EYE_X, 0.5 + _EYE_X)
    brows = [np.add(brow, (x, _BROW_Y)) for x in sides]
    eyes = [np.add(eye, (x, _EYE_Y)) for x in sides]
    return np.concatenate([jaw, *brows, bridge, wings, *eyes, outer, inner])


def _ellipse(
    centre: tuple[float, float], radii: tuple[float, float], angles: np.ndarray
) -> np.ndarray:
    """Returns points of an ellipse; from pi on they run from its left end over the top."""
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii + centre


SIXTY_EIGHT_POINTS = _sixty_eight_points()
"""Jaw, brows, nose, eyes and mouth in the usual order of 68, as shares of the box, (68, 2)."""

"""Cartoon-like faces that a face detector takes for faces.

Every part is placed in the coordinates of `FaceSketch`: face heights about the middle of the face.
"""

import math

import numpy as np

from emo_tf.data.miniature.face_sketch import FaceSketch, at_depth, curve, ellipse, mirrored, scaled
from emo_tf.data.miniature.faces import Appearance, FaceShape, HeadPose
from emo_tf.errors import EmoError

_NOSE_TIP = 0.37  # towards the viewer, the head alone reaching 0.3

_DARK = (34, 22, 22)
_EYE_WHITE = (244, 242, 238)
_PUPIL, _GLINT = (12, 10, 10), (255, 255, 255)
_MOUTH_INSIDE = (84, 26, 30)
_TONGUE = (190, 90, 92)
_TEETH = (234, 230, 222)


def draw_face(
    image: np.ndarray,
    shape: FaceShape,
    *,
    appearance: Appearance,
    pose: HeadPose,
    centre_xy: tuple[float, float],
    height: float,
) -> np.ndarray:
    """Draws a head in place; what lies beyond the picture is cut off.

    Args:
        image: RGB picture to draw into, uint8 (H, W, 3).
        shape: The apparent expression.
        appearance: Whose face it is.
        pose: How it is held.
        centre_xy: Middle of the face in pixels.
        height: From the forehead to the chin in pixels, as a face detector boxes a face.

    Returns:
        The face as a detector would box it, `[x, y, width, height]` in pixels, float64 (4,); like
        the head it may reach beyond the picture.

    Raises:
        EmoError: The picture has another shape or type, or the height is not above 0.
    """
    _check(image, height)
    sketch = FaceSketch(image, pose, centre_xy=centre_xy, height=height)
    _draw_back(sketch, appearance)
    _draw_head(sketch, appearance, shape)
    for side in (-1, 1):
        _draw_eye(sketch, appearance, shape, side=side)
        _draw_brow(sketch, appearance, shape, side=side)
    _draw_nose(sketch, appearance, shape)
    _draw_mouth(sketch, appearance, shape)
    _draw_folds(sketch, shape)
    if not appearance.bald:
        _draw_hair(sketch, appearance)
    sketch.finish(
        image, light_angle=appearance.light_angle, light_strength=appearance.light_strength
    )
    return sketch.box()


def _draw_back(sketch: FaceSketch, look: Appearance) -> None:
    """Draws what lies behind the head: long hair, neck, ears."""
    wide = look.face_width
    if not look.bald and look.hair_length:
        edge = 0.42 * wide + 0.8 * look.hair_volume
        low = 0.05 + 0.55 * look.hair_length
        half = [
            (0.2, -0.66),
            (0.86 * edge, -0.5),
            (edge, -0.2),
            (edge + 0.03, low),
            (0.25, low + 0.06),
        ]
        sketch.fill(curve(mirrored(half, depth=-0.1), closed=True), look.hair)
    neck = mirrored([(0.0, 0.2), (0.21, 0.2), (0.21, 0.6), (0.3, 0.72), (0, 0.76)], depth=-0.1)
    sketch.fill(neck, look.skin)
    sketch.shade(mirrored([(0, 0.3), (0.25, 0.3), (0.23, 0.58), (0, 0.62)], depth=-0.1), 0.6)
    half = [(0, 0.74), (0.15, 0.7), (0.22, 0.61), (0.33, 0.68), (0.38, 0.8), (0.2, 0.86)]
    sketch.fill(curve(mirrored(half, depth=-0.1), closed=True), look.collar)
    for side in (-1, 1):
        ear = ellipse((side * 0.415 * wide, -0.03), (0.055, 0.115))
        sketch.fill(at_depth(ear, -0.08), scaled(look.skin, 0.93))
        inner = ellipse((side * 0.425 * wide, -0.03), (0.028, 0.07))
        sketch.fill(at_depth(inner, -0.08), scaled(look.skin, 0.74))


def _draw_head(sketch: FaceSketch, look: Appearance, shape: FaceShape) -> None:
    outline = _head_outline(look, shape)
    sketch.fill(outline, look.skin)
    # Darker towards the edge, as on a ball, lightest on forehead and cheeks.
    sketch.shade(outline, 0.8)
    for size, light in ((0.9, 0.9), (0.78, 0.98), (0.6, 1.04)):
        sketch.shade(outline * (size, 1 - 0.6 * (1 - size), 1), light)
    for side in (-1, 1):
        sketch.shade(ellipse((side * 0.165, -0.13), (0.115, 0.075)), 0.8)
        sketch.shade(ellipse((side * 0.2, 0.1), (0.08, 0.06)), 1.09)
        sketch.shade(ellipse((side * 0.085, 0.07), (0.025, 0.07)), 0.88)
    sketch.shade(ellipse((0, -0.36), (0.2, 0.09)), 1.1)
    sketch.shade(ellipse((0, 0.0), (0.026, 0.13)), 1.14)
    sketch.shade(ellipse((0, 0.15), (0.08, 0.025)), 0.84)
    sketch.shade(ellipse((0, 0.385), (0.11, 0.02)), 0.84)
    sketch.shade(ellipse((0, 0.45), (0.08, 0.03)), 1.06)


def _draw_eye(sketch: FaceSketch, look: Appearance, shape: FaceShape, *, side: int) -> None:
    middle, half = np.array((side * 0.172, -0.12)), 0.09
    across = np.linspace(-1, 1, 13)
    upper, lower = (
        middle + np.stack([half * side * across, height], axis=1) for height in _lids(across, shape)
    )
    sketch.fill(np.concatenate([upper, lower[::-1]]), _EYE_WHITE)
    for centre, radius, colour in (
        ((0, -0.006), 0.042, look.iris),
        ((0, -0.006), 0.02, _PUPIL),
        ((0.011, -0.018), 0.009, _GLINT),
    ):
        x, y = ellipse(centre, (radius, radius)).T
        seen = np.clip(y, *_lids(side * x / half, shape))
        sketch.fill(middle + np.stack([x, seen], axis=1), colour)
    lashes = (0, -0.016) * (1 - 0.5 * across[:, None] ** 2)
    sketch.fill(np.concatenate([upper, (upper + lashes)[::-1]]), _DARK)
    sketch.line(lower, scaled(look.skin, 0.6), width=0.008)
    sketch.crease(np.add(upper[2:], (0, -0.035)), 0.72, width=0.012)
    sketch.crease(np.add(lower[2:-2], (0, 0.022)), 0.86, width=0.012)


def _lids(across: np.ndarray, shape: FaceShape) -> tuple[np.ndarray, np.ndarray]:
    """Returns how high the upper and the lower lid are, -1 being the inner corner, 1 the outer."""
    raised_cheek = 0.016 * max(0.0, shape.mouth_curve) + 0.01 * shape.nose_wrinkle
    above = 0.008 + 0.06 * shape.eye_open
    below = max(0.012 + 0.028 * shape.eye_open - raised_cheek, -above)
    arch, droop = 1 - across**2, 0.012 * max(0.0, -shape.brow_slant) * across
    return droop - above * arch, droop + below * arch


def _draw_brow(sketch: FaceSketch, look: Appearance, shape: FaceShape, *, side: int) -> None:
    x = np.linspace(0, 1, 7)
    lift = -0.225 - 0.08 * shape.brow_raise
    arch = -0.025 * np.sin(np.pi * x**1.3) * (1 - 0.7 * max(0.0, shape.brow_slant))
    slant = shape.brow_slant * (0.055 * (1 - x) - 0.035 * x)
    across = side * (0.065 - 0.02 * max(0.0, shape.brow_slant) + 0.2 * x)
    middle = np.stack([across, lift + arch + slant], axis=1)
    thickness = look.brow_thickness * (0.55 + 0.45 * np.sin(np.pi * (0.15 + 0.6 * x)) - 0.4 * x**3)
    offset = np.stack([np.zeros(7), thickness / 2], axis=1)
    colour = scaled(np.minimum(look.hair, np.array(look.skin) * 0.6), 0.85)
    sketch.fill(
        curve(np.concatenate([middle - offset, (middle + offset)[::-1]]), closed=True), colour
    )


def _draw_nose(sketch: FaceSketch, look: Appearance, shape: FaceShape) -> None:
    width, lift = look.nose_width, -0.02 * shape.nose_wrinkle
    for side in (-1, 1):
        wing = [(0.75, 0.06), (1.05, 0.1), (1.0, 0.13), (0.7, 0.14)]
        wing = np.array(wing) * (side * width, 1) + (0, lift)
        sketch.crease(curve(wing), 0.6, width=0.014)
        nostril = ellipse((side * 0.46 * width, 0.136 + lift), (0.27 * width, 0.01))
        sketch.fill(at_depth(nostril, _NOSE_TIP - 0.03), scaled(look.skin, 0.5))
        bridge = [(side * 0.045, -0.12), (side * 0.032, -0.02), (side * 0.04, 0.05)]
        sketch.crease(curve(np.array(bridge)), 0.84, width=0.02)
    under = [(-0.3 * width, 0.15 + lift), (0, 0.158 + lift), (0.3 * width, 0.15 + lift)]
    sketch.crease(at_depth(np.array(under), _NOSE_TIP - 0.02), 0.7, width=0.014)
    tip = ellipse((0, 0.085 + lift), (0.016, 0.016))
    sketch.crease(at_depth(tip, _NOSE_TIP), 1.14, width=0.02)


def _draw_mouth(sketch: FaceSketch, look: Appearance, shape: FaceShape) -> None:
    half = 0.09 + 0.09 * shape.mouth_width
    x = np.sin(np.linspace(-math.pi / 2, math.pi / 2, 17))  # close together at the corners
    arch = 1 - x**2
    # Corners go up or down, the middle the other way; a wrinkled nose draws the upper lip up.
    middle = 0.275 + shape.mouth_curve * (0.035 - 0.105 * x**2)
    gap = 0.18 * shape.mouth_open
    top = middle - (0.35 * gap + 0.035 * shape.nose_wrinkle) * arch**0.6
    bottom = middle + 0.65 * gap * arch**0.5 + 0.004
    full = look.lip_fullness * (1 - 0.35 * max(0.0, shape.brow_slant) * (1 - shape.mouth_open))
    bow = 0.03 * full * (arch**0.6 - 0.3 * np.exp(-((x / 0.16) ** 2)))
    lower_lip = 0.04 * full * arch**0.7
    across = half * x

    def band(first, second):
        return np.concatenate(
            [np.stack([across, first], axis=1), np.stack([across, second], axis=1)[::-1]]
        )

    sketch.fill(band(top - bow, top), scaled(look.lips, 0.84))
    sketch.fill(band(bottom, bottom + lower_lip), look.lips)
    sketch.fill(band(top, bottom), _MOUTH_INSIDE)
    tall = bottom - top
    if shape.mouth_open > 0.08:
        sketch.fill(band(np.maximum(top, bottom - 0.35 * tall), bottom), _TONGUE)
        sketch.fill(band(top, top + np.minimum(0.3 * tall, 0.022)), _TEETH)
    sketch.line(np.stack([across, top], axis=1), _DARK, width=0.008)
    shine = slice(6, 11)
    gloss = np.stack([across, bottom + 0.45 * lower_lip], axis=1)[shine]
    sketch.crease(gloss, 1.16, width=0.012)
    for side in (0, -1):
        corner = np.array((across[side], middle[side]))
        sketch.crease(ellipse(corner, (0.008, 0.008)), 0.72, width=0.014)


def _draw_folds(sketch: FaceSketch, shape: FaceShape) -> None:
    """Draws the creases that a moved muscle leaves in the skin."""
    smile, wrinkle = max(0.0, shape.mouth_curve), shape.nose_wrinkle
    frown, raised = max(0.0, shape.brow_slant), max(0.0, shape.brow_raise)
    fold = max(smile, wrinkle)
    for side in (-1, 1):
        cheek = [(side * 0.1, 0.11), (side * 0.17, 0.17), (side * (0.19 + 0.03 * smile), 0.26)]
        sketch.crease(curve(np.array(cheek)), 1 - 0.3 * fold, width=0.016)
        between = [(side * 0.028, -0.27), (side * 0.024, -0.19)]
        sketch.crease(between, 1 - 0.42 * frown, width=0.014)
        beside = [(side * 0.035, -0.075), (side * 0.075, -0.05), (side * 0.095, 0.0)]
        sketch.crease(curve(np.array(beside)), 1 - 0.32 * wrinkle, width=0.014)
    for y in (-0.085, -0.055):
        sketch.crease([(-0.03, y), (0, y - 0.01), (0.03, y)], 1 - 0.25 * wrinkle, width=0.012)
    for y in (-0.39, -0.435):
        across = [(-0.17, y + 0.015), (-0.06, y), (0.06, y), (0.17, y + 0.015)]
        sketch.crease(across, 1 - 0.22 * raised, width=0.012)


def _draw_hair(sketch: FaceSketch, look: Appearance) -> None:
    wide, up = 0.41 * look.face_width, look.hair_volume
    low, line, part = -0.13 + 0.2 * look.hair_length, -0.46 + 0.1 * look.fringe, 0.2 * look.parting
    outer = [
        (wide + 0.012, low),
        (wide + 0.3 * up, -0.3),
        (0.9 * wide + 0.6 * up, -0.52),
        (0.55 * wide + 0.5 * up, -0.65 - 0.7 * up),
        (0, -0.69 - up),
    ]
    inner = [(wide - 0.02, low), (wide - 0.045, -0.24), (0.28, line + 0.04)]
    top = np.array([*outer, *((-x, y) for x, y in outer[-2::-1])])
    hairline = np.array([*((-x, y) for x, y in inner), (part, line - 0.05), *inner[::-1]])
    depth = (0, 0.06, 0.16, 0.22, 0.16, 0.06, 0)
    outline = np.concatenate([at_depth(top, 0), np.column_stack([hairline, depth])])
    outline = curve(outline, closed=True)
    sketch.fill(outline, look.hair)
    sketch.shade(outline, 0.94)
    gloss = ellipse((0.5 * part, -0.59 - 0.5 * up), (0.24, 0.035))
    sketch.shade(at_depth(gloss, 0.12), 1.22)


def _head_outline(look: Appearance, shape: FaceShape) -> np.ndarray:
    """Returns the outline of the head, (N, 3): the chin lies nearer than the temples."""
    drop, jaw = 0.05 * shape.mouth_open, look.jaw_width
    half = [
        (0, -0.67, 0),
        (0.21, -0.63, 0),
        (0.35, -0.48, 0),
        (0.405, -0.26, 0),
        (0.41, -0.08, 0),
        (0.395, 0.08, 0),
        (0.35 * jaw, 0.25 + 0.5 * drop, 0.05),
        (0.24 * jaw, 0.42 + drop, 0.12),
        (0.1 * jaw, 0.5 + drop, 0.17),
    ]
    right = np.array([*half, (0, 0.51 + drop, 0.17)]) * (look.face_width, 1, 1)
    left = right[-2:0:-1] * (-1, 1, 1)
    return curve(np.concatenate([right, left]), closed=True)


def _check(image: np.ndarray, height: float) -> None:
    wanted = "image: expected an array of uint8 and shape (H, W, 3)."
    if not isinstance(image, np.ndarray):
        raise EmoError(f"{wanted} Received: {type(image).__name__}")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise EmoError(f"{wanted} Received: {image.dtype} of shape {image.shape}")
    if not 0 < height < math.inf:
        raise EmoError(f"height: expected a number above 0. Received: {height}")

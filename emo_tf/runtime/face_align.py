"""From a detected face to the pixels that a model sees: crops and alignment.

A matrix here is 2x3 and maps points of the photograph to points of the crop.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from emo_tf.errors import EmoError, unknown_name
from emo_tf.model_metadata import COLOURS
from emo_tf.results import Face
from emo_tf.runtime.box_crops import crop_box, crop_square
from emo_tf.runtime.image_io import to_grey
from emo_tf.runtime.image_warp import pixel_centres_to_edges, warp_similarity


@dataclass(frozen=True)
class Alignment:
    """A published alignment: `size` (height, width) of its crop and where landmarks fall in it.

    `template` holds `[x, y]` in pixels of the crop, pixel centres at whole numbers, for as many
    of the landmarks as the fit uses.
    """

    size: tuple[int, int]
    template: tuple[tuple[float, float], ...]


ALIGNMENTS = {
    # Gupta et al. 2018 (vlgiitr): the eyes alone, at 30 % and 70 % of the width.
    "vlgiitr": Alignment((96, 112), ((33.6, 28.8), (78.4, 28.8))),
    # Liu et al. 2017, SphereFace: all five landmarks.
    "sphereface": Alignment(
        (112, 96),
        (
            (30.2946, 51.6963),
            (65.5318, 51.5014),
            (48.0252, 71.7366),
            (33.5493, 92.3655),
            (62.7299, 92.2041),
        ),
    ),
}

_SETTINGS = {
    "box": {"margin", "shift_y", "upright"},
    "similarity": {"template"},
    "vtt": {"k"},
    **{name: set() for name in ALIGNMENTS},
}


def similarity_matrix(points: Sequence, template: Sequence) -> np.ndarray:
    """Returns the rotation, scale and shift that carry `points` onto `template`.

    Closed-form least squares over every point: none is dropped as an outlier, and mirroring is
    never part of the answer.

    Args:
        points: `[x, y]` of two or more points, shape (N, 2).
        template: Where they should fall, shape (N, 2).

    Returns:
        float64 matrix of shape (2, 3).

    Raises:
        EmoError: Points that are not finite, or that all coincide.
    """
    points = np.asarray(points, dtype=np.float64)
    template = np.asarray(template, dtype=np.float64)
    if points.shape != template.shape or points.ndim != 2 or points.shape[1] != 2:
        raise EmoError(
            f"landmarks: expected {len(template)} points [x, y]. Received: shape {points.shape}"
        )
    if not np.isfinite(points).all() or np.ptp(points, axis=0).max() == 0:
        raise EmoError(
            f"landmarks: expected finite points that do not coincide. Received: {points.tolist()}"
        )
    # About their mean the points condition the system well wherever the face lies in the photo.
    middle = points.mean(axis=0)
    x, y = (points - middle).T
    one, zero = np.ones_like(x), np.zeros_like(x)
    system = np.concatenate([np.stack([x, -y, one, zero], 1), np.stack([y, x, zero, one], 1)])
    (a, b, shift_x, shift_y), *_ = np.linalg.lstsq(system, template.T.ravel(), rcond=None)
    rotation = np.array([[a, -b], [b, a]])
    return np.column_stack([rotation, [shift_x, shift_y] - rotation @ middle])


def alignment_matrix(landmarks: Sequence, preset: str) -> np.ndarray:
    """Returns the matrix of a published alignment, one of `ALIGNMENTS`.

    Args:
        landmarks: Five `[x, y]` in pixels of the photograph, shape (5, 2).
        preset: `vlgiitr` or `sphereface`.

    Returns:
        float64 matrix of shape (2, 3), pixel centres at whole numbers on both sides.

    Raises:
        EmoError: Unknown preset, or landmarks that `similarity_matrix` refuses.
    """
    if preset not in ALIGNMENTS:
        raise unknown_name("alignment", preset, ALIGNMENTS)
    template = ALIGNMENTS[preset].template
    return similarity_matrix(_five(landmarks)[: len(template)], template)


def align_face(image: np.ndarray, landmarks: Sequence, preset: str) -> np.ndarray:
    """Cuts an aligned face out of a photograph, black beyond its border as published.

    Args:
        image: uint8 RGB, shape (H, W, 3).
        landmarks: Five `[x, y]` in pixels of the photograph, shape (5, 2).
        preset: `vlgiitr` (96 x 112) or `sphereface` (112 x 96).

    Returns:
        uint8 RGB crop of the preset's size.

    Raises:
        EmoError: As `alignment_matrix`.
    """
    matrix = pixel_centres_to_edges(alignment_matrix(landmarks, preset))
    return warp_similarity(image, matrix, ALIGNMENTS[preset].size, border=cv2.BORDER_CONSTANT)


def face_angle_degrees(landmarks: Sequence) -> float:
    """Returns how far a face leans: the clockwise turn of its five landmarks as seen.

    All five points decide, since the eyes of a face in profile almost coincide.
    """
    matrix = similarity_matrix(_five(landmarks), ALIGNMENTS["sphereface"].template)
    return math.degrees(math.atan2(-matrix[1, 0], matrix[0, 0]))


def crop_face(
    image: np.ndarray, face: Face, crop: Mapping, *, size: tuple[int, int], colour: str
) -> np.ndarray:
    """Cuts out of a photograph what a model's metadata asks for.

    Presets:
        `box`: `crop_box` with `margin`, `shift_y` and, when `upright` is true, the lean of the
            face undone.
        `similarity`: least-squares fit of the five landmarks to `template`, five `[x, y]` as
            fractions of the crop's width and height.
        `vtt`: `crop_square` with `k`, for clips of the VTT system.
        `vlgiitr`, `sphereface`: the published alignments, at their own sizes only.

    Args:
        image: uint8 RGB, shape (H, W, 3).
        face: The face, in pixels of that image.
        crop: `preset` and its settings.
        size: Height and width of the model's input.
        colour: `rgb`, or `grey` by Rec. 601 luma.

    Returns:
        uint8 crop of shape (height, width, 3), or (height, width, 1) in grey.

    Raises:
        EmoError: Unknown preset, setting or colour, a size that is not the preset's, or a face
            that cannot be cut out.
    """
    settings = dict(crop)
    preset = settings.pop("preset", None)
    if preset not in _SETTINGS:
        raise unknown_name("crop preset", preset, _SETTINGS)
    unexpected = settings.keys() - _SETTINGS[preset]
    if unexpected:
        known = ", ".join(sorted(_SETTINGS[preset])) or "no settings"
        raise EmoError(
            f"crop preset {preset}: expected {known}. Received: {', '.join(sorted(unexpected))}"
        )
    if colour not in COLOURS:
        raise unknown_name("colour", colour, COLOURS)

    if preset == "box":
        upright = settings.pop("upright", False)
        angle = face_angle_degrees(face.landmarks) if upright else 0.0
        pixels = crop_box(image, face.box_xywh, size=size, angle_degrees=angle, **settings)
    elif preset == "similarity":
        template = _five(settings.get("template", ())) * [size[1], size[0]]
        matrix = similarity_matrix(_five(face.landmarks), template)
        pixels = warp_similarity(image, matrix, size, border=cv2.BORDER_REPLICATE)
    elif preset == "vtt":
        pixels = crop_square(image, face.box_xywh, size=size, **settings)
    else:
        if tuple(size) != ALIGNMENTS[preset].size:
            raise EmoError(
                f"size: expected {ALIGNMENTS[preset].size} for the crop preset {preset}. "
                f"Received: {tuple(size)}"
            )
        pixels = align_face(image, face.landmarks, preset)
    return to_grey(pixels)[..., None] if colour == "grey" else pixels


def _five(points: Sequence) -> np.ndarray:
    points = np.asarray(points, dtype=np.float64)
    if points.shape != (5, 2):
        raise EmoError(
            f"landmarks and templates: expected five points [x, y]. Received: shape {points.shape}"
        )
    return points

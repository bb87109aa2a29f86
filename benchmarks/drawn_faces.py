"""How many of the faces in drawn pictures the detector finds."""

from collections.abc import Iterable

import numpy as np

from emo_tf.runtime.box_ops import edges, intersection_over_union
from emo_tf.runtime.face_detector import FaceDetector

FOUND_IOU = 0.4
"""Overlap from which on a detection is the drawn face."""


def find_drawn_faces(
    detector: FaceDetector, pictures: Iterable[tuple[np.ndarray, Iterable]]
) -> tuple[np.ndarray, int]:
    """Looks for faces in pictures where it is known where they are.

    Args:
        detector: The detector.
        pictures: Each with the boxes `[x, y, width, height]` of its faces.

    Returns:
        Which of all the faces are found, bool (F,), and how many detections are none of them.
    """
    found, strays = [], 0
    for picture, faces in pictures:
        boxes = edges(face.box_xywh for face in detector.detect(picture))
        same = intersection_over_union(edges(faces), boxes) >= FOUND_IOU
        found.append(same.any(axis=1))
        strays += int((~same.any(axis=0)).sum())
    return np.concatenate(found), strays

"""Faces of a picture, also where one face fills it.

The cascade knows faces with some surroundings: of a thumbnail cut tightly round a face it sees
nothing. So a picture in which nothing is found gets a second look, with a border and shrunken.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from emo_tf.results import Face
from emo_tf.runtime.face_detector import FaceDetector

SMALLEST_SIDE = 24
BORDER = 0.2
LOOK_SIDE = 160
# Only a face that takes up this share of the bordered picture's longer side counts.
SMALLEST_SHARE = 0.35


def find_faces(detector: FaceDetector, image: np.ndarray) -> tuple[Face, ...]:
    """Finds the faces of a picture; if there is none, the one face that may fill it.

    Args:
        detector: Finds the faces of at least its own smallest size. A face that fills the picture
            is found whatever its size, in a picture of at least `SMALLEST_SIDE` pixels.
        image: Upright RGB picture, uint8 (H, W, 3).

    Returns:
        The faces by falling score. Of a face that fills the picture, box and landmarks may lie
        beyond the picture's border.
    """
    return find_faces_with_features(detector, image)[0]


def find_faces_with_features(
    detector: FaceDetector, image: np.ndarray
) -> tuple[tuple[Face, ...], np.ndarray]:
    """As `find_faces`, with what the detector's last network saw in each face.

    Returns:
        The F faces, and their features as of `FaceDetector.detect_with_features`, float32
        (F, 256).
    """
    return find_faces_of_many(detector, [image])[0]


def find_faces_of_many(
    detector: FaceDetector, images: Sequence[np.ndarray]
) -> list[tuple[tuple[Face, ...], np.ndarray]]:
    """As `find_faces_with_features` of each picture, at less cost where they are small.

    Args:
        detector: As for `find_faces`.
        images: One or more upright RGB pictures, each uint8 (H, W, 3).

    Returns:
        For each picture what `find_faces_with_features` gives.
    """
    found = detector.detect_many(images)
    missed = [
        index
        for index, (faces, _) in enumerate(found)
        if not faces and min(images[index].shape[:2]) >= SMALLEST_SIDE
    ]
    if missed:
        close_ups = _find_close_ups(detector, [images[index] for index in missed])
        for index, close_up in zip(missed, close_ups, strict=True):
            found[index] = close_up
    return found


def _find_close_ups(
    detector: FaceDetector, images: Sequence[np.ndarray]
) -> list[tuple[tuple[Face, ...], np.ndarray]]:
    close = detector.with_min_face(SMALLEST_SHARE * LOOK_SIDE)
    bordered, edges, scales_xy = zip(*map(_bordered, images), strict=True)
    return [
        (tuple(_in_picture(face, edge, scale_xy) for face in faces[:1]), features[:1])
        for (faces, features), edge, scale_xy in zip(
            close.detect_many(bordered), edges, scales_xy, strict=True
        )
    ]


def _bordered(image: np.ndarray) -> tuple[np.ndarray, int, np.ndarray]:
    """Returns the picture shrunken and with a border, the border's width, and the scale in x, y."""
    height, width = image.shape[:2]
    border = round(max(height, width) * BORDER)
    scale = LOOK_SIDE / (max(height, width) + 2 * border)
    # Shrunk before it gets its border: a large picture is not copied at full size.
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    shrunken = cv2.resize(
        image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    edge = round(border * scale)
    bordered = cv2.copyMakeBorder(shrunken, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
    return bordered, edge, np.array([size[0] / width, size[1] / height])


def _in_picture(face: Face, edge: int, scale_xy: np.ndarray) -> Face:
    """Returns the face in pixels of the picture that was shrunk and given an edge."""
    corner = (np.array(face.box_xywh[:2]) - edge) / scale_xy
    sides = np.array(face.box_xywh[2:]) / scale_xy
    landmarks = (np.array(face.landmarks) - edge) / scale_xy
    return replace(
        face,
        box_xywh=(*corner.tolist(), *sides.tolist()),
        landmarks=tuple(map(tuple, landmarks.tolist())),
    )

from collections.abc import Callable, Iterable

import numpy as np
import pytest

from emo_tf.runtime.box_ops import intersection_over_union
from emo_tf.runtime.face_detector import FaceDetector


def corners(boxes: Iterable) -> np.ndarray:
    boxes = np.array(list(boxes), float).reshape(-1, 4)
    return np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])


@pytest.fixture(scope="session")
def found_share() -> Callable[[Iterable], tuple[float, int]]:
    """Returns the share of faces that the detector finds, and how many it makes up."""
    detector = FaceDetector(threads=1)

    def measure(pictures: Iterable[tuple[np.ndarray, Iterable]]) -> tuple[float, int]:
        found, strays = [], 0
        for picture, faces in pictures:
            boxes = corners(face.box_xywh for face in detector.detect(picture))
            overlaps = intersection_over_union(corners(faces), boxes)
            found += list(overlaps.max(axis=1, initial=0) >= 0.4)
            strays += int((overlaps.max(axis=0, initial=0) < 0.4).sum())
        return float(np.mean(found)), strays

    return measure

from collections.abc import Callable, Iterable

import pytest

from benchmarks.drawn_faces import find_drawn_faces
from emo_tf.runtime.face_detector import FaceDetector


@pytest.fixture(scope="session")
def found_share() -> Callable[[Iterable], tuple[float, int]]:
    """Returns the share of faces that the detector finds, and how many it makes up."""
    detector = FaceDetector(threads=1)

    def measure(pictures: Iterable) -> tuple[float, int]:
        found, strays = find_drawn_faces(detector, pictures)
        return float(found.mean()), strays

    return measure

"""The faces of a photograph, found by the package's own detector, and how they are stored.

The runtime is loaded when the first face is looked for.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emo_tf.corpora.pictures import encode_png

if TYPE_CHECKING:
    from emo_tf.runtime.face_detector import FaceDetector

MOST_FACES = 32
"""Faces stored of one photograph, the largest."""

CROP_SIZES = {"vlgiitr": (96, 112), "sphereface": (112, 96)}
"""Height and width in pixels of the aligned crops, by alignment preset."""

FEATURES = 256
"""Units of O-Net's last hidden layer."""

LANDMARKS = 5

# As Gupta et al. 2018 looked for faces.
_MIN_FACE = 20
_SCALE_FACTOR = 0.707


class _OfThread(threading.local):
    def __init__(self):
        self.detectors: dict[int | None, FaceDetector] = {}


_of_thread = _OfThread()


@dataclass(frozen=True, eq=False)
class FoundFace:
    """A face in a photograph.

    Attributes:
        box_xywh: In pixels of the photograph, float32 (4,).
        score: Of the detector, 0 to 1.
        landmarks: `[x, y]` of eyes, nose and mouth corners in its pixels, float32 (5, 2).
        features: What O-Net saw in it, float32 (256,).
        crops: Aligned face by preset, uint8 of shape (*CROP_SIZES[preset], 3).
    """

    box_xywh: np.ndarray
    score: float
    landmarks: np.ndarray
    features: np.ndarray
    crops: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class DetectedFaces:
    """Finds the faces of photographs.

    Attributes:
        threads: For the networks; as many as there are processors where `None`.
    """

    threads: int | None

    def read(self, photo: str, pixels: np.ndarray) -> list[FoundFace]:
        """Returns the faces that the detector finds, the surest first.

        Args:
            photo: Not looked at.
            pixels: The photograph, upright RGB, uint8 (H, W, 3).
        """
        del photo
        faces, features = _detector(self.threads).detect_with_features(pixels)
        return [
            FoundFace(
                np.array(face.box_xywh, np.float32),
                face.score,
                np.array(face.landmarks, np.float32),
                seen,
                crops_of(pixels, np.array(face.landmarks)),
            )
            for face, seen in zip(faces, features, strict=True)
        ]


def crops_of(pixels: np.ndarray, landmarks: np.ndarray) -> dict[str, np.ndarray]:
    """Returns a face cut out of a picture in every alignment.

    Args:
        pixels: RGB, uint8 (H, W, 3).
        landmarks: In its pixels, (5, 2).

    Raises:
        EmoError: The landmarks are not finite, or coincide.
    """
    from emo_tf.runtime.face_align import align_face

    return {preset: align_face(pixels, landmarks, preset) for preset in CROP_SIZES}


def stored(faces: Iterable[FoundFace]) -> list[dict[str, object]]:
    """Returns the largest faces as the feature `faces` holds them, the largest first."""
    by_size = sorted(faces, key=lambda face: -float(face.box_xywh[2] * face.box_xywh[3]))
    return [
        {
            "box_xywh": face.box_xywh,
            "score": face.score,
            "landmarks": face.landmarks,
            "features": face.features,
            **{preset: encode_png(crop, compress_level=1) for preset, crop in face.crops.items()},
        }
        for face in by_size[:MOST_FACES]
    ]


def _detector(threads: int | None) -> "FaceDetector":
    """Returns the detector of this thread: its networks serve one caller at a time."""
    from emo_tf.runtime.face_detector import FaceDetector

    detectors = _of_thread.detectors
    if threads not in detectors:
        detectors[threads] = FaceDetector(
            min_face=_MIN_FACE, scale_factor=_SCALE_FACTOR, threads=threads
        )
    return detectors[threads]

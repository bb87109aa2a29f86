"""The people of a picture: by a detector of people, or else by their faces."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from emo_tf.results import Face
from emo_tf.runtime.close_up import find_faces
from emo_tf.runtime.face_detector import FaceDetector
from emo_tf.runtime.person_boxes import PersonBox, bodies_from_faces
from emo_tf.runtime.person_detector import PersonDetector


class PeopleFinder:
    """Finds the people of pictures; one thread at a time may ask.

    Args:
        person_detector: A `.tflite` file for `PersonDetector`; if `None`, bodies are guessed from
            faces.
        face_detector: Finds the faces of a picture that is given without them; one with its own
            defaults if `None`.
        threads: Threads for the network of people; the machine's number of cores if `None`.

    Raises:
        EmoError: The file cannot be used.

    Example:
        >>> [person.box_xywh for person in PeopleFinder().find(read_image("street.jpg"))]
        [(153.9, 60.2, 274.4, 449.8)]
    """

    def __init__(
        self,
        *,
        person_detector: Path | None = None,
        face_detector: FaceDetector | None = None,
        threads: int | None = None,
    ):
        self._people = None
        if person_detector is not None:
            self._people = PersonDetector(person_detector, threads=threads)
        self._given = face_detector

    def find(self, image: np.ndarray, faces: Sequence[Face] | None = None) -> tuple[PersonBox, ...]:
        """Returns where the people are: those of the detector, else those of the faces.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            faces: Its faces; if `None`, they are looked for where they are needed.

        Returns:
            People of the detector by falling score, those of faces in the order of the faces.
        """
        if self._people is not None:
            return self._people.detect(image)
        if faces is None:
            faces = find_faces(self._faces, image)
        height, width = image.shape[:2]
        return bodies_from_faces(faces, width=width, height=height)

    @cached_property
    def _faces(self) -> FaceDetector:
        # Whoever gives the faces of every picture needs no networks for them.
        return self._given or FaceDetector()

"""The people of a picture: where they are and what they appear to go through."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.results import Face, Person
from emo_tf.runtime.context import ContextClassifier, PeopleInputs
from emo_tf.runtime.people_finder import PeopleFinder
from emo_tf.runtime.person_boxes import PersonBox

Boxes = Sequence[Sequence[float]]


@dataclass(frozen=True)
class FoundPeople:
    """The people of a picture, their `boxes` and cut-out `inputs`, waiting for the network."""

    boxes: tuple[PersonBox, ...]
    inputs: PeopleInputs

    def __len__(self) -> int:
        return len(self.boxes)


class PeopleRecognizer:
    """Finds the people of pictures and recognises their apparent emotion in context.

    Args:
        context_model: A `.tflite` file of the task `emotic`.
        person_detector: A `.tflite` file that finds people; see `PeopleFinder`.
        threads: Threads for the networks; the machine's number of cores if `None`.

    Raises:
        EmoError: A file cannot be used.
    """

    def __init__(
        self,
        context_model: Path,
        *,
        person_detector: Path | None = None,
        threads: int | None = None,
    ):
        self._classifier = ContextClassifier(context_model, threads=threads)
        self._finder = PeopleFinder(person_detector=person_detector, threads=threads)

    def find(
        self, image: np.ndarray, faces: Sequence[Face], *, boxes_xywh: Boxes | None = None
    ) -> FoundPeople:
        """Finds people and cuts them out.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).
            faces: Its faces.
            boxes_xywh: Boxes of its people in pixels, if they are known.

        Returns:
            Those of the boxes if there are any given, else as of `PeopleFinder`.

        Raises:
            EmoError: A given box is not four finite numbers, or has no area in the picture.
        """
        if boxes_xywh is None:
            boxes = self._finder.find(image, faces)
        else:
            boxes = tuple(PersonBox(tuple(box)) for box in boxes_xywh)
        return FoundPeople(boxes, self._classifier.crop(image, [box.box_xywh for box in boxes]))

    def recognize(self, pictures: Sequence[FoundPeople]) -> list[tuple[Person, ...]]:
        """Classifies the people of several pictures together.

        Returns:
            The people of each picture, in the order in which they were found.
        """
        if not pictures:
            return []
        joined = PeopleInputs.join([picture.inputs for picture in pictures])
        classified = iter(self._classifier.classify(joined))
        return [
            tuple(Person(box.box_xywh, box.score, *next(classified)) for box in picture.boxes)
            for picture in pictures
        ]

"""Pictures that wait until there are enough of them for a network."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from emo_tf.results import Face
from emo_tf.runtime.context import BATCH as PEOPLE_BATCH
from emo_tf.runtime.expression import BATCH as FACE_BATCH
from emo_tf.runtime.group_view import GroupView
from emo_tf.runtime.people import FoundPeople

WINDOW_PHOTOS = 16
WINDOW_PIXELS = 16_000_000
# Faces are found in so many pictures together; for larger ones that saves nothing.
LOOK_PHOTOS = 4
LOOK_PIXELS = 2_000_000


@dataclass
class WaitingPhoto:
    """A picture that waits for its turn in the networks, with what was found in it so far.

    Attributes:
        name: What the result calls it.
        image: Its pixels where someone still wants them.
        boxes_xywh: Boxes of its people in pixels, if they were given.
        width: Its width in pixels.
        height: Its height in pixels.
        faces: Its faces.
        features: What the detector saw in each face.
        crops: Its faces, cut out.
        people: Its people, where they are looked at.
        group_views: What each model of groups is given of it.
        timings_ms: What was spent on it so far.
        error: Why it could not be read; all else is empty then.
    """

    name: str
    image: np.ndarray | None = None
    boxes_xywh: Sequence[Sequence[float]] | None = None
    width: int = 0
    height: int = 0
    faces: tuple[Face, ...] = ()
    features: np.ndarray | None = None
    crops: np.ndarray | None = None
    people: FoundPeople | None = None
    group_views: tuple[GroupView, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    error: str | None = None


@contextmanager
def shared_time(photos: Sequence[WaitingPhoto], name: str, counts: Sequence[int]) -> Iterator[None]:
    """Adds the time that the block took to the pictures' timings, by how many each had in it.

    Args:
        photos: The pictures.
        name: The timing's name.
        counts: How many each of them had in the block.
    """
    start = perf_counter()
    yield
    spent_ms = (perf_counter() - start) * 1000
    for photo, count in zip(photos, counts, strict=True):
        spent_before = photo.timings_ms.get(name, 0)
        photo.timings_ms[name] = spent_before + spent_ms * count / max(1, sum(counts))


def is_worth_a_look(opened: Collection[WaitingPhoto]) -> bool:
    """Tells whether the detector should look at these pictures before more are opened."""
    pixels = sum(photo.width * photo.height for photo in opened)
    return len(opened) >= LOOK_PHOTOS or pixels >= LOOK_PIXELS


def is_full(window: Collection[WaitingPhoto]) -> bool:
    """Tells whether no more pictures should wait: a batch is there, or their pixels are many."""
    kept_pixels = sum(photo.width * photo.height for photo in window if photo.image is not None)
    faces = sum(len(photo.faces) for photo in window)
    people = sum(len(photo.people) for photo in window if photo.people is not None)
    full_batch = faces >= FACE_BATCH or people >= PEOPLE_BATCH
    return len(window) >= WINDOW_PHOTOS or full_batch or kept_pixels >= WINDOW_PIXELS

"""Goes through the people of EMOTIC: those that can be used, and those that cannot with the reason.

Needs neither TensorFlow nor TFDS.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from emo_tf.corpora.pictures import Picture, UnreadableError, decode
from emo_tf.corpora.report import LeftOut

from .annotations import AnnotatedImage, Person
from .source import ANNOTATIONS, Source

MISSING_IMAGE = "missing image"
UNREADABLE_IMAGE = "unreadable image"
EMPTY_BOX = "empty box"
NO_CATEGORIES = "no categories"
INCOMPLETE_VAD = "incomplete VAD"

REASONS = (MISSING_IMAGE, UNREADABLE_IMAGE, EMPTY_BOX, NO_CATEGORIES, INCOMPLETE_VAD)
"""Why a person is left out; where several hold, the first one counts."""

Box = tuple[int, int, int, int]
"""Corners x1, y1, x2, y2 in pixels; x2 and y2 lie just outside."""


@dataclass(frozen=True, eq=False)
class KeptPerson:
    """A person with everything that an example needs.

    Attributes:
        image: The image as annotated.
        person: One of `image.people`; its categories are there and its VAD is complete.
        box: The body's box, clamped to the annotated size of the image.
        picture: The decoded image, one object for all people in it: its pixels are made, and a
            file of them encoded, when first asked for.
    """

    image: AnnotatedImage
    person: Person
    box: Box
    picture: Picture

    @property
    def box_in_picture(self) -> Box:
        """The box cut to the picture, which may be smaller than annotated; never empty."""
        return _cut(self.box, self.picture)


def read_people(manual_dir: Path, split: str) -> Iterator[KeptPerson | LeftOut]:
    """Yields every person of a split, in the order of the annotations.

    Args:
        manual_dir: Folder with EMOTIC, unpacked or in archives.
        split: One of `annotations.SPLITS`.

    Raises:
        EmoError: Something of EMOTIC is not there, or a file cannot be used.
    """
    source = Source(manual_dir)
    yield from people_of(source.annotations()[split], source)


def people_of(images: Iterable[AnnotatedImage], source: Source) -> Iterator[KeptPerson | LeftOut]:
    """Yields every person of some images; each image is read and decoded once.

    Args:
        images: The images, with the people annotated in them.
        source: Where their pictures are read from.

    Raises:
        EmoError: Something of EMOTIC is not there, or a file cannot be read.
    """
    for image in images:
        if not image.people:
            continue
        data = source.read_image(image)
        try:
            picture = None if data is None else decode(data)
        except UnreadableError as error:
            detail = f"image cannot be read: {error}"
            for person in image.people:
                yield _left_out(image, person, reason=UNREADABLE_IMAGE, detail=detail)
            continue
        for person in image.people:
            yield _kept_or_left_out(image, person, picture=picture)


def _kept_or_left_out(
    image: AnnotatedImage, person: Person, *, picture: Picture | None
) -> KeptPerson | LeftOut:
    box = person.clamped_box(image.size)
    if picture is None:
        reason, detail = MISSING_IMAGE, "image is missing"
    elif _is_empty(box):
        reason, detail = EMPTY_BOX, f"box is empty after clamping: {list(box)}"
    elif _is_empty(_cut(box, picture)):
        size = f"{picture.width} x {picture.height} pixels"
        reason, detail = EMPTY_BOX, f"box lies outside the image of {size}: {list(box)}"
    elif person.categories is None:
        reason, detail = NO_CATEGORIES, "no annotator chose categories"
    elif any(map(math.isnan, person.vad)):
        reason, detail = INCOMPLETE_VAD, f"VAD lacks a number: {list(person.vad)}"
    else:
        return KeptPerson(image, person, box=box, picture=picture)
    return _left_out(image, person, reason=reason, detail=detail)


def _left_out(image: AnnotatedImage, person: Person, *, reason: str, detail: str) -> LeftOut:
    return LeftOut(reason, f"{ANNOTATIONS}, {image}, person {person.index}: {detail}")


def _cut(box: Box, picture: Picture) -> Box:
    x1, y1, x2, y2 = box
    return x1, y1, min(x2, picture.width), min(y2, picture.height)


def _is_empty(box: Box) -> bool:
    x1, y1, x2, y2 = box
    return x2 <= x1 or y2 <= y1

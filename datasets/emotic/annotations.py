"""What EMOTIC's `Annotations.mat` says: images, the people in them and their labels.

Needs numpy and scipy alone. Rows and people are counted from 0 everywhere.
"""

import math
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO

import numpy as np

from emo_tf.corpora.emotic_layout import SPLITS
from emo_tf.errors import EmoError, in_place, unknown_name
from emo_tf.labels import EMOTIC_CATEGORIES, VAD

from . import matlab
from .matlab import Numbers

_KNOWN = frozenset(EMOTIC_CATEGORIES)
_NO_VAD = (math.nan,) * len(VAD)


@dataclass(frozen=True)
class Annotator:
    """What one annotator perceived.

    Attributes:
        categories: Of `EMOTIC_CATEGORIES`, in the order of the file.
        vad: Valence, arousal, dominance, 1 to 10; NaN where missing.
    """

    categories: tuple[str, ...]
    vad: Numbers


@dataclass(frozen=True)
class Person:
    """One annotated person.

    Attributes:
        index: Place among the people of the image.
        body_box: Corners x1, y1, x2, y2 in pixels of the upright image, perhaps beyond its edges.
        categories: Of `EMOTIC_CATEGORIES`: in train the first annotator's, who is the only one
            there, in val and test those that the file combines. `None` where no annotator gave any.
        vad: Valence, arousal, dominance, 1 to 10, from the same source as the categories; NaN
            where missing.
        gender: As the file says it, `""` where it says nothing.
        age: Likewise.
        annotators: Every annotator's labels.
    """

    index: int
    body_box: Numbers
    categories: tuple[str, ...] | None
    vad: Numbers
    gender: str
    age: str
    annotators: tuple[Annotator, ...]

    def clamped_box(self, size: Numbers) -> tuple[int, int, int, int]:
        """Returns x1, y1, x2, y2 moved into 0..n_col and 0..n_row, then cut to whole numbers.

        Args:
            size: n_col and n_row of the image, as annotated.
        """
        limits = (*size, *size)
        box = zip(self.body_box, limits, strict=True)
        x1, y1, x2, y2 = (int(min(max(value, 0), limit)) for value, limit in box)
        return x1, y1, x2, y2


@dataclass(frozen=True)
class AnnotatedImage:
    """One image and the people annotated in it.

    Attributes:
        split: One of `SPLITS`.
        row: Place in the split.
        folder: Such as `mscoco/images`.
        filename: Such as `COCO_val2014_000000562243.jpg`.
        size: n_col and n_row, width and height in pixels as annotated.
        people: May be empty.
    """

    split: str
    row: int
    folder: str
    filename: str
    size: Numbers
    people: tuple[Person, ...]

    def __str__(self) -> str:
        return f"{self.split} row {self.row} ({self.folder}/{self.filename})"


def read_annotations(
    source: BinaryIO | Path, *, origin: str | None = None
) -> dict[str, list[AnnotatedImage]]:
    """Reads `Annotations.mat`.

    Args:
        source: The file, or a seekable stream of its bytes.
        origin: How to call the file in messages; by default its path.

    Returns:
        The images of each of `SPLITS`, in the order of the file.

    Raises:
        EmoError: The file is cut off, is no MATLAB 5 file, lacks a split or a field, or holds
            an emotion that is none of `EMOTIC_CATEGORIES`.
    """
    origin = str(source) if origin is None else origin
    variables = matlab.read_variables(source, names=SPLITS, origin=origin)
    missing = [split for split in SPLITS if split not in variables]
    if missing:
        raise EmoError(
            f"{origin}: expected the variables {', '.join(SPLITS)}. "
            f"Received: no {', no '.join(missing)} (is the file whole?)"
        )
    splits = {}
    for split in SPLITS:
        with in_place(f"{origin}, {split}"):
            rows = matlab.structs(variables[split])
        splits[split] = [
            _image(row, split=split, index=index, origin=origin) for index, row in enumerate(rows)
        ]
    return splits


def _image(row: np.void, *, split: str, index: int, origin: str) -> AnnotatedImage:
    with in_place(f"{origin}, {split} row {index}"):
        sizes = matlab.structs(matlab.field(row, "image_size"))
        size = tuple(_number(sizes, name) for name in ("n_col", "n_row"))
        if any(map(math.isnan, size)):
            raise EmoError(f"expected an image_size of two numbers. Received: {list(size)}")
        image = AnnotatedImage(
            split=split,
            row=index,
            folder=matlab.text(matlab.field(row, "folder")),
            filename=matlab.text(matlab.field(row, "filename")),
            size=size,
            people=(),
        )
        people = matlab.structs(matlab.field(row, "person"))
    return replace(
        image,
        people=tuple(
            _person(person, split=split, index=number, where=f"{origin}, {image}, person {number}")
            for number, person in enumerate(people)
        ),
    )


def _person(person: np.void, *, split: str, index: int, where: str) -> Person:
    with in_place(where):
        box = matlab.numbers(matlab.field(person, "body_bbox"))
        if len(box) != 4 or any(map(math.isnan, box)):
            raise EmoError(f"expected a body_bbox of 4 numbers. Received: {list(box)}")
        chosen = [
            _categories(matlab.field(annotator, "categories"))
            for annotator in matlab.structs(matlab.field(person, "annotations_categories"))
        ]
        ratings = matlab.structs(matlab.field(person, "annotations_continuous"))
        rated = [_vad([rating]) for rating in ratings]
        if split == "train":  # One annotator a person, so nothing to combine.
            categories, vad = (*chosen, None)[0], (*rated, _NO_VAD)[0]
        else:
            categories = _categories(matlab.field(person, "combined_categories"))
            vad = _vad(matlab.structs(matlab.field(person, "combined_continuous")))
        return Person(
            index=index,
            body_box=box,
            categories=categories if chosen else None,
            vad=vad if rated else _NO_VAD,
            gender=matlab.text(matlab.field(person, "gender")),
            age=matlab.text(matlab.field(person, "age")),
            annotators=tuple(
                Annotator(categories=one or (), vad=other or _NO_VAD)
                for one, other in zip_longest(chosen, rated)
            ),
        )


def _categories(value: np.ndarray) -> tuple[str, ...]:
    names = tuple(matlab.text(name) for name in matlab.cells(value))
    for name in names:
        if name not in _KNOWN:
            raise unknown_name("emotion", name, EMOTIC_CATEGORIES)
    return names


def _vad(ratings: list[np.void]) -> Numbers:
    return tuple(_number(ratings, name) for name in VAD)


def _number(structs: list[np.void], name: str) -> int | float:
    """Returns a number of the first struct, NaN where there is none."""
    numbers = matlab.numbers(matlab.field(structs[0], name)) if structs else ()
    return numbers[0] if numbers else math.nan

"""EMOTIC's layout on the disk: the structs of `Annotations.mat`, and where the pictures lie.

The reader is the builder in `datasets/emotic`, whose README shows the layout.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.labels import VAD

SPLITS = ("train", "val", "test")
"""The parts of the data set, as the variables of `Annotations.mat` are called."""

ANNOTATIONS_PATH = Path("Annotations", "Annotations.mat")
"""Where the labels lie in the folder of the raw files."""

PICTURES_FOLDER = "emotic"
"""What lies above the folders that `LabelledPicture.folder` names."""

_TEXT_BYTES = 116  # that a file of MATLAB 5 begins with


@dataclass(frozen=True)
class Annotation:
    """What one annotator says of a person, or several taken together.

    Attributes:
        categories: Of `EMOTIC_CATEGORIES`, in their order.
        vad: Valence, arousal, dominance, 1 to 10.
    """

    categories: tuple[str, ...]
    vad: tuple[float, float, float]


@dataclass(frozen=True)
class LabelledPerson:
    """One person of a picture.

    Attributes:
        box: Corners x1, y1, x2, y2 in pixels of the upright picture.
        annotations: What each annotator says, one or more.
        combined: All annotators taken together.
        gender: One of `EMOTIC_GENDERS`, or `""`.
        age: One of `EMOTIC_AGES`, or `""`.
    """

    box: tuple[float, float, float, float]
    annotations: tuple[Annotation, ...]
    combined: Annotation
    gender: str
    age: str


@dataclass(frozen=True)
class LabelledPicture:
    """One picture and the people labelled in it.

    Attributes:
        folder: Below `PICTURES_FOLDER`, the collection's name first: `mscoco/images`.
        filename: In that folder.
        size: Width and height of the upright picture in pixels.
        people: One or more.
    """

    folder: str
    filename: str
    size: tuple[int, int]
    people: tuple[LabelledPerson, ...]


def write_annotations(
    path: Path, splits: Mapping[str, Sequence[LabelledPicture]], *, info: str
) -> None:
    """Writes an `Annotations.mat`; the same labels are the same bytes.

    In train EMOTIC has one annotator a person: the combined labels stand there as that one's.

    Args:
        path: The file.
        splits: The pictures of each of `SPLITS`, perhaps none.
        info: A word or two in ASCII on where the pictures come from: `drawn`.
    """
    from scipy.io import savemat  # Takes its time, and few need it.

    structs = {
        split: _struct([_picture(picture, split=split, info=info) for picture in splits[split]])
        for split in SPLITS
    }
    file = io.BytesIO()
    savemat(file, structs, do_compression=True)
    # scipy begins with the time.
    file.getbuffer()[:_TEXT_BYTES] = f"MATLAB 5.0 MAT-file, {info}".encode().ljust(_TEXT_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.getvalue())


def _picture(picture: LabelledPicture, *, split: str, info: str) -> dict[str, object]:
    width, height = map(float, picture.size)
    as_split = _train_person if split == "train" else _combined_person
    return {
        "filename": picture.filename,
        "folder": picture.folder,
        "image_size": _struct([{"n_col": width, "n_row": height}]),
        "original_database": _struct([{"name": picture.folder.split("/")[0], "info": info}]),
        "person": _struct(
            [
                {"body_bbox": np.array([person.box], float)}
                | as_split(person)
                | {"gender": person.gender, "age": person.age}
                for person in picture.people
            ]
        ),
    }


def _train_person(person: LabelledPerson) -> dict[str, object]:
    return {
        "annotations_categories": _chosen([person.combined]),
        "annotations_continuous": _rated([person.combined]),
    }


def _combined_person(person: LabelledPerson) -> dict[str, object]:
    return {
        "annotations_categories": _chosen(person.annotations),
        "combined_categories": _cell(person.combined.categories),
        "annotations_continuous": _rated(person.annotations),
        "combined_continuous": _rated([person.combined]),
    }


def _chosen(annotations: Sequence[Annotation]) -> np.ndarray:
    return _struct([{"categories": _cell(annotation.categories)} for annotation in annotations])


def _rated(annotations: Sequence[Annotation]) -> np.ndarray:
    return _struct(
        [dict(zip(VAD, map(float, annotation.vad), strict=True)) for annotation in annotations]
    )


def _struct(rows: Sequence[dict[str, object]]) -> np.ndarray:
    """Returns a MATLAB struct array of shape (1, N), of no rows MATLAB's `[]`."""
    if not rows:
        return np.empty((0, 0))
    array = np.empty((1, len(rows)), dtype=[(name, object) for name in rows[0]])
    for column, row in enumerate(rows):
        array[0, column] = tuple(row.values())
    return array


def _cell(texts: Sequence[str]) -> np.ndarray:
    array = np.empty((1, len(texts)), dtype=object)
    array[0] = list(texts)
    return array

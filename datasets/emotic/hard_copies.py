"""Writes small copies of EMOTIC for the tests, with whatever oddity a test is about."""

import shutil
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import numpy as np
from scipy.io import savemat

from emo_tf.corpora.testing import HEIGHT, WIDTH, encoded

from .source import DATABASES

BOX = (10, 20, 50, 40)


def vad(valence: object = 5, arousal: object = 3, dominance: object = 9) -> dict:
    """Returns one annotator's rating; `[]` is a missing number."""
    return {"valence": valence, "arousal": arousal, "dominance": dominance}


def train_person(**changes: object) -> dict:
    """Returns the fields of a person of train."""
    return {
        "body_bbox": BOX,
        "annotations_categories": [{"categories": ["Happiness", "Peace"]}],
        "annotations_continuous": [vad()],
        "gender": "Male",
        "age": "Adult",
    } | changes


def combined_person(**changes: object) -> dict:
    """Returns the fields of a person of val or test, labelled by two annotators."""
    return (
        train_person(
            annotations_categories=[{"categories": ["Fear"]}, {"categories": ["Pain", "Fear"]}],
            combined_categories=["Fear", "Pain"],
            annotations_continuous=[vad(1, 2, 3), vad(2, 4, 3)],
            combined_continuous=[vad(1.5, 3.0, 3.0)],
        )
        | changes
    )


def row(filename: str, *people: dict, folder: str = "mscoco/images", **changes: object) -> dict:
    """Returns the fields of an image."""
    return {
        "filename": filename,
        "folder": folder,
        "image_size": {"n_row": HEIGHT, "n_col": WIDTH},
        "original_database": {"name": folder.split("/")[0], "info": []},
        "person": list(people),
    } | changes


def rows_of_every_split(**rows: list[dict]) -> dict[str, list[dict]]:
    """Returns rows for each split: those given, else one image with one person."""
    usual = {
        "train": [row("a.jpg", train_person())],
        "val": [row("b.jpg", combined_person(), folder="framesdb/images")],
        "test": [row("c.jpg", combined_person(), folder="ade20k/images")],
    }
    return usual | rows


def write_annotations(path: Path, *, compressed: bool = True, **rows: object) -> Path:
    """Writes an `Annotations.mat` of rows by split."""
    path.parent.mkdir(parents=True, exist_ok=True)
    variables = {name: _matlab(value) for name, value in rows.items()}
    savemat(path, variables, do_compression=compressed)
    return path


def write_emotic(
    folder: Path, *, images: Mapping[str, bytes | None] | None = None, **rows: list[dict]
) -> Path:
    """Writes an unpacked copy of EMOTIC.

    Args:
        folder: Where to.
        images: Files by name, `None` for one to leave out; the others are JPEGs of `pixels()`.
        rows: Rows by split, completed by `rows_of_every_split`.

    Returns:
        `folder`.
    """
    splits = rows_of_every_split(**rows)
    write_annotations(folder / "Annotations" / "Annotations.mat", **splits)
    for database in DATABASES:
        (folder / "emotic" / database / "images").mkdir(parents=True)
    for image in chain.from_iterable(splits.values()):
        data = (images or {}).get(image["filename"], encoded())
        if data is not None:
            (folder / "emotic" / image["folder"] / image["filename"]).write_bytes(data)
    return folder


def pack(folder: Path, archive: Path, *, at: str = ".") -> Path:
    """Moves what lies at a path of a folder into a zip file that keeps that path."""
    shutil.make_archive(str(archive.with_suffix("")), "zip", folder, at)
    shutil.rmtree(folder if at == "." else folder / at)
    return archive


def _matlab(value: object) -> object:
    """Turns dicts to structs, lists of dicts to struct arrays, lists of texts to cells."""
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list) or not value:
        return value
    if isinstance(value[0], str):
        cells = np.empty((1, len(value)), object)
        cells[0] = value
        return cells
    structs = np.empty((1, len(value)), [(name, object) for name in value[0]])
    for index, record in enumerate(value):
        structs[0, index] = tuple(_matlab(record[name]) for name in value[0])
    return structs

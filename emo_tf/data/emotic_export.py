"""EMOTIC as tables or arrays, in the files that the public PyTorch implementation converts it to.

For comparing: the same people, in the same order, with the same numbers
(https://github.com/Tandon-A/emotic, `mat2py.py`).
"""

import contextlib
import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from emo_tf.corpora.emotic_layout import SPLITS
from emo_tf.data import builders
from emo_tf.errors import EmoError, unknown_name
from emo_tf.files import replace_whole
from emo_tf.labels import EMOTIC_CATEGORIES

COLUMNS = (
    "Index",
    "Folder",
    "Filename",
    "Image Size",
    "BBox",
    "Categorical_Labels",
    "Continuous_Labels",
    "Gender",
    "Age",
)
CONTEXT_SIDE, BODY_SIDE = 224, 128
"""Height and width of the arrays' scenes and bodies in pixels."""

_FILES = {
    "csv": ("{}.csv",),
    "npy": ("{}_context_arr.npy", "{}_body_arr.npy", "{}_cat_arr.npy", "{}_cont_arr.npy"),
}
FORMATS = tuple(_FILES)


@dataclass
class Exported:
    """What was written of one split.

    Attributes:
        split: One of `SPLITS`.
        paths: The files.
        people: How many people are in each.
        left_out: How many were left out, by reason.
    """

    split: str
    paths: list[Path]
    people: int = 0
    left_out: Counter = field(default_factory=Counter)


def export_emotic(
    manual_dir: Path, out: Path, *, file_format: str, splits: Sequence[str] = SPLITS
) -> list[Exported]:
    """Writes EMOTIC as tables or as arrays; all files appear together at the end, or none.

    Args:
        manual_dir: Folder with the raw files, as the README of `datasets/emotic` says.
        out: Folder for the files.
        file_format: `csv` writes `<split>.csv` with the columns `COLUMNS`, box corners x1, y1,
            x2, y2 in pixels and VAD of 1 to 10. `npy` writes `<split>_context_arr.npy` uint8
            (N, 224, 224, 3) and `<split>_body_arr.npy` uint8 (N, 128, 128, 3), RGB resized by
            OpenCV's bilinear rule, `<split>_cat_arr.npy` (N, 26) of 0 and 1, and
            `<split>_cont_arr.npy` (N, 3) of 1 to 10.
        splits: Which of `SPLITS`.

    Returns:
        What was written, a file each.

    Raises:
        EmoError: An argument is unknown, a file stands in `out` already, or the raw files are
            missing or cannot be used.
    """
    if file_format not in FORMATS:
        raise unknown_name("format", file_format, FORMATS)
    exported = []
    for split in splits:
        if split not in SPLITS:
            raise unknown_name("split", split, SPLITS)
        paths = [Path(out) / name.format(split) for name in _FILES[file_format]]
        for path in paths:
            if path.exists():
                raise EmoError(f"{path}: expected no such file yet. Received: one that would go")
        exported.append(Exported(split, paths))
    write = _write_table if file_format == "csv" else _write_arrays
    try:
        source = builders.module("emotic", "source").Source(manual_dir)
        source.check()
        annotations = source.annotations()
        with contextlib.ExitStack() as replaced:
            for part in exported:
                temporaries = [replaced.enter_context(replace_whole(path)) for path in part.paths]
                write(_kept(annotations[part.split], source, part=part), temporaries)
    except ValueError as error:  # What the builder's modules raise for raw files.
        raise EmoError(f"emotic: {error}") from error
    return exported


def _kept(images: Sequence, source, *, part: Exported) -> Iterable:
    """Yields the people to write and counts them, and those left out, in `part`."""
    people = builders.module("emotic", "people")
    for person in people.people_of(images, source):
        if isinstance(person, people.KeptPerson):
            part.people += 1
            yield person
        else:
            part.left_out[person.reason] += 1


def _write_table(people: Iterable, paths: Sequence[Path]) -> None:
    with paths[0].open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(COLUMNS)
        for index, kept in enumerate(people):
            image, person = kept.image, kept.person
            labels = [list(person.categories), list(person.vad), person.gender, person.age]
            place = [image.folder, image.filename, list(image.size), list(kept.box)]
            rows.writerow([index, *place, *labels])


def _write_arrays(people: Iterable, paths: Sequence[Path]) -> None:
    context_path, body_path, categories_path, vad_path = paths
    categories, vad = [], []
    with (
        _GrowingImages(context_path, side=CONTEXT_SIDE) as contexts,
        _GrowingImages(body_path, side=BODY_SIDE) as bodies,
    ):
        for kept in people:
            x1, y1, x2, y2 = kept.box_in_picture
            pixels = kept.picture.pixels
            contexts.append(pixels)
            bodies.append(pixels[y1:y2, x1:x2])
            categories.append(np.isin(EMOTIC_CATEGORIES, kept.person.categories).astype(float))
            vad.append(kept.person.vad)
    for path, columns, rows in ((categories_path, 26, categories), (vad_path, 3, vad)):
        np.save(path, np.array(rows).reshape(len(rows), columns))


class _GrowingImages:
    """A `.npy` file of resized pictures, uint8 (N, side, side, 3), that need not fit in memory."""

    def __init__(self, path: Path, *, side: int):
        self._side = side
        self._count = 0
        self._stream = path.open("wb")

    def __enter__(self) -> "_GrowingImages":
        self._write_header()
        return self

    def append(self, pixels: np.ndarray) -> None:
        """Appends a picture, uint8 RGB of any size."""
        size = (self._side, self._side)
        self._stream.write(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR).tobytes())
        self._count += 1

    def __exit__(self, *_: object) -> None:
        with self._stream:
            # numpy leaves room in the header for the first dimension to grow.
            self._stream.seek(0)
            self._write_header()

    def _write_header(self) -> None:
        shape = (self._count, self._side, self._side, 3)
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._stream, header)

"""What one FER2013 face says: a picture file with its name, or a row of `fer2013.csv`.

Needs neither TensorFlow nor TFDS.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, TextIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS

USAGES = ("Training", "PublicTest", "PrivateTest")
"""The three parts of the challenge, as the `Usage` column and the file names call them."""

SIDE = 48
"""Height and width of every face in pixels."""

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg")

_PICTURE = re.compile(
    r"(?:^|/)(?P<folder>train|test)/(?P<label>[^/]+)/(?P<usage>[A-Za-z]+)_(?P<number>\d+)\.\w+$"
)
_USAGES_OF_FOLDER = {"train": ("Training",), "test": ("PublicTest", "PrivateTest")}
_COLUMNS = ("emotion", "pixels", "usage")


@dataclass(frozen=True, eq=False)
class Face:
    """One face.

    Attributes:
        usage: One of `USAGES`.
        label: One of `EXPRESSIONS`.
        id: Unique within its usage: `<label>/<usage>_<number>` for a picture file,
            `<usage>_<row>` for a row of the CSV file, rows counted from 0.
        pixels: Grey values, uint8 of shape (48, 48).
    """

    usage: str
    label: str
    id: str
    pixels: np.ndarray

    @cached_property
    def pixel_sha1(self) -> str:
        """SHA-1 of the 2304 grey values, row by row, in hexadecimal."""
        return hashlib.sha1(self.pixels.tobytes()).hexdigest()


def face_from_picture(stream: BinaryIO, *, name: str, origin: str) -> Face:
    """Reads a face from a picture file.

    Args:
        stream: The file's bytes.
        name: Path of the file with forward slashes, ending in `train/<label>/Training_<number>`
            or `test/<label>/PublicTest_<number>` (or `PrivateTest_`) and a suffix.
        origin: How to call the file in messages.

    Raises:
        EmoError: The name is none of those, or the picture is not 48x48, not grey or broken.
    """
    match = _PICTURE.search(name)
    if match is None or match["usage"] not in _USAGES_OF_FOLDER[match["folder"]]:
        raise EmoError(
            f"{origin}: expected train/<class>/Training_<number>.png, "
            f"test/<class>/PublicTest_<number>.png or test/<class>/PrivateTest_<number>.png."
        )
    if match["label"] not in EXPRESSIONS:
        raise EmoError(
            f"{origin}: expected a class of {', '.join(EXPRESSIONS)}. Received: {match['label']!r}"
        )
    try:
        with Image.open(stream) as picture:
            form = (picture.mode, picture.height, picture.width)
            pixels = np.array(picture) if form == ("L", SIDE, SIDE) else None
    except UnidentifiedImageError as error:
        raise EmoError(f"{origin}: expected a picture. Received: no known format") from error
    # Pillow reports broken chunks of a PNG as SyntaxError or ValueError.
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise EmoError(f"{origin}: expected a whole picture. Received: {error}") from error
    if pixels is None:
        mode, height, width = form
        raise EmoError(
            f"{origin}: expected a grey picture of {SIDE}x{SIDE} pixels. "
            f"Received: height {height}, width {width}, mode {mode}"
        )
    return Face(
        usage=match["usage"],
        label=match["label"],
        id=f"{match['label']}/{match['usage']}_{match['number']}",
        pixels=pixels,
    )


def faces_from_csv(stream: BinaryIO, *, origin: str) -> Iterator[Face]:
    """Yields the faces of a `fer2013.csv` in the order of its rows.

    Args:
        stream: The file's bytes, closed in the end: a header with `emotion`, `pixels` and
            `Usage`, then one row a face, its 2304 grey values separated by blanks.
        origin: How to call the file in messages.

    Raises:
        EmoError: A column is missing or a row cannot be used; the message gives its line.
    """
    with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        yield from _faces_from_text(text, origin=origin)


def _faces_from_text(text: TextIO, *, origin: str) -> Iterator[Face]:
    rows = csv.reader(text)
    try:
        header = [column.strip().lower() for column in next(rows, [])]
        missing = [column for column in _COLUMNS if column not in header]
        if missing:
            raise EmoError(
                f"{origin}, line 1: expected the columns emotion, pixels, Usage. "
                f"Received: no {', no '.join(missing)}"
            )
        # Editors leave blank lines at the end.
        for index, row in enumerate(row for row in rows if row):
            place = f"{origin}, line {rows.line_num}"
            if len(row) != len(header):
                raise EmoError(f"{place}: expected {len(header)} columns. Received: {len(row)}")
            yield _face_from_row(dict(zip(header, row, strict=True)), index=index, place=place)
    except (csv.Error, UnicodeDecodeError) as error:
        raise EmoError(
            f"{origin}, line {rows.line_num + 1}: expected CSV text in UTF-8. Received: {error}"
        ) from error


def _face_from_row(row: dict[str, str], *, index: int, place: str) -> Face:
    codes = {str(code): label for code, label in enumerate(EXPRESSIONS)}
    if row["emotion"].strip() not in codes:
        raise EmoError(f"{place}: expected an emotion of 0 to 6. Received: {row['emotion']!r}")
    usage = row["usage"].strip()
    if usage not in USAGES:
        raise EmoError(f"{place}: expected a Usage of {', '.join(USAGES)}. Received: {usage!r}")
    pixels = row["pixels"].split()
    try:
        # bytes() refuses what lies outside 0 to 255, int() what is no number.
        values = bytes(map(int, pixels))
    except ValueError as error:
        wrong = next(v for v in pixels if not v.isdecimal() or len(v) > 3 or int(v) > 255)
        raise EmoError(f"{place}: expected pixels of 0 to 255. Received: {wrong[:20]!r}") from error
    if len(values) != SIDE * SIDE:
        raise EmoError(f"{place}: expected {SIDE * SIDE} pixels. Received: {len(values)}")
    return Face(
        usage=usage,
        label=codes[row["emotion"].strip()],
        id=f"{usage}_{index:05d}",
        pixels=np.frombuffer(values, dtype=np.uint8).reshape(SIDE, SIDE),
    )

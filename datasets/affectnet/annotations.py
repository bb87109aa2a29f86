"""What AffectNet's `training.csv` and `validation.csv` say of each picture.

Needs numpy alone. Lines are counted from 1, as editors do.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from emo_tf import tables
from emo_tf.errors import EmoError, in_place
from emo_tf.labels import AFFECTNET_EXPRESSIONS

COLUMNS = (
    "subDirectory_filePath",
    "face_x",
    "face_y",
    "face_width",
    "face_height",
    "facial_landmarks",
    "expression",
    "valence",
    "arousal",
)
"""In the order of a file without a header."""

LANDMARKS = 68
"""Points of a face."""

NOT_RATED = -2.0
"""What stands for valence and arousal where nobody rated them."""

_BOX, _RATINGS = COLUMNS[1:5], COLUMNS[7:]
_CODES = {str(code): code for code in range(11)}
_NOTHING = ("", "NULL")
_UNRATED = (NOT_RATED, NOT_RATED)


@dataclass(frozen=True, slots=True)
class Row:
    """One picture's row.

    There are 414,800 of them: what only usable rows need is left empty in the others.

    Attributes:
        line: Where it stands in the file.
        path: Of the picture in the folder of pictures, with forward slashes.
        code: Of the expression: 0 to 7 is the place in `AFFECTNET_EXPRESSIONS`; 8 none, 9
            uncertain, 10 no face.
        box_xywh: Of the face in pixels; `None` where the file says NULL.
        landmarks: The 68 points x, y in pixels, float32, as bytes; empty where there are none.
        valence: -1 to 1, or `NOT_RATED`.
        arousal: Likewise.
    """

    line: int
    path: str
    code: int
    box_xywh: tuple[float, ...] | None
    landmarks: bytes
    valence: float
    arousal: float

    def __str__(self) -> str:
        return f"line {self.line} ({self.path})"

    @property
    def landmarks_xy(self) -> np.ndarray:
        """The points, float32 (68, 2); NaN where there are none."""
        if not self.landmarks:
            return np.full((LANDMARKS, 2), math.nan, np.float32)
        return np.frombuffer(self.landmarks, np.float32).reshape(LANDMARKS, 2)


def read_rows(path: Path) -> list[Row]:
    """Returns the rows of `training.csv` or `validation.csv`, with a header or without.

    Raises:
        EmoError: The file cannot be read or is empty, a column is missing, or a row cannot be
            understood; the message gives its line.
    """
    rows = list(_rows(path))
    if not rows:
        raise EmoError(f"{path}: expected a row a picture. Received: none")
    return rows


def _rows(path: Path) -> Iterator[Row]:
    header: Sequence[str] | None = None
    for line, cells in tables.csv_rows(path):
        with in_place(tables.place(path, line)):
            if header is None:
                header = [cell.strip() for cell in cells]
                # validation.csv has a header in some releases and none in others.
                if not set(header).isdisjoint(COLUMNS):
                    _check_header(header)
                    continue
                header = COLUMNS
            if len(cells) != len(header):
                raise EmoError(f"expected {len(header)} cells. Received: {len(cells)}")
            yield _row(dict(zip(header, map(str.strip, cells), strict=True)), line=line)


def _check_header(header: Sequence[str]) -> None:
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise EmoError(
            f"expected the columns {', '.join(COLUMNS)}. Received: no {', no '.join(missing)}"
        )


def _row(cells: dict[str, str], *, line: int) -> Row:
    path = _path(cells["subDirectory_filePath"])
    code = _CODES.get(cells["expression"])
    if code is None:
        raise EmoError(f"expected an expression of 0 to 10. Received: {cells['expression']!r}")
    if code >= len(AFFECTNET_EXPRESSIONS):
        return Row(line, path, code, None, b"", *_UNRATED)
    valence, arousal = (_rating(cells[name], name) for name in _RATINGS)
    return Row(
        line=line,
        path=path,
        code=code,
        box_xywh=_box([cells[name] for name in _BOX]),
        landmarks=_landmarks(cells["facial_landmarks"]),
        valence=valence,
        arousal=arousal,
    )


def _path(text: str) -> str:
    path = PurePosixPath(text)
    outside = path.is_absolute() or ".." in path.parts or not path.parts
    if outside or "\\" in text or "\0" in text:
        raise EmoError(f"expected a path inside the folder of pictures. Received: {text!r}")
    return text


def _box(texts: Sequence[str]) -> tuple[float, ...] | None:
    if any(text in _NOTHING for text in texts):
        return None
    return tuple(tables.numbers(texts, name="the box"))


def _rating(text: str, name: str) -> float:
    (value,) = tables.numbers([text], name=name)
    if value != NOT_RATED and not -1 <= value <= 1:
        raise EmoError(
            f"expected {name} of -1 to 1, or {NOT_RATED:g} for not rated. Received: {text!r}"
        )
    return value


def _landmarks(text: str) -> bytes:
    if text in _NOTHING:
        return b""
    texts = text.split(";")
    if len(texts) != 2 * LANDMARKS:
        raise EmoError(f"expected {LANDMARKS} landmarks x;y;x;y;... Received: {len(texts)} numbers")
    return np.array(tables.numbers(texts, name="a landmark"), np.float32).tobytes()

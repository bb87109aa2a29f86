"""What RAF-DB's lists of labels say: the name of each picture and its expression.

Needs the standard library alone. Lines are counted from 1, as editors do.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from emo_tf import tables
from emo_tf.errors import EmoError, in_place
from emo_tf.labels import EXPRESSIONS, RAF_DB_COMPOUND_EXPRESSIONS, RAF_DB_EXPRESSIONS

SETS = ("basic", "compound", "multi")
"""The three sets of RAF-DB, as their folders are called; the last is known as RAF-ML."""

SPLITS = ("train", "test")
"""What the names of pictures begin with."""

COMPOUND_NAMES = tuple("+".join(pair) for pair in RAF_DB_COMPOUND_EXPRESSIONS)
"""The eleven pairs as class names, such as `happy+surprise`, in the order of their codes."""

HIGHEST_SUM = 1.02
"""What six shares may add up to: they are rounded in the file."""

_NAME = re.compile(rf"({'|'.join(SPLITS)})_[^/\\]+\.jpg")
_SHARES = RAF_DB_EXPRESSIONS[:6]


@dataclass(frozen=True, slots=True)
class LabelledFace:
    """One picture's line.

    Attributes:
        line: Where it stands in the list.
        name: Of the picture file.
        label: The class; `None` in the multi set, which has none.
        distribution: Share of each of `EXPRESSIONS`, adding up to 1.
    """

    line: int
    name: str
    label: str | None
    distribution: tuple[float, ...]

    def __str__(self) -> str:
        return f"line {self.line} ({self.name})"

    @property
    def split(self) -> str:
        """One of `SPLITS`."""
        return self.name.partition("_")[0]

    @property
    def stem(self) -> str:
        """The name without its suffix: what the files of annotations begin with."""
        return self.name.removesuffix(".jpg")


def list_path(folder: Path, kind: str) -> Path:
    """Returns where the list of a set lies.

    Args:
        folder: Of the set.
        kind: One of `SETS`.
    """
    # The original says "patition".
    name = "distribution.txt" if kind == "multi" else "list_patition_label.txt"
    return folder / "EmoLabel" / name


def read_faces(path: Path, *, kind: str) -> list[LabelledFace]:
    """Returns the faces in the list of a set.

    Args:
        path: Of the list.
        kind: One of `SETS`.

    Raises:
        EmoError: The list cannot be read or is empty, or a line cannot be understood; the message
            gives it.
    """
    faces = list(_faces(path, kind=kind))
    if not faces:
        raise EmoError(f"{path}: expected a line a picture. Received: none")
    return faces


def _faces(path: Path, *, kind: str) -> Iterator[LabelledFace]:
    names = set()
    for line, cells in tables.text_rows(path):
        with in_place(tables.place(path, line)):
            name, *rest = cells
            if not _NAME.fullmatch(name):
                raise EmoError(
                    "expected a name that begins with train_ or test_ and ends with .jpg. "
                    f"Received: {name!r}"
                )
            if name in names:
                raise EmoError(f"expected each name once. Received: {name!r} again")
            names.add(name)
            label, distribution = _LABELS[kind](rest)
            yield LabelledFace(line, name, label, distribution)


def _basic(cells: Sequence[str]) -> tuple[str, tuple[float, ...]]:
    label = RAF_DB_EXPRESSIONS[_code(cells, highest=len(RAF_DB_EXPRESSIONS)) - 1]
    return label, _distribution({label: 1.0})


def _compound(cells: Sequence[str]) -> tuple[str, tuple[float, ...]]:
    place = _code(cells, highest=len(COMPOUND_NAMES)) - 1
    pair = RAF_DB_COMPOUND_EXPRESSIONS[place]
    return COMPOUND_NAMES[place], _distribution(dict.fromkeys(pair, 0.5))


def _multi(cells: Sequence[str]) -> tuple[None, tuple[float, ...]]:
    _check_number(cells, len(_SHARES), f"six shares ({', '.join(_SHARES)})")
    shares = tables.numbers(cells, name="a share")
    total = sum(shares)
    if min(shares) < 0 or total > HIGHEST_SUM:
        raise EmoError(
            f"expected shares of 0 or more that add up to {HIGHEST_SUM:g} or less. "
            f"Received: {' '.join(cells)}"
        )
    whole = max(total, 1.0)
    parts = {name: share / whole for name, share in zip(_SHARES, shares, strict=True)}
    return None, _distribution(parts | {"neutral": max(1 - total, 0.0)})


_LABELS = {"basic": _basic, "compound": _compound, "multi": _multi}


def _code(cells: Sequence[str], *, highest: int) -> int:
    _check_number(cells, 1, "a name and a code")
    codes = {str(code): code for code in range(1, highest + 1)}
    if cells[0] not in codes:
        raise EmoError(f"expected a code of 1 to {highest}. Received: {cells[0]!r}")
    return codes[cells[0]]


def _check_number(cells: Sequence[str], expected: int, what: str) -> None:
    if len(cells) != expected:
        raise EmoError(f"expected {what}. Received: {1 + len(cells)} cells")


def _distribution(shares: dict[str, float]) -> tuple[float, ...]:
    return tuple(shares.get(name, 0.0) for name in EXPRESSIONS)

"""Lists of people: text files of rows `path x1 y1 x2 y2`, as EMOTIC's PyTorch code reads them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from emo_tf.errors import EmoError, in_place
from emo_tf.tables import numbers, place

SUFFIX = ".txt"
_COMMENT = "#"
_ROW = "path x1 y1 x2 y2"
_SHOWN = 80


@dataclass(frozen=True)
class BoxRow:
    """One row of a list: a person in a picture.

    Attributes:
        source_list: The list, as given.
        line: The line of the row, counted from 1.
        given: The picture's path as it stands in the row.
        picture: The path that the picture was found by.
        corners: x1, y1, x2, y2 in pixels of the upright picture.
    """

    source_list: str
    line: int
    given: str
    picture: str
    corners: tuple[float, float, float, float]

    @property
    def box_xywh(self) -> tuple[float, float, float, float]:
        """Left, top, width and height in pixels."""
        x1, y1, x2, y2 = self.corners
        return x1, y1, x2 - x1, y2 - y1

    def error(self, expected: str) -> EmoError:
        """Returns the error that this row's box is not what was `expected`."""
        received = " ".join(f"{value:g}" for value in self.corners)
        return EmoError(
            f"{place(Path(self.source_list), self.line)}: expected {expected}. Received: {received}"
        )


def is_box_list(argument: str) -> bool:
    """Tells whether a word of the command line names a list: it ends in `.txt`."""
    return argument.lower().endswith(SUFFIX) and not os.path.isdir(argument)  # noqa: PTH112


def read_box_list(name: str) -> list[BoxRow | EmoError]:
    """Reads a list of people.

    Each row is split from the right, so that a path may hold blanks. A relative path is looked
    for in the folder of the list first, then in the working directory. Empty lines and lines
    that begin with `#` are passed over.

    Args:
        name: The list's path, as given.

    Returns:
        The rows in their order, 1 or more; in place of a row that cannot be used, the error that
        names list and line.

    Raises:
        EmoError: The list cannot be read, or has no rows.
    """
    try:
        lines = Path(name).read_bytes().splitlines()
    except OSError as error:
        raise EmoError(
            f"{name}: expected a list with rows {_ROW}. Received: {error.strerror}"
        ) from error
    rows = list(_rows(name, lines))
    if not rows:
        raise EmoError(f"{name}: expected a list with rows {_ROW}. Received: no rows")
    return rows


def _rows(name: str, lines: list[bytes]) -> Iterator[BoxRow | EmoError]:
    path = Path(name)
    for number, data in enumerate(lines, start=1):
        try:
            with in_place(place(path, number)):
                text = _decoded(data)
                if not text or text.startswith(_COMMENT):
                    continue
                given, corners = _person(text)
                row = BoxRow(name, number, given, _found(given, path.parent), corners)
        except EmoError as error:
            yield error
        else:
            yield row


def _decoded(data: bytes) -> str:
    try:
        # Some editors begin a file with a byte order mark.
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise EmoError(f"expected text in UTF-8. Received: {error}") from error


def _person(text: str) -> tuple[str, tuple[float, float, float, float]]:
    given, *fields = text.rsplit(maxsplit=4)
    if len(fields) < 4:
        raise EmoError(f"expected {_ROW}. Received: {text[:_SHOWN]!r}")
    x1, y1, x2, y2 = numbers(fields, name="x1, y1, x2 or y2")
    if x2 <= x1 or y2 <= y1:
        raise EmoError(f"expected x1 < x2 and y1 < y2. Received: {' '.join(fields)}")
    return given, (x1, y1, x2, y2)


def _found(given: str, folder: Path) -> str:
    for path in (folder / given, Path(given)):
        if os.path.exists(path):  # noqa: PTH110 (False where the system refuses the name)
            return str(path)
    raise EmoError(f"expected a picture file. Received: no such file, {given}")

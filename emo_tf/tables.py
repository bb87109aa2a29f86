"""Reads text files of rows, and says file and line of what cannot be read.

Needs the standard library alone.
"""

import csv
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from emo_tf.errors import EmoError

NumberedRow = tuple[int, list[str]]
"""A line, counted from 1 as editors do, and the cells in it."""


def csv_rows(path: Path) -> Iterator[NumberedRow]:
    """Yields the rows of a CSV file in UTF-8, one at a time; blank lines are passed over.

    Raises:
        EmoError: The file cannot be read, or is no CSV text in UTF-8.
    """
    rows = csv.reader(_lines(path))
    try:
        for row in rows:
            if row:
                yield rows.line_num, row
    except csv.Error as error:
        raise EmoError(
            f"{place(path, rows.line_num)}: expected CSV text. Received: {error}"
        ) from error


def text_rows(path: Path) -> Iterator[NumberedRow]:
    """Yields the rows of a text file in UTF-8, cells being set apart by blanks or tabs.

    Lines of nothing else are passed over.

    Raises:
        EmoError: The file cannot be read, or is no text in UTF-8.
    """
    for line, text in enumerate(_lines(path), start=1):
        cells = text.split()
        if cells:
            yield line, cells


def numbers(texts: Sequence[str], *, name: str) -> list[float]:
    """Returns finite numbers.

    Args:
        texts: As they stand in the file.
        name: How to call them in a message.

    Raises:
        EmoError: One is no number, or not finite.
    """
    values: list[float] = []
    try:
        for text in texts:
            values.append(float(text))
    except ValueError as error:
        raise _no_number(texts[len(values)], name) from error
    for text, value in zip(texts, values, strict=True):
        if not math.isfinite(value):
            raise _no_number(text, name)
    return values


def place(path: Path, line: int) -> str:
    """Returns how to call a `line` of the file at `path` in messages."""
    return f"{path}, line {line}"


def _no_number(text: str, name: str) -> EmoError:
    return EmoError(f"expected a number as {name}. Received: {text[:20]!r}")


def _lines(path: Path) -> Iterator[str]:
    """Yields decoded lines; byte by byte the line of a wrong one is known exactly."""
    try:
        with path.open("rb") as stream:
            for line, data in enumerate(stream, start=1):
                try:
                    # Some editors begin a file with a byte order mark.
                    yield data.decode("utf-8-sig" if line == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    raise EmoError(
                        f"{place(path, line)}: expected text in UTF-8. Received: {error}"
                    ) from error
    except OSError as error:
        raise EmoError(
            f"{path}: expected a file that can be read. Received: {error.strerror}"
        ) from error

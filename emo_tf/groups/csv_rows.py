"""Rows of a CSV file by the names of its columns; what cannot be read is named to the cell."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError, unknown_name
from emo_tf.groups.class_arrays import class_of
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.tables import csv_rows, place

# Three probabilities of two digits each miss a sum of 1 by 0.015 at most.
_MOST_OFF = 0.016
# More digits would pass the range of int64.
_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class CsvRow:
    """One row of a file.

    Attributes:
        place: File and line, for messages.
        cells: Texts by column, without the blanks about them.
    """

    place: str
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Returns the text of a cell.

        Raises:
            EmoError: It is empty.
        """
        if not self.cells[column]:
            raise self.error(column, expected="a text")
        return self.cells[column]

    def whole_number(self, column: str) -> int:
        """Returns the count in a cell.

        Raises:
            EmoError: It is no whole number, or negative.
        """
        if not _WHOLE_NUMBER.fullmatch(self.cells[column]):
            raise self.error(column, expected="a whole number, 0 or more")
        return int(self.cells[column])

    def number(self, column: str) -> float:
        """Returns the number in a cell.

        Raises:
            EmoError: It is no number.
        """
        try:
            return float(self.cells[column])
        except ValueError as error:
            raise self.error(column, expected="a number") from error

    def class_index(self, column: str) -> int:
        """Returns the index in `labels.GROUP_EMOTIONS` of the class in a cell.

        Raises:
            EmoError: It is none of the three.
        """
        index = class_of(self.cells[column])
        if index is None:
            raise EmoError(
                f"{self._of(column)}: {unknown_name('class', self.cells[column], GROUP_EMOTIONS)}"
            )
        return index

    def distribution(self) -> np.ndarray:
        """Returns the probabilities in the cells of the three classes, brought to a sum of 1.

        Returns:
            Shape (3,) in the order of `labels.GROUP_EMOTIONS`; NaN where all three are empty.

        Raises:
            EmoError: One is no number of 0 to 1, or they do not add up to 1 as written.
        """
        if not any(self.cells[name] for name in GROUP_EMOTIONS):
            return np.full(len(GROUP_EMOTIONS), np.nan)
        probabilities = np.array([self.number(name) for name in GROUP_EMOTIONS])
        for name, probability in zip(GROUP_EMOTIONS, probabilities, strict=True):
            if not 0 <= probability <= 1:
                raise self.error(name, expected="a probability, 0 to 1")
        if abs(probabilities.sum() - 1) > _MOST_OFF:
            raise EmoError(
                f"{self._of(', '.join(GROUP_EMOTIONS))}: expected probabilities that add up to 1. "
                f"Received: a sum of {probabilities.sum():.4g}"
            )
        return probabilities / probabilities.sum()

    def error(self, column: str, *, expected: str) -> EmoError:
        """Returns the error for a cell that holds something else than `expected`.

        Args:
            column: The cell's column.
            expected: What it should hold, for the message.
        """
        return EmoError(
            f"{self._of(column)}: expected {expected}. Received: {self.cells[column][:40]!r}"
        )

    def _of(self, column: str) -> str:
        return f"{self.place}, column {column}"


@dataclass(frozen=True)
class CsvTable:
    """All rows of a file.

    Attributes:
        columns: Names in lower case, in the file's order.
        rows: At least one.
        path: The file.
    """

    columns: tuple[str, ...]
    rows: Sequence[CsvRow]
    path: Path

    @classmethod
    def read(cls, path: Path) -> "CsvTable":
        """Reads a CSV file in UTF-8 whose first row names the columns; blank lines do not count.

        Raises:
            EmoError: The file cannot be read, is no CSV in UTF-8, has no row, a column twice, or
                a row of another length.
        """
        lines = [
            (line, cells) for line, cells in csv_rows(Path(path)) if any(map(str.strip, cells))
        ]
        if len(lines) < 2:
            found = "a row of names alone" if lines else "an empty file"
            raise EmoError(f"{path}: expected a row of names and rows below. Received: {found}")
        line, header = lines[0]
        columns = tuple(name.strip().lower() for name in header)
        if len(set(columns)) != len(columns):
            raise EmoError(
                f"{place(path, line)}: expected each column once. Received: {', '.join(columns)}"
            )
        rows = []
        for line, cells in lines[1:]:
            if len(cells) != len(columns):
                raise EmoError(
                    f"{place(path, line)}: expected {len(columns)} cells. Received: {len(cells)}"
                )
            texts = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
            rows.append(CsvRow(place(path, line), texts))
        return cls(columns, rows, Path(path))

    def require(self, columns: Collection[str]) -> None:
        """Checks that the table has columns, among others.

        Raises:
            EmoError: One is missing.
        """
        missing = [name for name in columns if name not in self.columns]
        if missing:
            raise EmoError(
                f"{self.path}, line 1: expected the columns {', '.join(columns)}. Received: "
                f"{', '.join(self.columns)}, without {', '.join(missing)}"
            )

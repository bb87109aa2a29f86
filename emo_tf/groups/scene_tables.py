"""The tables that a network over scene labels is made of, read from CSV or counted."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError, in_place
from emo_tf.files import replace_whole
from emo_tf.groups.class_arrays import check_counts, checked_classes, checked_confusion
from emo_tf.groups.csv_rows import CsvRow, CsvTable
from emo_tf.groups.truth import read_truth
from emo_tf.labels import GROUP_EMOTIONS

_CLASSES = len(GROUP_EMOTIONS)
_TOTAL = "total"


@dataclass(frozen=True, eq=False)
class SceneCounts:
    """How often each scene label was seen in pictures of each class.

    Args:
        labels: The L labels in lower case, each once.
        counts: Pictures of each class that show a label, whole numbers of shape (L, 3) in the
            order of `labels.GROUP_EMOTIONS`; at least one a label.
        totals: All pictures of each class, shape (3,), at least one each.
        source: Where the counts come from, for messages and for the network's file.

    Raises:
        EmoError: Something of that does not hold; names the label and the class.

    Example:
        >>> counts = SceneCounts.of_pictures(
        ...     [["team"], ["team", "grass"], []], np.array([2, 1, 0]), source="album"
        ... )
        >>> counts.labels, counts.counts[1]
        (('grass', 'team'), array([0, 1, 1]))
    """

    labels: tuple[str, ...]
    counts: np.ndarray
    totals: np.ndarray
    source: str

    def __post_init__(self):
        check_counts(self.labels, self.counts, totals=self.totals)

    @classmethod
    def read(cls, path: Path) -> "SceneCounts":
        """Reads a CSV file with the columns label, negative, neutral, positive in any order.

        Each row below is a label, the last one, `total`, all pictures of each class. Labels are
        brought to lower case.

        Raises:
            EmoError: The file cannot be read, or is no such table; names file, row and column.
        """
        table = CsvTable.read(path)
        table.require(("label", *GROUP_EMOTIONS))
        labels = [row.text("label").lower() for row in table.rows]
        if labels[-1] != _TOTAL:
            raise table.rows[-1].error("label", expected=f"{_TOTAL!r} in the last row")
        if _TOTAL in labels[:-1]:
            double = table.rows[labels.index(_TOTAL)]
            raise double.error("label", expected=f"{_TOTAL!r} in the last row alone")
        counts = np.array(
            [[row.whole_number(name) for name in GROUP_EMOTIONS] for row in table.rows]
        )
        with in_place(str(path)):
            return cls(tuple(labels[:-1]), counts[:-1], counts[-1], str(path))

    @classmethod
    def of_pictures(
        cls, labels: Sequence[Sequence[str]], classes: np.ndarray, *, source: str
    ) -> "SceneCounts":
        """Counts the labels of N pictures; one that a picture has twice counts once.

        Args:
            labels: The labels of each picture, brought to lower case here.
            classes: The class index of each picture, shape (N,).
            source: Where they come from.

        Raises:
            EmoError: There is another number of classes, a class without a picture, or no label.
        """
        classes = checked_classes(classes, count=len(labels))
        seen: dict[str, np.ndarray] = {}
        for its_labels, its_class in zip(labels, classes, strict=True):
            for label in {one.strip().lower() for one in its_labels}:
                seen.setdefault(label, np.zeros(_CLASSES, int))[its_class] += 1
        names = tuple(sorted(seen))
        counts = np.array([seen[name] for name in names], int).reshape(-1, _CLASSES)
        with in_place(source):
            return cls(names, counts, np.bincount(classes, minlength=_CLASSES), source)


def read_confusion(path: Path) -> np.ndarray:
    """Reads how often the faces' verdict was each class in pictures of each class.

    The file is CSV with the column `actual` and one for each predicted class, and a row for each
    actual class, both in any order.

    Returns:
        Counts of shape (3, 3), rows the actual classes, columns the predicted ones, in the order
        of `labels.GROUP_EMOTIONS`.

    Raises:
        EmoError: The file cannot be read or is no such table; names file, row and column.
    """
    table = CsvTable.read(path)
    table.require(("actual", *GROUP_EMOTIONS))
    others = [name for name in table.columns if name not in ("actual", *GROUP_EMOTIONS)]
    if others:
        raise EmoError(
            f"{path}, line 1: expected the column actual and those of the classes "
            f"{', '.join(GROUP_EMOTIONS)} alone. Received: {', '.join(others)} too"
        )
    counts: dict[int, list[int]] = {}
    for row in table.rows:
        actual = row.class_index("actual")
        if actual in counts:
            raise row.error("actual", expected="each class once")
        counts[actual] = [row.whole_number(name) for name in GROUP_EMOTIONS]
    missing = [name for index, name in enumerate(GROUP_EMOTIONS) if index not in counts]
    if missing:
        raise EmoError(
            f"{path}, column actual: expected a row for each of {', '.join(GROUP_EMOTIONS)}. "
            f"Received: none for {', '.join(missing)}"
        )
    with in_place(str(path)):
        return checked_confusion(np.array([counts[index] for index in range(_CLASSES)]))


def write_confusion(path: Path, confusion: np.ndarray) -> None:
    """Writes the file that `read_confusion` takes, whole or not at all.

    Args:
        path: The file.
        confusion: Counts of shape (3, 3), rows the actual classes.

    Raises:
        EmoError: The counts are no such table.
    """
    rows = checked_confusion(confusion).tolist()
    with replace_whole(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("actual", *GROUP_EMOTIONS))
        writer.writerows((name, *row) for name, row in zip(GROUP_EMOTIONS, rows, strict=True))


@dataclass(frozen=True, eq=False)
class FaceVerdicts:
    """What the faces of N pictures say, whose class is known.

    Attributes:
        pictures: The name of each, as in the file.
        actual: The class index of each, shape (N,).
        faces: The faces' distribution over `labels.GROUP_EMOTIONS`, shape (N, 3), NaN in the row
            of a picture without faces.
        source: The file.
    """

    pictures: tuple[str, ...]
    actual: np.ndarray
    faces: np.ndarray
    source: str

    @classmethod
    def read(cls, path: Path) -> "FaceVerdicts":
        """Reads a CSV file with the columns image, actual and cnn, the class that the faces say.

        Where it has all of the columns negative, neutral and positive, these are the faces'
        probabilities and `cnn` is not needed. Empty cells stand for a picture without faces.
        Other columns are passed over.

        Raises:
            EmoError: The file cannot be read, or is no such table; names file, row and column.
        """
        actual = read_truth(path)
        table = CsvTable.read(path)
        distributions = set(GROUP_EMOTIONS) <= set(table.columns)
        if not distributions:
            table.require(("image", "actual", "cnn"))
        faces = [row.distribution() if distributions else _one_hot(row) for row in table.rows]
        return cls(tuple(actual), np.array(list(actual.values())), np.array(faces), str(path))


def _one_hot(row: CsvRow) -> np.ndarray:
    if not row.cells["cnn"]:
        return np.full(_CLASSES, np.nan)
    return np.eye(_CLASSES)[row.class_index("cnn")]

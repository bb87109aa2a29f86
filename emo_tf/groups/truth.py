"""Which class pictures are of: by the folders they lie in, or by a table."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emo_tf.errors import EmoError, unknown_name
from emo_tf.groups.class_arrays import class_of
from emo_tf.groups.csv_rows import CsvTable
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.runtime.picture_keys import check_told_apart, longest_ending

COLUMNS = ("image", "actual")
"""What a table of truth has: a file name, or a path that ends so, and its class."""

VALIDATION = "val"
"""The split on which settings and models are chosen."""

SPLITS = {"train": "train", "val": VALIDATION, "validation": VALIDATION, "test": "test"}
"""How splits are called here, by the names of folders that tell of them."""

_TABLE_SUFFIX = ".csv"


def class_by_folder(picture: Path, root: Path) -> int | None:
    """Returns the class that the nearest folder about a picture is named after.

    Args:
        picture: A picture in `root`, at any depth.
        root: The folder beyond which nothing counts; it counts itself.

    Returns:
        An index into `labels.GROUP_EMOTIONS`, whatever the case in which the folder is written;
        `None` where no folder has such a name.

    Example:
        >>> class_by_folder(Path("album/Positive/day/x.jpg"), Path("album"))
        2
    """
    named = (class_of(folder) for folder in _folders(picture, root))
    return next((found for found in named if found is not None), None)


def split_name(name: str) -> str:
    """Returns how a split is called here: `val` for `Validation`; other names stay."""
    return SPLITS.get(name.strip().lower(), name.strip())


def splits_by_folder(pictures: Iterable[Path], root: Path) -> tuple[str, ...]:
    """Returns the splits that the pictures' folders are named after, each once, sorted.

    Args:
        pictures: Pictures in `root`, at any depth.
        root: The folder beyond which nothing counts; it counts itself.

    Returns:
        Values of `SPLITS`; none where a picture lies in no such folder, for then it is not known
        what the pictures are.
    """
    splits = {_split_of(picture, root) for picture in pictures}
    return () if None in splits else tuple(sorted(splits))


def read_truth(path: Path) -> dict[str, int]:
    """Reads a table with the columns `image` and `actual`; others are passed over.

    Returns:
        The class, as an index into `labels.GROUP_EMOTIONS`, by file name or path.

    Raises:
        EmoError: The file cannot be read, or lacks a column; a cell is empty, a class unknown, or
            a picture stands there twice. Names file, line and column.
    """
    table = CsvTable.read(path)
    table.require(COLUMNS)
    truth: dict[str, int] = {}
    for row in table.rows:
        picture = row.text("image")
        if picture in truth:
            raise row.error("image", expected="each picture once")
        truth[picture] = row.class_index("actual")
    return truth


@dataclass(frozen=True)
class Truth:
    """The classes of pictures.

    Attributes:
        classes: Indices into `labels.GROUP_EMOTIONS` by picture; those of an unknown class are not
            in it.
        source: Where they come from: `folders`, a class, or the name of a file.
        rows_without_picture: How many rows of the file are about none of the pictures.
    """

    classes: Mapping[str, int]
    source: str
    rows_without_picture: int = 0

    @classmethod
    def of_pictures(
        cls, pictures: Sequence[str], root: Path, *, given: str | None = None
    ) -> "Truth":
        """Finds out what pictures are of.

        Args:
            pictures: Their paths, in `root`.
            root: The folder that was named.
            given: A class, which all are of then, or a file that `read_truth` takes, in which each
                picture is the row that its path ends with; the folders count without.

        Raises:
            EmoError: `given` is neither, the file cannot be used, a row is about two pictures, or
                not one picture has a class.
        """
        if given is None:
            found = {picture: class_by_folder(Path(picture), root) for picture in pictures}
            truth = cls(_known(found), "folders")
        elif class_of(given) is not None:
            index = class_of(given)
            truth = cls(dict.fromkeys(pictures, index), GROUP_EMOTIONS[index])
        elif Path(given).is_file() or Path(given).suffix.lower() == _TABLE_SUFFIX:
            table = read_truth(Path(given))
            check_told_apart(pictures, table, source=given)
            keys = {picture: longest_ending(picture, table) for picture in pictures}
            found = {picture: table[key] for picture, key in keys.items() if key is not None}
            truth = cls(found, given, len(table.keys() - set(keys.values())))
        else:
            raise unknown_name("class, and no file of truth", given, GROUP_EMOTIONS)
        if not truth.classes:
            expected = (
                f"a folder named {', '.join(GROUP_EMOTIONS[:-1])} or {GROUP_EMOTIONS[-1]} about "
                "each picture, or the truth by --truth"
                if given is None
                else f"pictures that {given} has a row for"
            )
            raise EmoError(f"{root}: expected {expected}. Received: none of {len(pictures):,}")
        return truth


def _known(classes: Mapping[str, int | None]) -> dict[str, int]:
    return {picture: index for picture, index in classes.items() if index is not None}


def _folders(picture: Path, root: Path) -> Iterator[str]:
    """Yields the names of a picture's folders from the nearest up to `root`."""
    # Not resolved: what a link is called counts, not what it leads to.
    picture, root = (Path(os.path.abspath(path)) for path in (picture, root))  # noqa: PTH100
    if picture.is_relative_to(root):
        yield from reversed(picture.relative_to(root.parent).parts[:-1])


def _split_of(picture: Path, root: Path) -> str | None:
    named = (SPLITS.get(name.lower()) for name in _folders(picture, root))
    return next((split for split in named if split is not None), None)

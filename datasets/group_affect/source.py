"""Finds the pictures of the Group Affect Database in a folder and cuts them into splits.

Needs no TensorFlow.
"""

import filecmp
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from emo_tf.corpora.boxes import MISSING_IMAGE
from emo_tf.corpora.report import LeftOut
from emo_tf.errors import EmoError, in_place, unknown_name
from emo_tf.labels import GROUP_EMOTIONS

from .unpickling import load_names

CLASS_FOLDERS = {label.capitalize(): label for label in GROUP_EMOTIONS}
"""The folders of train and of val, with the label that each stands for."""

LISTS = {"val": "val_list", "eval": "test_list"}
"""The lists that cut the folder val in two, by the split that each makes."""

TEST = "test"
REMOVED = "Removed_EmotiW"

UNLABELLED = -1
"""What TFDS's `ClassLabel` takes where a class is not known."""

IN_NEITHER_LIST = "in neither list"
REMOVED_IMAGE = "removed"

_LABELLED = ("train", "val")
_SUFFIXES = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class Photo:
    """One picture of a group.

    Attributes:
        path: Below the folder that holds the database: `train/Positive/pos_1.jpg`.
        split: The split that it belongs to.
        label: One of `GROUP_EMOTIONS`, or `UNLABELLED`.
    """

    path: str
    split: str
    label: str | int

    @property
    def name(self) -> str:
        """The file's name; another split, or another class, may hold the same."""
        return self.path.rpartition("/")[2]


def required_paths(manual_dir: Path) -> tuple[tuple[Path, ...], ...]:
    """Returns what has to be there: the class folders of train and of val, one entry each.

    Args:
        manual_dir: The folder that should hold the database.
    """
    return tuple((manual_dir / split / name,) for split in _LABELLED for name in CLASS_FOLDERS)


def check_class_folders(manual_dir: Path) -> None:
    """Looks whether train and val hold no folders but those of the classes.

    Raises:
        EmoError: There is another folder, such as a misspelt one.
    """
    for folder in (manual_dir / split for split in _LABELLED):
        for path in sorted(folder.glob("*")):
            is_class_folder = path.is_dir() and not path.name.startswith(".")
            if is_class_folder and path.name not in CLASS_FOLDERS:
                with in_place(str(folder)):
                    raise unknown_name("class folder", path.name, CLASS_FOLDERS)


def find_splits(manual_dir: Path) -> dict[str, list[Photo | LeftOut]]:
    """Returns the pictures of each split, and what is known to be left out of it.

    With `val_list` and `test_list` the folder val is cut into `val` and `eval`; `test` is there
    where its folder is.

    Args:
        manual_dir: The folder that holds the database.

    Raises:
        EmoError: A folder holds no pictures, there is one list without the other, or the lists
            cannot be used.
    """
    found = {split: _labelled(manual_dir, split) for split in _LABELLED}
    if (manual_dir / TEST).is_dir():
        found[TEST] = _unlabelled(manual_dir)
    for split, photos in found.items():
        if not photos:
            raise EmoError(
                f"{manual_dir / split}: expected pictures ({', '.join(_SUFFIXES)}). Received: none"
            )
    lists = _read_lists(manual_dir)
    if lists:
        with in_place(str(manual_dir)):
            found |= _cut(found["val"], lists)
    removed = _by_name(_pictures(manual_dir / REMOVED, "**/*"))
    return {
        split: [_kept_or_removed(item, removed, manual_dir=manual_dir) for item in items]
        for split, items in found.items()
    }


def _labelled(manual_dir: Path, split: str) -> list[Photo]:
    return [
        Photo(path.relative_to(manual_dir).as_posix(), split, label)
        for name, label in CLASS_FOLDERS.items()
        for path in _pictures(manual_dir / split / name, "*")
    ]


def _unlabelled(manual_dir: Path) -> list[Photo]:
    return [
        Photo(path.relative_to(manual_dir).as_posix(), TEST, UNLABELLED)
        for path in _pictures(manual_dir / TEST, "**/*")
    ]


def _pictures(folder: Path, pattern: str) -> list[Path]:
    return sorted(
        path
        for path in folder.glob(pattern)
        if path.suffix.lower() in _SUFFIXES
        and not path.is_dir()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _read_lists(manual_dir: Path) -> dict[str, list[str]]:
    paths = {split: manual_dir / name for split, name in LISTS.items()}
    there = [path.name for path in paths.values() if path.exists()]
    if not there:
        return {}
    if len(there) < len(LISTS):
        raise EmoError(
            f"{manual_dir}: expected {' and '.join(LISTS.values())}, or neither. "
            f"Received: {there[0]} alone"
        )
    return {split: load_names(path) for split, path in paths.items()}


def _cut(
    photos: Sequence[Photo], lists: Mapping[str, Sequence[str]]
) -> dict[str, list[Photo | LeftOut]]:
    """Returns the pictures of the folder val by the lists that name them."""
    known = defaultdict(list)
    for photo in photos:
        for name in (photo.name, _stem(photo.name)):
            known[name].append(photo)
    items: dict[str, list[Photo | LeftOut]] = {split: [] for split in lists}
    places: dict[str, str] = {}  # of a picture's path, or of a name without a picture
    for split, place, name in _entries(lists):
        photo = _one_of(known.get(name) or known.get(_stem(name), ()), name=name, place=place)
        entry = name if photo is None else photo.path
        if entry in places:
            raise EmoError(
                f"{place}: expected every picture once in the lists. "
                f"Received: {name!r}, as in {places[entry]}"
            )
        places[entry] = place
        if photo is None:
            items[split].append(LeftOut(MISSING_IMAGE, f"{place}: no picture {name!r} in val"))
        else:
            items[split].append(replace(photo, split=split))
    items["val"] += [
        LeftOut(IN_NEITHER_LIST, f"{photo.path}: in neither {' nor '.join(LISTS.values())}")
        for photo in photos
        if photo.path not in places
    ]
    return items


def _entries(lists: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    """Yields split, place and name of what is listed; folders' hidden files are listed too."""
    for split, names in lists.items():
        for number, name in enumerate(names):
            if not name.startswith("."):
                yield split, f"{LISTS[split]}, entry {number}", name


def _one_of(photos: Sequence[Photo], *, name: str, place: str) -> Photo | None:
    if len(photos) > 1:
        raise EmoError(
            f"{place}: expected the name of one picture of val. "
            f"Received: {name!r}, which {' and '.join(photo.path for photo in photos)} have"
        )
    return photos[0] if photos else None


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _by_name(paths: Iterable[Path]) -> dict[str, list[Path]]:
    found = defaultdict(list)
    for path in paths:
        found[path.name].append(path)
    return found


def _kept_or_removed(
    item: Photo | LeftOut, removed: Mapping[str, Sequence[Path]], *, manual_dir: Path
) -> Photo | LeftOut:
    if isinstance(item, LeftOut):
        return item
    for path in removed.get(item.name, ()):
        if _is_the_same(path, manual_dir / item.path):
            same = path.relative_to(manual_dir).as_posix()
            return LeftOut(REMOVED_IMAGE, f"{item.path}: the same as {same}")
    return item


def _is_the_same(path: Path, other: Path) -> bool:
    if not other.is_file():  # A link to nowhere is left out once it is read.
        return False
    try:
        return filecmp.cmp(path, other, shallow=False)  # sizes first
    except OSError as error:
        raise EmoError(f"{path}: expected a file like {other}. Received: {error}") from error

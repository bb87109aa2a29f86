"""What the words SOURCE... of a command line stand for."""

import glob
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from emo_tf.cli.box_lists import BoxRow, is_box_list, read_box_list
from emo_tf.errors import EmoError
from emo_tf.runtime.analyzer import BoxedPhoto, Source

STANDARD_INPUT = "-"
PICTURE_SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp"),
    *(".avif", ".jp2", ".tga", ".ppm", ".pgm", ".pbm", ".pnm"),
)


@dataclass(frozen=True)
class PictureSource:
    """One picture to analyse, or the reason why an argument stands for none.

    Attributes:
        name: The path as given or found, folders kept; `-` for standard input.
        error: Why there is nothing to read; `None` otherwise.
        rows: The people that a list gives; those found in the picture count where it is empty.
    """

    name: str
    error: str | None = None
    rows: tuple[BoxRow, ...] = ()

    @property
    def path(self) -> Path | None:
        """Where the picture lies, `None` for standard input."""
        return None if self.name == STANDARD_INPUT else Path(self.name)

    def content(self) -> Source | BoxedPhoto:
        """Returns what an `Analyzer` takes: the path, or a name and the bytes of stdin."""
        if self.rows:
            return BoxedPhoto(self.name, tuple(row.box_xywh for row in self.rows))
        if self.name == STANDARD_INPUT:
            return self.name, sys.stdin.buffer.read()
        return self.name


def expand_sources(
    arguments: Sequence[str], *, left_out: Path | None = None
) -> list[PictureSource]:
    """Finds the pictures that the arguments name, in their order.

    A folder stands for the pictures in it and in its folders, sorted, those with hidden names
    left out; a pattern (`*`, `?`, `[]`, `**`) for the pictures that match it; `-` for the bytes
    of one picture on standard input; a file `.txt` for the pictures in that list, each once with
    its people, where its first row stands. Pictures are told by their suffix here; another file
    that is named itself is taken whatever its suffix.

    Args:
        arguments: The words of the command line.
        left_out: A folder whose pictures are not taken when found from outside of it.

    Raises:
        EmoError: `-` was given twice.
    """
    if arguments.count(STANDARD_INPUT) > 1:
        raise EmoError("SOURCE: expected - (standard input) once. Received: - twice or more")
    sources = []
    for argument in arguments:
        path = Path(argument)
        if argument == STANDARD_INPUT:
            sources.append(PictureSource(argument))
        elif is_box_list(argument):
            sources += _in_list(argument)
        elif os.path.isdir(argument):  # noqa: PTH112 (False where the system refuses the name)
            found = _without(left_out, argument, _in_folder(path))
            sources += found or [PictureSource(argument, error=_nothing("folder", argument))]
        elif glob.has_magic(argument) and not os.path.lexists(argument):
            # pathlib takes no absolute patterns.
            matches = sorted(glob.iglob(argument, recursive=True))  # noqa: PTH207
            pictures = (PictureSource(name) for name in matches if _is_picture(name))
            found = _without(left_out, argument, pictures)
            sources += found or [PictureSource(argument, error=_nothing("pattern", argument))]
        else:
            sources.append(PictureSource(argument))
    return sources


def _without(
    folder: Path | None, argument: str, found: Iterable[PictureSource]
) -> list[PictureSource]:
    """Drops what lies in `folder`, unless the argument itself points into it."""
    if folder is None or _lies_in(argument, folder):
        return list(found)
    return [source for source in found if not _lies_in(source.name, folder)]


def _lies_in(name: str, folder: Path) -> bool:
    return Path(os.path.abspath(name)).is_relative_to(os.path.abspath(folder))  # noqa: PTH100


def _in_folder(folder: Path) -> Iterator[PictureSource]:
    unreadable = []
    for parent, folders, files in os.walk(folder, onerror=unreadable.append):
        # os.walk goes where this list says.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if _is_picture(name) and not name.startswith("."):
                yield PictureSource(str(Path(parent, name)))
    for error in unreadable:
        yield PictureSource(
            error.filename, error=f"{error.filename}: folder cannot be read ({error.strerror})"
        )


def _in_list(name: str) -> Iterator[PictureSource]:
    """Gathers the rows of a list by picture; a row that cannot be used is an entry of its own."""
    try:
        rows = read_box_list(name)
    except EmoError as error:
        yield PictureSource(name, error=str(error))
        return
    by_picture = defaultdict(list)
    for row in rows:
        by_picture[row if isinstance(row, EmoError) else row.picture].append(row)
    for picture, its_rows in by_picture.items():
        if isinstance(picture, EmoError):
            yield PictureSource(name, error=str(picture))
        else:
            yield PictureSource(picture, rows=tuple(its_rows))


def _is_picture(name: str) -> bool:
    return Path(name).suffix.lower() in PICTURE_SUFFIXES


def _nothing(kind: str, argument: str) -> str:
    return f"{argument}: expected a {kind} with pictures (.jpg, .png, ...). Received: none found"

"""What the words SOURCE... of a command line stand for."""

import glob
import os
import re
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from emo_tf.cli.box_lists import BoxRow, is_box_list, read_box_list
from emo_tf.errors import EmoError
from emo_tf.runtime.analyzer import BoxedPhoto, Source
from emo_tf.runtime.video_names import VIDEO_SUFFIXES, is_live, is_video

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

    @property
    def file(self) -> Path:
        """The path, or for standard input a file name in its place."""
        return self.path or Path("stdin")

    def content(self) -> Source | BoxedPhoto:
        """Returns what an `Analyzer` takes: the path, or a name and the bytes of stdin."""
        if self.rows:
            return BoxedPhoto(self.name, tuple(row.box_xywh for row in self.rows))
        if self.name == STANDARD_INPUT:
            return self.name, sys.stdin.buffer.read()
        return self.name


@dataclass(frozen=True)
class VideoSource:
    """One video to analyse, or the reason why an argument stands for none.

    Attributes:
        name: The path as given or found, the number of a webcam or the address of a stream.
        error: Why there is nothing to read; `None` otherwise.
    """

    name: str
    error: str | None = None

    @property
    def path(self) -> Path | None:
        """Where the video lies, `None` for a webcam or a stream."""
        return None if is_live(self.name) else Path(self.name)

    @property
    def file(self) -> Path:
        """The path, or for a webcam or a stream a file name in its place."""
        if self.path:
            return self.path
        words = re.findall(r"[\w-]+", self.name.partition("://")[2])
        return Path(f"webcam{self.name}" if not words else "_".join(words))


@dataclass(frozen=True)
class _Kind:
    """What folders and patterns are searched for."""

    plural: str
    suffixes: Collection[str]
    examples: str
    source: type[PictureSource] | type[VideoSource]

    def has(self, name: str) -> bool:
        return Path(name).suffix.lower() in self.suffixes


_PICTURES = _Kind("pictures", PICTURE_SUFFIXES, ".jpg, .png", PictureSource)
_VIDEOS = _Kind("videos", VIDEO_SUFFIXES, ".mp4, .mkv", VideoSource)


def stand_for_videos(arguments: Sequence[str], *, left_out: Sequence[Path] = ()) -> bool:
    """Tells whether the words of a command line stand for videos.

    Files and live sources are told by their names. A folder or a pattern stands for the pictures
    in it, and for the videos where there is no picture but a video.

    Args:
        arguments: The words.
        left_out: Folders in which nothing counts that is found from outside of them.

    Raises:
        EmoError: Some stand for pictures and some for videos.
    """
    videos = [word for word in arguments if _stands_for_videos(word, left_out)]
    others = [word for word in arguments if word not in videos]
    if videos and others:
        raise EmoError(
            "SOURCE: expected pictures or videos, not both at once. "
            f"Received: {others[0]} and {videos[0]}"
        )
    return bool(videos)


def _stands_for_videos(argument: str, left_out: Sequence[Path]) -> bool:
    if not _is_folder(argument) and not _is_pattern(argument):
        return is_video(argument)

    def holds(kind: _Kind) -> bool:
        found = _expanded(argument, kind, left_out=left_out)
        return any(source.error is None for source in found)

    return not holds(_PICTURES) and holds(_VIDEOS)


def expand_videos(arguments: Sequence[str], *, left_out: Path | None = None) -> list[VideoSource]:
    """Returns the videos that the arguments name, in their order; see `expand_sources`.

    Args:
        arguments: The words of the command line.
        left_out: A folder whose videos are not taken when found from outside of it.
    """
    return [
        source
        for argument in arguments
        for source in _expanded(argument, _VIDEOS, left_out=[left_out] if left_out else ())
    ]


def expand_sources(
    arguments: Sequence[str], *, left_out: Path | None = None
) -> list[PictureSource]:
    """Returns the pictures that the arguments name, in their order.

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
        if is_box_list(argument):
            sources += _in_list(argument)
        else:
            sources += _expanded(argument, _PICTURES, left_out=[left_out] if left_out else ())
    return sources


def _expanded(argument: str, kind: _Kind, *, left_out: Sequence[Path]) -> list:
    """Returns what a word stands for that is no list."""
    if _is_folder(argument):
        what, found = "folder", _in_folder(Path(argument), kind)
    elif _is_pattern(argument):
        what, found = "pattern", _matches(argument, kind)
    else:
        return [kind.source(argument)]
    nothing = (
        f"{argument}: expected a {what} with {kind.plural} ({kind.examples}, ...). "
        "Received: none found"
    )
    return _without(left_out, argument, found) or [kind.source(argument, error=nothing)]


def _is_folder(argument: str) -> bool:
    return os.path.isdir(argument)  # noqa: PTH112 (False where the system refuses the name)


def _is_pattern(argument: str) -> bool:
    return glob.has_magic(argument) and not os.path.lexists(argument) and not is_live(argument)


def _matches(pattern: str, kind: _Kind) -> Iterator[PictureSource | VideoSource]:
    # pathlib takes no absolute patterns.
    names = sorted(glob.iglob(pattern, recursive=True))  # noqa: PTH207
    return (kind.source(name) for name in names if kind.has(name))


def _without(
    folders: Sequence[Path], argument: str, found: Iterable[PictureSource | VideoSource]
) -> list[PictureSource | VideoSource]:
    """Drops what lies in one of the folders, unless the argument itself points into it."""
    folders = [folder for folder in folders if not _lies_in(argument, folder)]
    return [item for item in found if not any(_lies_in(item.name, folder) for folder in folders)]


def _lies_in(name: str, folder: Path) -> bool:
    return Path(os.path.abspath(name)).is_relative_to(os.path.abspath(folder))  # noqa: PTH100


def _in_folder(folder: Path, kind: _Kind) -> Iterator[PictureSource | VideoSource]:
    unreadable = []
    for parent, folders, files in os.walk(folder, onerror=unreadable.append):
        # os.walk goes where this list says.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if kind.has(name) and not name.startswith("."):
                yield kind.source(str(Path(parent, name)))
    for error in unreadable:
        yield kind.source(
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

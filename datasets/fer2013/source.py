"""Finds FER2013 in a folder, in whichever of its published forms, and reads it.

Needs neither TensorFlow nor TFDS.
"""

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from emo_tf.corpora.paths import found_or_missing
from emo_tf.errors import EmoError

from .annotations import (
    PICTURE_SUFFIXES,
    Face,
    face_from_picture,
    faces_from_csv,
)

CSV_NAME = "fer2013.csv"
PICTURE_FOLDERS = ("train", "test")
ARCHIVES = ("fer2013.zip", "fer2013.tar.gz")
# The original archive unpacks into a folder of this name.
UNPACKED = "fer2013"

# zipfile asks for a password, and refuses compression it does not know, with a RuntimeError.
_UNREADABLE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
)

_Files = Mapping[str, Callable[[], BinaryIO]]


def candidates(manual_dir: Path) -> tuple[Path, ...]:
    """Returns every path that `read_faces` looks for, in the order of preference.

    Args:
        manual_dir: The folder that should hold FER2013.
    """
    names = (CSV_NAME, *PICTURE_FOLDERS)
    unpacked = [folder / name for folder in (manual_dir, manual_dir / UNPACKED) for name in names]
    return (*unpacked, *(manual_dir / name for name in ARCHIVES))


def find(manual_dir: Path) -> Path:
    """Returns the CSV file, the archive, or the folder above `train` and `test`, to read.

    Raises:
        EmoError: None of `candidates` is there; the message lists them all.
    """
    found = [path for path in candidates(manual_dir) if path.exists()]
    if not found:
        raise EmoError(_looked_for(manual_dir, "FER2013 is not there."))
    return found[0].parent if found[0].name in PICTURE_FOLDERS else found[0]


def read_faces(manual_dir: Path) -> list[Face]:
    """Returns every face of FER2013, sorted by usage and id.

    Where several forms lie side by side, the first of `candidates` is read alone. An archive that
    holds both forms gives its CSV file.

    Args:
        manual_dir: Folder with `fer2013.csv`, with the folders `train` and `test`, or with
            `fer2013.zip` or `fer2013.tar.gz` holding either.

    Raises:
        EmoError: Nothing of it is there, or a file or row cannot be used.
    """
    origin = find(manual_dir)
    try:
        with _files(origin) as files:
            faces = sorted(_faces(files, origin=origin), key=lambda face: (face.usage, face.id))
    except _UNREADABLE as error:
        raise EmoError(f"{origin}: expected a whole file. Received: {error}") from error
    if not faces:
        raise EmoError(_looked_for(manual_dir, f"{origin} holds no face of FER2013."))
    for face, following in pairwise(faces):
        if (face.usage, face.id) == (following.usage, following.id):
            raise EmoError(f"{origin}: expected one picture an id. Received: two of {face.id}")
    return faces


def _looked_for(manual_dir: Path, problem: str) -> str:
    return f"{problem} Looked for: {found_or_missing(candidates(manual_dir))}"


@contextmanager
def _files(origin: Path) -> Iterator[_Files]:
    """Yields what opens each file of a folder, an archive or a single file, by its path inside."""
    if origin.suffix == ".zip":
        with zipfile.ZipFile(origin) as archive:
            yield {
                member.filename: partial(archive.open, member)
                for member in archive.infolist()
                if not member.is_dir()
            }
    elif origin.name.endswith(".tar.gz"):
        with tarfile.open(origin, "r:gz") as archive:
            yield {
                member.name: partial(archive.extractfile, member)
                for member in archive.getmembers()
                if member.isfile()
            }
    elif origin.is_dir():
        yield {
            path.relative_to(origin).as_posix(): partial(path.open, "rb")
            for folder in PICTURE_FOLDERS
            for path in sorted((origin / folder).rglob("*"))
            if path.is_file()
        }
    else:
        yield {origin.name: partial(origin.open, "rb")}


def _faces(files: _Files, *, origin: Path) -> Iterator[Face]:
    """Yields the faces of the CSV file where there is one, else those of the pictures."""
    # In the archive's own order: a tar.gz can only be read forward.
    for name, open_file in files.items():
        if PurePosixPath(name).name == CSV_NAME:
            with open_file() as stream:
                yield from faces_from_csv(stream, origin=_name_of(origin, name))
            return
    for name, open_file in files.items():
        path = PurePosixPath(name)
        # Finder leaves `._<name>` beside every file that it packs.
        if path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith("."):
            with open_file() as stream:
                yield face_from_picture(stream, name=name, origin=_name_of(origin, name))


def _name_of(origin: Path, name: str) -> str:
    if origin.name == name:
        return str(origin)
    return str(origin / name) if origin.is_dir() else f"{origin}: {name}"

"""Finds the raw files of EMOTIC in a folder, unpacked, in archives or both, and reads them.

Needs neither TensorFlow nor TFDS.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import chain
from pathlib import Path, PurePosixPath

from emo_tf.corpora.paths import found_or_missing
from emo_tf.errors import EmoError

from .annotations import AnnotatedImage, read_annotations

DATABASES = ("mscoco", "framesdb", "emodb_small", "ade20k")
"""The four collections that the images come from, as their folders are called."""

ANNOTATIONS = "Annotations.mat"

# zipfile asks for a password, and refuses compression it does not know, with a RuntimeError.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)

# Archives hold the folders of the databases at their top, in `emotic/`, or in a folder above that.
_FOLDERS_ABOVE = 2


def required_paths(manual_dir: Path) -> tuple[tuple[Path, ...], ...]:
    """Returns what has to be there: one entry a requirement, its alternatives best first.

    The first four are the folders of `DATABASES`, the last one the annotations.

    Args:
        manual_dir: The folder that should hold EMOTIC.
    """
    archive = manual_dir / "emotic.zip"
    return (
        *((manual_dir / "emotic" / database, archive) for database in DATABASES),
        (
            manual_dir / "Annotations" / ANNOTATIONS,
            manual_dir / ANNOTATIONS,
            manual_dir / "Annotations.zip",
            archive,
        ),
    )


def check(manual_dir: Path) -> None:
    """Looks whether all of EMOTIC is there. A single image may be missing.

    Raises:
        EmoError: A database or the annotations are in none of `required_paths`, and the
            message lists them all; or an archive is damaged.
    """
    Source(manual_dir).check()


class Source:
    """The raw files of EMOTIC; archives are opened when first needed.

    Of alternatives that lie side by side the first one of `required_paths` is read alone. Copies
    sent to another process open archives of their own.

    Args:
        manual_dir: The folder that holds EMOTIC.
    """

    def __init__(self, manual_dir: Path):
        self._manual_dir = Path(manual_dir)
        self._archives: dict[Path, _Archive] = {}

    def __reduce__(self) -> tuple[type, tuple[Path]]:
        return Source, (self._manual_dir,)

    def check(self) -> None:
        """Looks whether everything is there, as the function `check` does."""
        _ = self._images, self._annotations

    @cached_property
    def _images(self) -> "dict[str, _Folder | _Archive]":
        *paths, _ = required_paths(self._manual_dir)
        return {
            database: self._first(f"images of {database}", alternatives, inside=database)
            for database, alternatives in zip(DATABASES, paths, strict=True)
        }

    @cached_property
    def _annotations(self) -> "_Folder | _Archive":
        *_, alternatives = required_paths(self._manual_dir)
        return self._first("annotations", alternatives, inside=ANNOTATIONS)

    def annotations(self) -> dict[str, list[AnnotatedImage]]:
        """Returns the images of each split as annotated.

        Raises:
            EmoError: There are no annotations, or they cannot be used.
        """
        place = self._annotations
        return read_annotations(
            io.BytesIO(place.read(ANNOTATIONS)), origin=place.name_of(ANNOTATIONS)
        )

    def read_image(self, image: AnnotatedImage) -> bytes | None:
        """Returns the bytes of an image file, `None` where there is no such file.

        Raises:
            EmoError: The file cannot be read, or its archive is damaged.
        """
        name = f"{image.folder}/{image.filename}"
        place = self._images.get(image.folder.split("/")[0])
        return None if place is None else place.read(name)

    def _first(
        self, wanted: str, alternatives: tuple[Path, ...], *, inside: str
    ) -> "_Folder | _Archive":
        for path in alternatives:
            if path.suffix != ".zip":
                if path.exists():
                    return _Folder(path.parent)
            elif path.exists() and inside in self._archive(path):
                return self._archive(path)
        paths = chain.from_iterable(required_paths(self._manual_dir))
        raise EmoError(
            f"EMOTIC is not complete: no {wanted}. Looked for: {found_or_missing(paths)}"
        )

    def _archive(self, path: Path) -> "_Archive":
        if path not in self._archives:
            self._archives[path] = _Archive(path)
        return self._archives[path]


class _Folder:
    def __init__(self, path: Path):
        self._path = path

    def name_of(self, name: str) -> str:
        return str(self._path / name)

    def read(self, name: str) -> bytes | None:
        path = self._path / name
        with _whole(str(path)):
            return path.read_bytes() if path.is_file() else None


class _Archive:
    """A zip file: its images by their path from the database on, and the annotations."""

    def __init__(self, path: Path):
        self._path = path
        self._members: dict[str, zipfile.ZipInfo] = {}
        with _whole(str(path)):
            self._archive = zipfile.ZipFile(path)
        self._parts = set()
        for member in self._archive.infolist():
            parts = PurePosixPath(member.filename).parts
            # Finder leaves `__MACOSX/.../._<name>` for every file that it packs.
            if member.is_dir() or parts[0] == "__MACOSX":
                continue
            for index, part in enumerate(parts[: _FOLDERS_ABOVE + 1]):
                if part in DATABASES:
                    self._members.setdefault("/".join(parts[index:]), member)
                    self._parts.add(part)
                    break
            else:
                if parts[-1] == ANNOTATIONS:
                    self._members.setdefault(ANNOTATIONS, member)
                    self._parts.add(ANNOTATIONS)

    def __contains__(self, database_or_annotations: str) -> bool:
        return database_or_annotations in self._parts

    def name_of(self, name: str) -> str:
        return f"{self._path}: {self._members[name].filename}"

    def read(self, name: str) -> bytes | None:
        if name not in self._members:
            return None
        with _whole(self.name_of(name)):
            return self._archive.read(self._members[name])


@contextmanager
def _whole(origin: str) -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise EmoError(f"{origin}: expected a whole file. Received: {error}") from error

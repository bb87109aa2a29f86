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
"""The four collections that EMOTIC's images come from, as their folders are called."""

ANNOTATIONS = "Annotations.mat"

# zipfile asks for a password, and refuses compression it does not know, with a RuntimeError.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)

# Archives hold the folders of the collections at their top, in `emotic/`, or in one above that.
_FOLDERS_ABOVE = 2


class Source:
    """The raw files of EMOTIC; archives are opened when first needed, annotations read once.

    Of alternatives that lie side by side the first one of `required_paths` is read alone. Copies
    sent to another process open archives of their own.

    Args:
        manual_dir: The folder that holds EMOTIC, or what is laid out like it.

    Attributes:
        manual_dir: The folder.
    """

    def __init__(self, manual_dir: Path):
        self.manual_dir = Path(manual_dir)
        self._archives: dict[Path, _Archive] = {}
        self._images: dict[str, _Folder | _Archive] = {}

    def __reduce__(self) -> tuple[type, tuple[Path]]:
        return Source, (self.manual_dir,)

    def required_paths(self) -> tuple[tuple[Path, ...], ...]:
        """Returns what has to be there: one entry a requirement, its alternatives best first.

        The first ones are the folders of the collections that the annotations name, those of
        EMOTIC where there are no annotations to read; the last one is the annotations.
        """
        try:
            collections = self._collections
        except EmoError:  # `check` and `annotations` say it.
            collections = DATABASES
        return *map(self._paths_of_images, collections), self._paths_of_annotations

    def check(self) -> None:
        """Looks whether everything is there. A single image may be missing.

        Raises:
            EmoError: A collection or the annotations are in none of `required_paths`, and the
                message lists them all; or a file is damaged.
        """
        for collection in self._collections:
            self._images_of(collection)
        _ = self._annotations

    def annotations(self) -> dict[str, list[AnnotatedImage]]:
        """Returns the images of each split as annotated.

        Raises:
            EmoError: There are no annotations, or they cannot be used.
        """
        return self._splits

    def read_image(self, image: AnnotatedImage) -> bytes | None:
        """Returns the bytes of an image file, `None` where there is no such file.

        Raises:
            EmoError: The image's collection is not there, the file cannot be read, or its archive
                is damaged.
        """
        place = self._images_of(_collection(image))
        return place.read(f"{image.folder}/{image.filename}")

    @cached_property
    def _splits(self) -> dict[str, list[AnnotatedImage]]:
        place = self._annotations
        return read_annotations(
            io.BytesIO(place.read(ANNOTATIONS)), origin=place.name_of(ANNOTATIONS)
        )

    @cached_property
    def _collections(self) -> tuple[str, ...]:
        """What the annotations name, in EMOTIC's order; all of EMOTIC's without annotations."""
        if self._found(self._paths_of_annotations, inside=ANNOTATIONS) is None:
            return DATABASES
        named = set(map(_collection, chain.from_iterable(self._splits.values())))
        return *filter(named.__contains__, DATABASES), *sorted(named.difference(DATABASES))

    @property
    def _paths_of_annotations(self) -> tuple[Path, ...]:
        return (
            self.manual_dir / "Annotations" / ANNOTATIONS,
            self.manual_dir / ANNOTATIONS,
            self.manual_dir / "Annotations.zip",
            self.manual_dir / "emotic.zip",
        )

    def _paths_of_images(self, collection: str) -> tuple[Path, ...]:
        return self.manual_dir / "emotic" / collection, self.manual_dir / "emotic.zip"

    @cached_property
    def _annotations(self) -> "_Folder | _Archive":
        return self._first("annotations", self._paths_of_annotations, inside=ANNOTATIONS)

    def _images_of(self, collection: str) -> "_Folder | _Archive":
        if collection not in self._images:
            self._images[collection] = self._first(
                f"images of {collection}", self._paths_of_images(collection), inside=collection
            )
        return self._images[collection]

    def _first(
        self, wanted: str, alternatives: tuple[Path, ...], *, inside: str
    ) -> "_Folder | _Archive":
        found = self._found(alternatives, inside=inside)
        if found is None:
            paths = chain.from_iterable(self.required_paths())
            raise EmoError(
                f"EMOTIC is not complete: no {wanted}. Looked for: {found_or_missing(paths)}"
            )
        return found

    def _found(self, alternatives: tuple[Path, ...], *, inside: str) -> "_Folder | _Archive | None":
        for path in alternatives:
            if path.suffix != ".zip":
                if path.exists():
                    return _Folder(path.parent)
            elif path.exists() and inside in self._archive(path):
                return self._archive(path)
        return None

    def _archive(self, path: Path) -> "_Archive":
        if path not in self._archives:
            self._archives[path] = _Archive(path)
        return self._archives[path]


def _collection(image: AnnotatedImage) -> str:
    return image.folder.split("/")[0]


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
    """A zip file: its images by their path from the collection on, and the annotations."""

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
            if parts[-1] == ANNOTATIONS:
                self._members.setdefault(ANNOTATIONS, member)
                self._parts.add(ANNOTATIONS)
            # Any folder near the top may be a collection: the annotations say which are.
            for index, part in enumerate(parts[:-1][: _FOLDERS_ABOVE + 1]):
                self._members.setdefault("/".join(parts[index:]), member)
                self._parts.add(part)

    def __contains__(self, collection_or_annotations: str) -> bool:
        return collection_or_annotations in self._parts

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

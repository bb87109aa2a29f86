"""The pictures of a folder, and what tells that they are still the same."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.runtime.image_io import MAX_PIXELS
from emo_tf.runtime.picture_size import upright_size


@dataclass(frozen=True)
class PictureEntry:
    """A picture that the answers file knows.

    Attributes:
        id: Number of the picture in the file.
        path: With `/`, relative to the folder.
        width: Of the upright picture in pixels.
        height: Of the upright picture in pixels.
        error: Why it cannot be read, in which case it has no size; `None` otherwise.
    """

    id: int
    path: str
    width: int
    height: int
    error: str | None = None


@dataclass(frozen=True)
class PictureStamp:
    """What changes with a file, without a look into it: `size` in bytes and `mtime_ns`."""

    size: int
    mtime_ns: int


@dataclass(frozen=True)
class PictureContent:
    """What a look into a picture's file shows.

    Attributes:
        sha256: Of its bytes; empty where these cannot be read.
        width: Of the upright picture in pixels, 0 where it is unreadable.
        height: Likewise.
        error: Why it cannot be read; `None` otherwise.
    """

    sha256: str
    width: int = 0
    height: int = 0
    error: str | None = None


class PictureFolder:
    """Pictures to annotate.

    Args:
        directory: The folder.
        files: Pictures in it, or in folders of it, in the order in which they are shown.
        max_pixels: Limit on width times height of a picture; larger ones count as unreadable.

    Attributes:
        directory: The folder.
        paths: Of the pictures, with `/`, relative to the folder, each once.

    Raises:
        EmoError: The folder is none, there is no picture, or one lies elsewhere.

    Example:
        >>> PictureFolder(Path("album"), [Path("album/day/x.jpg")]).paths
        ('day/x.jpg',)
    """

    def __init__(
        self, directory: Path, files: Sequence[Path], *, max_pixels: int = MAX_PIXELS
    ) -> None:
        self.directory = Path(directory)
        # Path would raise where the system refuses the name.
        if not os.path.isdir(directory):  # noqa: PTH112
            received = "a file" if os.path.lexists(directory) else "no such folder"
            raise EmoError(f"{directory}: expected a folder with pictures. Received: {received}")
        if not files:
            raise EmoError(f"{directory}: expected a folder with pictures. Received: none in it")
        self.paths = tuple(dict.fromkeys(map(self._relative, files)))
        self._max_pixels = max_pixels

    @property
    def name(self) -> str:
        """The folder's own name, without what it lies in."""
        return self.directory.resolve().name

    def file(self, path: str) -> Path:
        """Returns where a picture lies."""
        return self.directory / path

    def stamp(self, path: str) -> PictureStamp | None:
        """Returns size and time of change of a picture's file, `None` where they cannot be had."""
        try:
            state = self.file(path).stat()
        except (OSError, ValueError):
            return None
        return PictureStamp(state.st_size, state.st_mtime_ns)

    def content(self, path: str) -> PictureContent:
        """Reads a picture's file once, without decoding it; what is wrong with it comes along."""
        digest = ""
        try:
            if not self.file(path).is_file():  # others, such as pipes, may never end
                raise EmoError(f"{path}: expected a picture. Received: no file")
            with self.file(path).open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
                stream.seek(0)
                width, height = upright_size(stream, max_pixels=self._max_pixels, name=path)
        except EmoError as error:
            return PictureContent(digest, error=str(error))
        except (OSError, ValueError) as error:
            problem = getattr(error, "strerror", None) or error
            return PictureContent("", error=f"{path}: expected a picture. Received: {problem}")
        return PictureContent(digest, width, height)

    def _relative(self, file: Path) -> str:
        try:
            return Path(file).relative_to(self.directory).as_posix()
        except ValueError as error:
            raise EmoError(f"{file}: expected a picture in {self.directory}") from error

"""One picture that a pipeline found."""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from apache_beam.io.filesystem import FileMetadata
from apache_beam.io.filesystems import FileSystems

from emo_tf.beam.addresses import READ_ERRORS

_MAGIC = ("*", "?", "[")
_ANY_FOLDERS = "**/"


@dataclass(frozen=True)
class SourceFile:
    """One picture by its path, and by what tells that it has changed.

    Attributes:
        name: Path or address, as given or found.
        stamp: Size and time of change where the file system tells; empty where it does not.
        error: Why there is nothing to read; `None` otherwise.
    """

    name: str
    stamp: str = ""
    error: str | None = None

    @classmethod
    def local(cls, name: str, error: str | None = None) -> "SourceFile":
        """Returns a file of this machine with its stamp; it need not exist."""
        try:
            state = os.stat(name)  # noqa: PTH116 (Path would tidy the name)
        except (OSError, ValueError):
            return cls(name, error=error)
        return cls(name, f"{state.st_size} {state.st_mtime_ns}", error)

    @property
    def key(self) -> bytes:
        """The name as bytes, also where it is no valid UTF-8."""
        return self.name.encode("utf-8", "surrogatepass")

    def shard(self, shards: int) -> int:
        """Returns the number of the shard that the picture belongs to, by its name alone."""
        return int.from_bytes(hashlib.sha256(self.key).digest()[:8]) % shards


def find_remote(address: str, suffixes: tuple[str, ...]) -> Iterator[SourceFile]:
    """Finds pictures on one of Beam's file systems.

    A folder stands for the pictures in it and in its folders, those with hidden names left out; a
    pattern (`*`, `?`, `[]`, and `**/` for any folders or none) for the pictures that match it; a
    file that is named itself is taken whatever its ending.

    Args:
        address: What to look for, such as `gs://bucket/album/**/*.jpg`.
        suffixes: Endings of pictures, in lower case.

    Yields:
        The pictures, or one entry with its `error` where nothing was found.
    """
    is_pattern = any(sign in address for sign in _MAGIC)
    found = False
    try:
        if not is_pattern and not address.endswith("/"):
            for file in _matches(address):
                found = True
                yield _with_stamp(file)
        if not found:
            for file in _below(address if is_pattern else f"{address.rstrip('/')}/**"):
                if PurePosixPath(file.path).suffix.lower() in suffixes:
                    found = True
                    yield _with_stamp(file)
    except READ_ERRORS as error:
        found = True
        yield SourceFile(address, error=f"{address}: cannot be listed ({error})")
    if not found:
        what = "pattern that matches pictures" if is_pattern else "picture or a folder of pictures"
        yield SourceFile(address, error=f"{address}: expected a {what}. Received: none found")


def _below(pattern: str) -> Iterator[FileMetadata]:
    """Finds the files that match, without those that a sign of the pattern hides, as `glob` does.

    For Beam `**/` wants one folder at least, and any sign stands for a dot.
    """
    folder = re.match(r"[^*?[]*/", pattern).group()
    with_hidden = "/." in pattern.removeprefix(folder.rstrip("/"))
    for one in dict.fromkeys([pattern, pattern.replace(_ANY_FOLDERS, "")]):
        for file in _matches(one):
            if with_hidden or "/." not in file.path.removeprefix(folder.rstrip("/")):
                yield file


def _matches(pattern: str) -> list[FileMetadata]:
    return FileSystems.match([pattern])[0].metadata_list


def _with_stamp(file: FileMetadata) -> SourceFile:
    return SourceFile(file.path, f"{file.size_in_bytes} {file.last_updated_in_seconds}")

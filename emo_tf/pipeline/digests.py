"""Digests of files and folders, by which a change is noticed."""

import hashlib
import stat
from collections.abc import Iterator
from os import stat_result
from pathlib import Path

from emo_tf.export import folder


class Digests:
    """Takes digests; the contents of what has not been touched are read once.

    `None` is the digest of what is not there.
    """

    def __init__(self):
        self._contents: dict[tuple[Path, str], str] = {}

    def stamps(self, path: Path) -> str | None:
        """Returns a digest of the names, sizes and times of change of all files.

        It stands for their contents where reading these would take minutes: raw corpora and
        prepared data sets. A file of the same size and time counts as the same.
        """
        if not path.exists():
            return None
        whole = hashlib.sha256()
        for name, state in sorted(_files(path)):
            whole.update(f"{state.st_size} {state.st_mtime_ns} {name}\0".encode(errors="replace"))
        return whole.hexdigest()

    def contents(self, path: Path) -> str | None:
        """Returns the digest of a file, or of a folder, as `export.folder.digest` takes it."""
        stamps = self.stamps(path)
        if stamps is None:
            return None
        if (path, stamps) not in self._contents:
            self._contents[path, stamps] = folder.digest(path)
        return self._contents[path, stamps]


def _files(path: Path) -> Iterator[tuple[str, stat_result]]:
    if path.is_file():
        yield "", path.stat()
    for item in path.rglob("*"):
        try:
            state = item.stat()
        except FileNotFoundError:
            continue  # a link to nothing
        if stat.S_ISREG(state.st_mode):
            yield item.relative_to(path).as_posix(), state

"""A file system for Beam that has only `shelf://` addresses, kept in a folder."""

from pathlib import Path

from apache_beam.io.filesystem import BeamIOError, FileMetadata
from apache_beam.io.localfilesystem import LocalFileSystem

SCHEME = "shelf"


class ShelfFileSystem(LocalFileSystem):
    """As stores of objects it knows no folders, and puts no file in another's place."""

    folder: Path | None = None
    """Where the files are."""

    @classmethod
    def scheme(cls):
        return SCHEME

    def join(self, basepath, *paths):
        return "/".join([basepath.rstrip("/"), *(path.strip("/") for path in paths)])

    def has_dirs(self):
        return False

    def _list(self, dir_or_prefix):
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                address = f"{SCHEME}://{path.relative_to(self.folder).as_posix()}"
                if address.startswith(dir_or_prefix):
                    yield self.metadata(address)

    def _path_open(self, path, mode, *arguments):
        return super()._path_open(str(self._place(path)), mode, *arguments)

    def create(self, path, *arguments, **options):
        self._place(path).parent.mkdir(parents=True, exist_ok=True)
        return self._path_open(path, "wb", *arguments, *options.values())

    def open(self, path, *arguments, **options):
        return self._path_open(path, "rb", *arguments, *options.values())

    def exists(self, path):
        return self._place(path).is_file()

    def metadata(self, path):
        if not self.exists(path):
            raise BeamIOError(f"Path does not exist: {path}")
        state = self._place(path).stat()
        return FileMetadata(path, state.st_size, state.st_mtime)

    def size(self, path):
        return self.metadata(path).size_in_bytes

    def rename(self, source_file_names, destination_file_names):
        for source, target in zip(source_file_names, destination_file_names, strict=True):
            if self.exists(target):
                raise BeamIOError(f"There is a file: {target}")
            self._place(target).parent.mkdir(parents=True, exist_ok=True)
            self._place(source).rename(self._place(target))

    def delete(self, paths):
        for path in paths:
            self._place(path).unlink()

    def _place(self, address):
        return self.folder / address.removeprefix(f"{SCHEME}://")

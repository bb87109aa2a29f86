"""Files by their addresses: paths of this machine, or what Beam's file systems know (`gs://...`)."""

import re
from pathlib import Path

from apache_beam.io.filesystem import BeamIOError, CompressionTypes
from apache_beam.io.filesystems import FileSystems

from emo_tf.errors import EmoError

# A single letter before the colon is a drive of Windows.
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_ONE_SLASH = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/(?!/)")
# A name that ends in .gz would else be unpacked on the way.
_AS_IT_IS = {"compression_type": CompressionTypes.UNCOMPRESSED}

READ_ERRORS = (OSError, BeamIOError, ValueError)
"""What Beam's file systems raise where something cannot be read."""


def is_remote(address: str) -> bool:
    """Whether an address is of another file system than this machine's."""
    return bool(_REMOTE.match(address))


def address_of(path: str | Path) -> str:
    """Returns an address as it is, also one that was taken for a path, or a path in full.

    `Path` takes one of the two slashes of `gs://bucket` away.
    """
    if isinstance(path, str) and is_remote(path):
        return path
    if _ONE_SLASH.match(str(path)):
        return _ONE_SLASH.sub(r"\1://", str(path), count=1)
    return str(Path(path).absolute())


def check_reachable(address: str, *, option: str) -> None:
    """Checks that Beam has a file system for an address.

    Args:
        address: The address.
        option: Where it was given, for messages.

    Raises:
        EmoError: It has none, or one whose extra is not installed.
    """
    try:
        FileSystems.get_filesystem(address)
    except ValueError as error:
        raise EmoError(
            f"{option}: expected a path, or an address of a file system that Beam has here "
            f"(gs:// comes with apache-beam[gcp], s3:// with apache-beam[aws]). Received: {address}"
        ) from error


def read_bytes(address: str) -> bytes:
    """Returns what a file holds.

    Raises:
        OSError: It cannot be read; or another of `READ_ERRORS`.
    """
    with FileSystems.open(address, **_AS_IT_IS) as stream:
        return stream.read()


def write_bytes(address: str, content: bytes) -> None:
    """Writes a file; whoever reads it meanwhile may see a part.

    Args:
        address: Where, in the words of Beam's file systems.
        content: The whole file.
    """
    with FileSystems.create(address, **_AS_IT_IS) as stream:
        stream.write(content)


def remove(address: str) -> None:
    """Removes a file if it is there."""
    if FileSystems.exists(address):
        FileSystems.delete([address])


def local_file(address: str, folder: Path) -> Path:
    """Returns the file itself, or for one of another file system a copy in a new folder.

    Args:
        address: The file.
        folder: Where a copy may be put, under the file's name.

    Raises:
        EmoError: A remote file cannot be read.
    """
    if not is_remote(address):
        return Path(address)
    copy = folder / address.rstrip("/").rpartition("/")[2]
    try:
        content = read_bytes(address)
    except READ_ERRORS as error:
        raise EmoError(f"{address}: expected a file. Received: {error}") from error
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(content)
    return copy

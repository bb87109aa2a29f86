"""Tells what a file is from its first bytes, whatever it is called."""

from emo_tf.checkpoints import legacy_file, safetensors_file, zip_file
from emo_tf.errors import EmoError

_LONGEST_HEADER = 100_000_000  # what the safetensors package allows
_MAGIC = legacy_file.MAGIC_NUMBER.to_bytes(10, "little")
HEAD_SIZE = 512
"""How many of the first bytes it takes."""

_OTHERS = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, perhaps of Keras"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x93NUMPY", "a .npy file of numpy"),
    (b"version https://git-lfs", "a pointer of Git LFS, without the file that it points to"),
    (b"\x80", "a pickle that torch.save did not write"),
)


def file_format(head: bytes) -> str:
    """Returns the format of a file: that of one of the readers.

    Args:
        head: The first `HEAD_SIZE` bytes, or all if there are fewer.

    Raises:
        EmoError: It is none of them; the message says what it is where that is known.
    """
    if head.startswith(b"PK\x03\x04"):
        return zip_file.FORMAT
    if _MAGIC in head[:32]:
        return legacy_file.FORMAT
    length = safetensors_file.header_end(head) - 8
    if head[8:9] == b"{" and 2 <= length <= _LONGEST_HEADER:
        return safetensors_file.FORMAT
    raise EmoError(
        f"expected a file of torch.save or of safetensors. Received: {_other_kind(head)}"
    )


def _other_kind(head: bytes) -> str:
    if not head:
        return "an empty file"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")):
        return (
            "an HTML page, as a download link may give that leads nowhere or wants to be confirmed"
        )
    if head[257:262] == b"ustar":
        return "a tar archive, perhaps of torch before 0.1.10, whose format cannot be read"
    for start, kind in _OTHERS:
        if head.startswith(start):
            return kind
    return f"a file that begins with {head[:16]!r}"

"""A stream that can be read in so many pieces, and so many bytes, only."""

from typing import BinaryIO

from emo_tf.errors import EmoError


class BoundedReads:
    """A picture's stream that refuses to be read in more pieces than a sound one is, or for longer.

    Pillow walks over comments and chunks one by one, and joins what GIF comments hold piece by
    piece: 16 MB of them keep it busy for minutes. Thousands of a TIFF's tags may stand for the same
    megabytes, of which it keeps a copy for each.

    Args:
        stream: What to read from; it can be sought in.
        reads: How many reads there may be.
        size: How many bytes they may return together.

    Attributes:
        reads_left: How many reads there may still be.
        bytes_left: How many bytes they may still return.

    Example:
        >>> BoundedReads(BytesIO(b"GIF89a"), reads=1, size=6).read(3)
        b'GIF'
    """

    def __init__(self, stream: BinaryIO, *, reads: int, size: int):
        self.reads_left, self.bytes_left = reads, size
        self._stream = stream
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int = -1, /) -> bytes:
        """Returns the next bytes.

        Raises:
            EmoError: There have been too many reads, or too many bytes.
        """
        self.reads_left -= 1
        if self.reads_left < 0:
            raise EmoError("thousands of tiny parts")
        found = self._stream.read(size)
        self.bytes_left -= len(found)
        if self.bytes_left < 0:
            raise EmoError("parts that stand for the same bytes again and again")
        return found

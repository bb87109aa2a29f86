"""How many scans a JPEG file has."""

import re

from emo_tf.errors import EmoError

MAX_SCANS = 200
"""An encoder writes about ten, and each makes a decoder walk over the whole picture."""

_MAX_SEGMENTS = 5_000
# Within a scan FF stands before 0 or the number of a restart; before FF it fills.
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
_END, _SCAN = 0xD9, 0xDA
_WITHOUT_LENGTH = 0x01, 0xD8


def check_scans(jpeg: bytes) -> None:
    """Checks that a JPEG file is not made of scans: 1 MB can hold 100,000, for minutes of work.

    Args:
        jpeg: The file; what follows the end of its picture does not count.

    Raises:
        EmoError: There are more than `MAX_SCANS`, or thousands of other segments.

    Reference:
        ITU-T T.81, B.1.1.2 and B.2.
    """
    place = scans = segments = 0
    while found := _MARKER.search(jpeg, place):
        marker, place = found[1][0], found.end()
        if marker == _END:
            return
        scans += marker == _SCAN
        segments += 1
        if scans > MAX_SCANS or segments > _MAX_SEGMENTS:
            raise EmoError(
                f"expected at most {MAX_SCANS} scans and {_MAX_SEGMENTS:,} segments. Received: more"
            )
        if marker not in _WITHOUT_LENGTH:
            place += int.from_bytes(jpeg[place : place + 2], "big")

"""Keeps notices of native libraries off stderr."""

import contextlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator

# The file descriptor belongs to the whole process: two threads must not swap it crosswise.
_LOCK = threading.Lock()
_STDERR = 2


@contextlib.contextmanager
def without_lines(beginning: bytes) -> Iterator[None]:
    """Drops lines from what native code writes to stderr meanwhile.

    All else is passed on when the block ends. Meant for short blocks.

    Args:
        beginning: Regular expression that the beginning of a line to drop matches.
    """
    if sys.stderr is None:  # closed from the start; the number 2 may be another file's by now
        yield
        return
    sys.stderr.flush()
    with _LOCK, tempfile.TemporaryFile() as captured:
        original = os.dup(_STDERR)
        os.dup2(captured.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(original, _STDERR)
            os.close(original)
            captured.seek(0)
            for line in captured:
                if not re.match(beginning, line):
                    os.write(_STDERR, line)

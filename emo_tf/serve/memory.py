"""How the memory of pictures goes back to the system."""

import ctypes
import sys


def return_free_memory() -> None:
    """Has glibc give back the pages that are free in its heaps, in milliseconds.

    By itself it keeps what pictures of all sizes have left in the heaps of several threads.
    Elsewhere nothing changes.

    Reference:
        malloc_trim(3).
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)

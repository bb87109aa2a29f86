"""A disk that is full, as far as one process is concerned."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

_ITSELF = 0


@contextmanager
def largest_file(size: int, *, process: int = _ITSELF) -> Iterator[None]:
    """Lets a process, this one by default, write no file beyond so many bytes."""
    limit, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (limit, most))

"""Files that appear whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replace_whole(path: Path) -> Iterator[Path]:
    """Yields a temporary sibling of `path` that takes its name once the block ends well.

    An error inside the block leaves what stood at `path` as it was. The sibling keeps the
    suffixes of `path`, by which libraries choose a format.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

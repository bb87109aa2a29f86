"""Files that appear whole or not at all."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from emo_tf.errors import EmoError


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


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yields a temporary sibling of `path`, a folder that takes its name once the block ends well.

    An error inside the block leaves nothing.

    Raises:
        EmoError: Something stands at `path` that is not an empty folder.
    """
    path = Path(path)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise EmoError(
            f"{path}: expected a new or empty folder. Received: one that holds something"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    temporary.mkdir()
    try:
        yield temporary
        if path.exists():
            path.rmdir()
        temporary.rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)

"""Files that appear whole or not at all, and what is read of them."""

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from emo_tf.errors import EmoError


def read_object(path: Path, *, expected: str = "what training wrote") -> dict:
    """Returns what stands in a JSON file that holds an object.

    Args:
        path: The file.
        expected: What it should be, for messages.

    Raises:
        EmoError: There is no such file, it cannot be read, or it holds anything but an object.
    """
    try:
        values = json.loads(Path(path).read_text("utf-8"))
    except FileNotFoundError as error:
        raise EmoError(f"{path}: expected {expected}. Received: no such file") from error
    except OSError as error:
        reason = f"a file that cannot be read ({error.strerror})"
        raise EmoError(f"{path}: expected {expected}. Received: {reason}") from error
    except (ValueError, RecursionError) as error:  # ValueError also of endless numbers.
        raise EmoError(f"{path}: expected JSON. Received: {error}") from error
    if not isinstance(values, dict):
        raise EmoError(f"{path}: expected an object of JSON. Received: {type(values).__name__}")
    return values


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


def check_replaceable(
    path: Path, *, expected: str, known: Callable[[str], bool], mark: str
) -> bool:
    """Checks that a folder can be replaced without a loss.

    Args:
        path: Where the folder is to be.
        expected: What may stand there, for messages.
        known: Whether a file or folder of that name in it is ours.
        mark: The file without which a folder that holds something is not ours.

    Returns:
        Whether there is something to replace.

    Raises:
        EmoError: There is a file, or a folder that holds anything else.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise EmoError(f"{path}: expected {expected}. Received: a file")
    names = sorted(item.name for item in path.iterdir()) if path.exists() else []
    strange = [name for name in names if not known(name)]
    if strange or (names and mark not in names):
        first = (strange or names)[0]
        raise EmoError(f"{path}: expected {expected}. Received: one that holds {first}")
    return bool(names)


@contextlib.contextmanager
def replace_folder(path: Path) -> Iterator[Path]:
    """Yields a new folder that takes the name `path` once the block ends well.

    A folder that is there already is replaced then, and not touched before.
    """
    path = Path(path).resolve()
    fresh, before = (
        path.with_name(f".{os.getpid()}.{when}.{path.name}") for when in ("new", "before")
    )
    try:
        with new_folder(fresh) as folder:
            yield folder
        if path.exists():
            path.rename(before)
        try:
            fresh.rename(path)
        except OSError:
            if before.exists():
                before.rename(path)
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(before, ignore_errors=True)

"""The folder of a served model: ROOT/MODEL, with one folder a version, named by its number.

TensorFlow Serving looks there every second and serves the highest number. It passes over every
other name, and over what a version holds in `assets.extra`: the `.tflite` files among it are what
`emo-tf serve` takes.
"""

import errno
import os
import re
import shutil
import uuid
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.export.folder import REPORT

SAVED_MODEL_FILE = "saved_model.pb"
EXTRA = "assets.extra"

# TensorFlow Serving reads 64 bits, and `007` as 7.
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_HIDDEN = re.compile(r"\.emo_tf\.[0-9a-f]{32}")


def is_number(name: str) -> bool:
    """Returns whether a name is that of a version: an integer without a sign or leading zeros."""
    return _NUMBER.fullmatch(name) is not None


def versions(root: Path) -> list[int]:
    """Returns the versions of a served model in rising order; none if there is no such folder.

    Args:
        root: The folder of the model, ROOT/MODEL.

    Raises:
        EmoError: It is a file, or holds anything but versions and what a push is writing.
    """
    try:
        items = sorted(Path(root).iterdir())
    except FileNotFoundError:
        return []
    except NotADirectoryError as error:
        raise EmoError(
            f"{root}: expected a folder. Received: a file, or a path below one"
        ) from error
    numbers = []
    for item in items:
        if _is_version(item):
            numbers.append(int(item.name))
        # Another push may have removed it since the folder was listed.
        elif not _is_hidden(item) and os.path.lexists(item):
            raise EmoError(
                f"{root}: expected the folder of one served model, ROOT/MODEL, that holds its "
                f"versions alone. Received: {_describe(item)}"
            )
    return sorted(numbers)


def report_folder(path: Path) -> Path:
    """Returns the folder that holds the report of an export or of a served model.

    Args:
        path: An export: itself; a served version: its `assets.extra`; the folder of a served
            model, ROOT/MODEL: that of its highest version.

    Raises:
        EmoError: The path is none of them, or the version was served without a report.
    """
    path = version = Path(path)
    if (path / REPORT).is_file():
        return path
    if not (path / SAVED_MODEL_FILE).is_file():
        try:
            version = path / str(max(versions(path)))
        except ValueError as error:  # an EmoError too
            received = "none of them" if path.exists() else "no such folder"
            raise EmoError(
                f"{path}: expected an export, a served version or the folder of a served model. "
                f"Received: {received}"
            ) from error
    if not (version / EXTRA / REPORT).is_file():
        raise EmoError(
            f"{version}: expected a version that `emo-tf push` wrote. "
            f"Received: one without {EXTRA}/{REPORT}"
        )
    return version / EXTRA


def new_hidden(root: Path) -> Path:
    """Returns a path in a served model that no server looks at and that nobody has taken."""
    return Path(root) / f".emo_tf.{uuid.uuid4().hex}"


def remove_hidden(root: Path) -> None:
    """Removes what pushes that were killed have left in a served model, as far as it can be."""
    for item in Path(root).iterdir():
        if _is_hidden(item):
            shutil.rmtree(item, ignore_errors=True)


def place(version: Path, root: Path) -> Path:
    """Renames a hidden folder to the next version of a served model and returns its new path.

    Args:
        version: The hidden folder.
        root: The served model's folder.
    """
    while True:
        number = max(versions(root), default=0) + 1
        try:
            return version.rename(Path(root) / str(number))
        except OSError as error:
            # Another push has taken the number.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise


def remove_old(root: Path, *, keep: int) -> list[Path]:
    """Removes all versions of a served model but the highest.

    Each is hidden first, so that none is served in part. What cannot be removed stays hidden.

    Args:
        root: The folder of the model.
        keep: How many to keep, at least 1.

    Returns:
        The versions that are gone, in rising order.
    """
    removed = []
    for number in versions(root)[:-keep]:
        version, hidden = Path(root) / str(number), new_hidden(root)
        try:
            version.rename(hidden)
        except FileNotFoundError:
            continue  # another push was faster
        shutil.rmtree(hidden, ignore_errors=True)
        removed.append(version)
    return removed


def _is_version(item: Path) -> bool:
    return is_number(item.name) and not item.is_symlink() and (item / SAVED_MODEL_FILE).is_file()


def _is_hidden(item: Path) -> bool:
    return _HIDDEN.fullmatch(item.name) is not None and item.is_dir() and not item.is_symlink()


def _describe(item: Path) -> str:
    """Returns what an item of a served model is that should not be there."""
    if item.is_symlink():
        return f"{item.name}, a link"
    if is_number(item.name):
        return f"{item.name}, no folder with {SAVED_MODEL_FILE}"
    if item.is_dir() and any(_is_version(one) for one in item.iterdir()):
        return f"a ROOT of models, among them {item.name}"
    return f"one that holds {item.name}"

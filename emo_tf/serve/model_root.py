"""What lies in ROOT: a folder a model, in it a folder a version, named by its number."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.export.folder import EXPORTED, best_tflite
from emo_tf.export.served_root import EXTRA, is_number
from emo_tf.runtime.expression import DEFAULT_MODEL
from emo_tf.weights import weight_path

SHIPPED_NAME = "expression"
SHIPPED_NUMBER = 1

_NAME = re.compile(r"[A-Za-z0-9_.-]+")  # what a URL holds as it is


@dataclass(frozen=True)
class ModelVersion:
    """One version of a model, as it lies on the disk.

    Attributes:
        name: The model's name.
        number: The version.
        folder: The folder of the version.
        file: The `.tflite` file in it to load; `None` where there is none to choose.
        stamp: Inode, time of the last change in ns and bytes of the file: another file, even of
            the same name, has another stamp.
    """

    name: str
    number: int
    folder: Path
    file: Path | None
    stamp: tuple[int, ...] = ()


@dataclass(frozen=True)
class RootContents:
    """What a look at ROOT found.

    Attributes:
        models: The versions of each model, the highest first; no model is without any.
        unreadable: Why the versions of a model could not be told, by its name.
        misnamed: Folders with versions whose names cannot be in a URL.
    """

    models: Mapping[str, tuple[ModelVersion, ...]]
    unreadable: Mapping[str, str]
    misnamed: tuple[str, ...] = ()


def read_root(root: Path) -> RootContents:
    """Looks which versions of which models there are.

    Links, hidden folders and whatever else is called by no number are passed over.

    Args:
        root: ROOT, which holds ROOT/MODEL/NUMBER as `emo-tf push` writes them, or with an export
            copied into NUMBER.

    Raises:
        EmoError: ROOT is no folder, or cannot be read.
    """
    try:
        folders = sorted(_folders(Path(root)))
    except OSError as error:
        raise EmoError(
            f"{root}: expected a folder of models, ROOT/MODEL/NUMBER. Received: {error.strerror}"
        ) from error
    models, unreadable, misnamed = {}, {}, []
    for folder in folders:
        if folder.name.startswith("."):
            continue
        try:
            versions = _versions(folder)
        except FileNotFoundError:
            continue  # removed since ROOT was listed
        except OSError as error:
            unreadable[folder.name] = f"{folder}: expected a folder. Received: {error.strerror}"
            continue
        if versions and not _NAME.fullmatch(folder.name):
            misnamed.append(folder.name)
        elif versions:
            models[folder.name] = versions
    return RootContents(models, unreadable, tuple(misnamed))


def shipped_version() -> ModelVersion:
    """Returns the expression model that comes with the package."""
    file = weight_path(DEFAULT_MODEL)
    return ModelVersion(SHIPPED_NAME, SHIPPED_NUMBER, file.parent, file, _stamp(file))


def no_file(version: ModelVersion) -> EmoError:
    """Returns the error for a version without a `.tflite` file to load."""
    return EmoError(
        f"{version.folder}: expected {', '.join(EXPORTED)} or one other .tflite file, there or in "
        f"{EXTRA}. Received: none of them"
    )


def _folders(path: Path) -> Iterator[Path]:
    return (item for item in path.iterdir() if item.is_dir() and not item.is_symlink())


def _versions(folder: Path) -> tuple[ModelVersion, ...]:
    numbers = [int(item.name) for item in _folders(folder) if is_number(item.name)]
    versions = (_version(folder, number) for number in sorted(numbers, reverse=True))
    return tuple(version for version in versions if version is not None)


def _version(model: Path, number: int) -> ModelVersion | None:
    folder = model / str(number)
    try:
        file = best_tflite(folder / EXTRA) or best_tflite(folder)
        stamp = _stamp(file) if file else ()
    except FileNotFoundError:
        return None  # removed since the model's folder was listed
    return ModelVersion(model.name, number, folder, file, stamp)


def _stamp(file: Path) -> tuple[int, ...]:
    status = file.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size

"""Pushing: a blessed export becomes the next version of a served model, whole or not at all."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.export.folder import BLESSING, SAVED_MODEL, digest, read_json, read_report
from emo_tf.export.served_root import (
    EXTRA,
    SAVED_MODEL_FILE,
    is_number,
    new_hidden,
    place,
    remove_hidden,
    remove_old,
    versions,
)


@dataclass(frozen=True)
class Pushed:
    """What a push did.

    Attributes:
        version: The folder that is served now, ROOT/MODEL/NUMBER.
        removed: The older versions that are gone, in rising order.
    """

    version: Path
    removed: tuple[Path, ...]


def push(export: Path, to: Path, *, keep: int = 3) -> Pushed:
    """Copies a blessed export to a served model, as its next version.

    The copy is made in a hidden folder, on the disk before it takes its number in one step; a
    process that is killed leaves at most hidden folders, which the next push removes. Pushes at
    the same time make a version each.

    Args:
        export: The export. Its `saved_model` is served; its other files go along in the
            `assets.extra` of the version.
        to: The folder of the served model, ROOT/MODEL; made if there is none.
        keep: How many versions to keep, the new one among them.

    Raises:
        EmoError: `keep` is less than 1, the export is not blessed, has no `saved_model`, holds
            links or changes while it is copied, or `to` is no folder of a served model.
        OSError: The disk is full, or the like. The message says what is served.
    """
    export, to = Path(export), Path(to)
    if keep < 1:
        raise EmoError(f"keep: expected at least 1 version. Received: {keep}")
    _check_apart(export, to)
    check_blessed(export)
    versions(to)
    with _outcome("nothing of the export is served", to):
        to.mkdir(parents=True, exist_ok=True)
    with _lock(to):
        with _outcome("nothing of the export is served", to), _hidden_folder(to) as copy:
            _copy(export, copy)
            _check_unchanged(export, copy)
            version = place(_as_version(copy), to)
        with _outcome(f"{version} is served, but older versions may be left", to):
            _write_through(to)
            removed = remove_old(to, keep=keep)
    return Pushed(version, tuple(removed))


def check_blessed(export: Path) -> None:
    """Checks that an export can be served and was blessed as it is now.

    Raises:
        EmoError: It is no export, has no `saved_model`, holds a link or a device, or has no
            blessing, that of another export, or one that says no.
    """
    read_report(export)
    if not (export / SAVED_MODEL / SAVED_MODEL_FILE).is_file():
        raise EmoError(f"{export}: expected an export with {SAVED_MODEL}. Received: one without")
    for item in export.rglob("*"):
        if item.is_symlink() or not (item.is_file() or item.is_dir()):
            raise EmoError(
                f"{export}: expected files and folders alone. "
                f"Received: {item.relative_to(export)}, a link or a device"
            )
    blessing = read_json(export, BLESSING, kind="a blessed export")
    here, blessed = digest(export), blessing.get("export_sha256")
    if blessed != here:
        raise EmoError(
            f"{export}: expected a blessing of this export ({here[:12]}). "
            f"Received: a blessing of another export ({str(blessed)[:12]})"
        )
    if blessing.get("blessed") is not True:
        reasons = blessing.get("reasons")
        listed = "; ".join(map(str, reasons)) if isinstance(reasons, list) else reasons
        raise EmoError(f"{export}: expected a blessed export. Received: one that is not: {listed}")


def _check_apart(export: Path, to: Path) -> None:
    source, target = export.resolve(), to.resolve()
    if source == target or source in target.parents or target in source.parents:
        raise EmoError(f"{to}: expected a folder apart from the export. Received: export={export}")
    if is_number(target.name):
        raise EmoError(
            f"{to}: expected the folder of a served model, ROOT/MODEL, whose next version is "
            f"chosen for you. Received: the version {target.name}"
        )


@contextmanager
def _outcome(outcome: str, to: Path) -> Iterator[None]:
    """Says in an error of the system what it means for those who are served."""
    try:
        yield
    except OSError as error:
        place_of_it = str(error.filename or to)
        raise OSError(error.errno, f"{error.strerror}; {outcome}", place_of_it) from error


@contextmanager
def _lock(to: Path) -> Iterator[None]:
    """Tells other pushes that one is running. Only one that runs alone removes leftovers."""
    descriptor = os.open(to, os.O_RDONLY)
    try:
        # Refused where another push holds the lock, and by network drives: they lock files alone.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove_hidden(to)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _hidden_folder(to: Path) -> Iterator[Path]:
    folder = new_hidden(to)
    try:
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(export: Path, copy: Path) -> None:
    """Copies names and contents; the modes are those of new files, as the server reads them."""
    last = export / SAVED_MODEL / SAVED_MODEL_FILE
    for item in sorted(export.rglob("*"), key=lambda item: (item == last, item)):
        target = copy / item.relative_to(export)
        if item.is_dir():
            target.mkdir()
            continue
        with item.open("rb") as reading, target.open("xb") as writing:
            shutil.copyfileobj(reading, writing)
            writing.flush()
            os.fsync(writing.fileno())


def _check_unchanged(export: Path, copy: Path) -> None:
    try:
        check_blessed(copy)
    except EmoError as error:
        raise EmoError(
            f"{export}: expected an export that stays as it is while it is copied. "
            "Received: one that changed"
        ) from error


def _as_version(copy: Path) -> Path:
    """Moves the files around the SavedModel of a copy into it, all on the disk; returns it."""
    version = copy / SAVED_MODEL
    extra = version / EXTRA
    extra.mkdir(exist_ok=True)
    for item in sorted(copy.iterdir()):
        if item == version:
            continue
        if (extra / item.name).exists():
            raise EmoError(
                f"{SAVED_MODEL}/{EXTRA}: expected no {item.name}, as that of the export goes "
                "there. Received: one"
            )
        item.rename(extra / item.name)
    for folder, _, _ in os.walk(version):
        _write_through(Path(folder))
    return version


def _write_through(folder: Path) -> None:
    """Waits until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

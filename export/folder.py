"""The folder of an export: what lies in it, and which export it is."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.files import replace_folder
from emo_tf.model_metadata import FILE_NAME

SAVED_MODEL = "saved_model"
LABELS = "labels.txt"
REPORT = "report.json"
CARD = "model_card.md"
BLESSING = "blessing.json"
FORMAT_VERSION = 1
_TFLITE = "model_{}.tflite"
PRECISIONS = ("float16", "float32", "int8")
"""Those of `.tflite` files, what is taken first coming first."""

EXPORTED = tuple(map(_TFLITE.format, PRECISIONS))
"""The `.tflite` files that an export writes, in this order."""

_NAMES = {SAVED_MODEL, LABELS, REPORT, CARD, BLESSING, FILE_NAME}
_MODEL_FILE = re.compile(r"model_\w+\.tflite|model\.onnx|openvino")


def tflite_name(precision: str) -> str:
    """Returns the name of the `.tflite` file of a precision in an export."""
    return _TFLITE.format(precision)


def best_tflite(folder: Path) -> Path | None:
    """Returns the `.tflite` file to load of a folder, `None` where there is none to choose.

    Float16 is taken before float32 and int8: nearly as exact as float32 and half as large. Of
    files with other names there must be one alone.
    """
    files = {file.name: file for file in Path(folder).glob("*.tflite") if file.is_file()}
    for name in EXPORTED:
        if name in files:
            return files[name]
    others = [file for name, file in files.items() if not name.startswith(".")]
    return others[0] if len(others) == 1 else None


def digest(path: Path) -> str:
    """Returns the SHA-256 of a file, or of a folder: of the names and contents of all its files.

    The blessing of an export is no part of it, so that it can name what it blesses.
    """
    path = Path(path)
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    whole = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        name = file.relative_to(path).as_posix()
        if name != BLESSING:
            whole.update(f"{digest(file)} {name}\n".encode())
    return whole.hexdigest()


def read_report(export: Path) -> dict:
    """Returns the report of an export.

    Raises:
        EmoError: The folder is no export, or its report is damaged or of a later format.
    """
    return read_json(export, REPORT, kind="an export")


def read_json(folder: Path, name: str, *, kind: str) -> dict:
    """Returns what stands in a JSON file that this package wrote into a folder.

    Args:
        folder: The folder.
        name: The file in it.
        kind: What a folder with such a file is, for messages.

    Raises:
        EmoError: There is no such folder or file, or it is damaged or of a later format.
    """
    path = Path(folder) / name
    try:
        values = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        received = f"no {name} in it" if Path(folder).is_dir() else "no such folder"
        raise EmoError(f"{folder}: expected {kind}. Received: {received}") from error
    except (OSError, ValueError) as error:
        raise EmoError(f"{path}: expected what emo_tf wrote. Received: {error}") from error
    version = values.get("format") if isinstance(values, dict) else None
    if version != FORMAT_VERSION:
        raise EmoError(f"{path}: expected format {FORMAT_VERSION}. Received: {version}")
    return values


def largest_relative(file: Mapping) -> float:
    """Returns a file's largest difference from Keras, over its outputs and interpreters."""
    return max(
        figures["relative"]
        for outputs in file["difference"].values()
        for figures in outputs.values()
    )


def check_export_folder(path: Path) -> None:
    """Checks that an export can be written to a folder without a loss.

    Raises:
        EmoError: There is a file, or a folder that holds anything but an earlier export.
    """
    path = Path(path)
    standing = next(one for one in (path, *path.resolve().parents) if one.exists())
    if not standing.is_dir():
        raise EmoError(f"{path}: expected a folder to write to. Received: {standing}, a file")
    names = sorted(item.name for item in path.iterdir()) if path.exists() else []
    strange = [name for name in names if name not in _NAMES and not _MODEL_FILE.fullmatch(name)]
    if strange:
        raise EmoError(
            f"{path}: expected a new or empty folder, or one of an earlier export. "
            f"Received: one that holds {strange[0]}"
        )


@contextmanager
def export_folder(path: Path) -> Iterator[Path]:
    """Yields a new folder that takes the name `path` once the block ends well.

    An export that is there already is replaced then, its blessing with it, and not touched before.

    Raises:
        EmoError: As `check_export_folder`.
    """
    check_export_folder(path)
    with replace_folder(path) as folder:
        yield folder

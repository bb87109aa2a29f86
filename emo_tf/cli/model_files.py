"""Which files the words after `--model` stand for."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.export.folder import tflite_name
from emo_tf.model_metadata import ModelMetadata
from emo_tf.runtime.litert import check_is_tflite

EXPRESSION = "expression"
EMOTIC = "emotic"
EXPORTED = tuple(map(tflite_name, ("float16", "float32", "int8")))
"""What an export writes, what is taken first coming first."""

EXPORT_FOLDER = "export"
_KERAS_SUFFIX = ".keras"
_CONFIG = "config.json"
_RUN_FILES = (_CONFIG, "model.keras")


def models_by_task(paths: Sequence[Path]) -> dict[str, Path]:
    """Finds out what each model is for.

    Args:
        paths: `.tflite` files, folders of exports, or runs with an export in them.

    Returns:
        The `.tflite` file by its task, `expression` or `emotic`.

    Raises:
        EmoError: A path leads to no model file, a model is of another task, or two of one.
    """
    found = {}
    for path in paths:
        file = model_file(path)
        check_is_tflite(file)
        task = ModelMetadata.read(file).task
        if task not in (EXPRESSION, EMOTIC):
            raise EmoError(
                f"{file}: expected a model of task {EXPRESSION} or {EMOTIC}. Received: {task}"
            )
        if task in found:
            raise EmoError(
                f"--model: expected one model of task {task}. Received: {found[task]} and {file}"
            )
        found[task] = file
    return found


def model_file(path: Path) -> Path:
    """Returns the file to load: `path` itself, or the best export in a folder or a run.

    Float16 is taken before float32 and int8: nearly as exact as float32 and half as large.

    Raises:
        EmoError: A folder holds no export, or `path` is a Keras file.
    """
    if path.suffix == _KERAS_SUFFIX and path.is_file():
        is_of_run = path.with_name(_CONFIG).is_file()
        raise _not_exported(path, "a Keras file", run=path.parent if is_of_run else path)
    if not path.is_dir():
        return path
    for folder in (path, path / EXPORT_FOLDER):
        for name in EXPORTED:
            if (folder / name).is_file():
                return folder / name
    if any((path / name).exists() for name in _RUN_FILES):
        raise _not_exported(path, "a run that has not been exported", run=path)
    raise EmoError(
        f"{path}: expected a folder with {', '.join(EXPORTED)} or a run. Received: neither"
    )


def _not_exported(path: Path, received: str, *, run: Path) -> EmoError:
    out = run.with_suffix("") if run.suffix == _KERAS_SUFFIX else run / EXPORT_FOLDER
    command = shlex.join(["emo-tf", "export", "--run", str(run), "--out", str(out)])
    return EmoError(f"{path}: expected an exported model. Received: {received}; {command}")

"""Which files the words after `--model` stand for."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.export.folder import EXPORTED, best_tflite
from emo_tf.model_metadata import EMOTIC, EXPRESSION, GROUP, VIDEO, ModelMetadata
from emo_tf.runtime.litert import check_is_tflite

EXPORT_FOLDER = "export"
_KERAS_SUFFIX = ".keras"
_CONFIG = "config.json"
_RUN_FILES = (_CONFIG, "model.keras")


@dataclass(frozen=True)
class Models:
    """The `.tflite` files that a command line names, by task.

    Attributes:
        expression: The model of faces, which for videos may be one of task video; the shipped one
            stands in for `None`.
        emotic: The model of people in their scenes, if there is one.
        group: The models of whole pictures of people, in their order.
    """

    expression: Path | None = None
    emotic: Path | None = None
    group: tuple[Path, ...] = ()


def models_by_task(paths: Sequence[Path], *, videos: bool = False) -> Models:
    """Finds out what each model is for.

    Args:
        paths: `.tflite` files, folders of exports, or runs with an export in them.
        videos: Whether videos are to be looked at, which models of task video are for.

    Returns:
        The `.tflite` files by their tasks.

    Raises:
        EmoError: A path leads to no model file, a model is of another task, or two of one of
            which one alone can be used.
    """
    places = {EXPRESSION: EXPRESSION, EMOTIC: EMOTIC} | ({VIDEO: EXPRESSION} if videos else {})
    found = {}
    group = []
    for path in paths:
        file = model_file(path)
        check_is_tflite(file)
        task = ModelMetadata.read(file).task
        if task == GROUP:
            group.append(file)
            continue
        if task not in places:
            hint = f"; {VIDEO} is for videos" if task == VIDEO else ""
            raise EmoError(
                f"{file}: expected a model of task {', '.join(places)} or {GROUP}. "
                f"Received: {task}{hint}"
            )
        if places[task] in found:
            raise EmoError(
                f"--model: expected one model of task {task}. "
                f"Received: {found[places[task]]} and {file}"
            )
        found[places[task]] = file
    return Models(**found, group=tuple(group))


def check_people_wanted(models: Models, wants: Sequence[str]) -> None:
    """Checks that there is a model of people where something is given that only it can use.

    Args:
        models: The models.
        wants: Options and files that are good for nothing without.

    Raises:
        EmoError: There is none; names the first of `wants`.
    """
    if wants and not models.emotic:
        raise EmoError(
            f"{wants[0]}: expected a model of people too, --model PATH of task {EMOTIC}. "
            "Received: none"
        )


def model_file(path: Path) -> Path:
    """Returns the file to load: `path` itself, or the best export in a folder or a run.

    Which of several is the best, `best_tflite` says.

    Raises:
        EmoError: A folder holds no export, or `path` is a Keras file.
    """
    if path.suffix == _KERAS_SUFFIX and path.is_file():
        is_of_run = path.with_name(_CONFIG).is_file()
        raise _not_exported(path, "a Keras file", run=path.parent if is_of_run else path)
    if not path.is_dir():
        return path
    for folder in (path, path / EXPORT_FOLDER):
        file = best_tflite(folder)
        if file is not None:
            return file
    if any((path / name).exists() for name in _RUN_FILES):
        raise _not_exported(path, "a run that has not been exported", run=path)
    raise EmoError(
        f"{path}: expected a folder with {', '.join(EXPORTED)} or a run. Received: neither"
    )


def _not_exported(path: Path, received: str, *, run: Path) -> EmoError:
    out = run.with_suffix("") if run.suffix == _KERAS_SUFFIX else run / EXPORT_FOLDER
    command = shlex.join(["emo-tf", "export", "--run", str(run), "--out", str(out)])
    return EmoError(f"{path}: expected an exported model. Received: {received}; {command}")

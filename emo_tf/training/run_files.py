"""What training leaves in the folder of a run, written and read back."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import tensorflow_datasets as tfds

from emo_tf.errors import EmoError
from emo_tf.files import read_object, replace_whole
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.keras_file import load_model

CONFIG = "config.json"
DATA = "data.json"
MODEL = "model.keras"


@dataclass(frozen=True)
class FinishedRun:
    """A run that has ended.

    Attributes:
        folder: The run.
        name: Its experiment.
        model: What it trained.
        metadata: What that takes and returns.
        sha256: Digest of the model's file.
        dataset: Data set it was trained on.
        data_dir: Where that lies.
    """

    folder: Path
    name: str
    model: keras.Model
    metadata: ModelMetadata
    sha256: str
    dataset: str
    data_dir: Path


def task_of(folder: Path) -> str:
    """Returns the task of a run, ended or not.

    Raises:
        EmoError: There is no run in the folder.
    """
    folder = Path(folder)
    if not (folder / CONFIG).is_file():
        received = f"one without {CONFIG}" if folder.is_dir() else "no such folder"
        raise EmoError(f"{folder}: expected the folder of a run. Received: {received}")
    # The first runs did not say it.
    return read_object(folder / CONFIG).get("task", "expression")


def read_finished(folder: Path, *, task: str) -> FinishedRun:
    """Reads a run that has ended.

    Args:
        folder: The run.
        task: What it has to be a run of.

    Raises:
        EmoError: There is no run in the folder, one of another task, or one that has not ended, or
            a file of it is damaged.
    """
    folder = Path(folder)
    found = task_of(folder)
    if found != task:
        raise EmoError(
            f"{folder}: expected a run of the task {task}. Received: one of the task {found}, "
            "whose figures training wrote to its metrics.json"
        )
    path = finished_model(folder)
    data = read_object(folder / DATA)
    dataset = _text(data, "dataset", folder / DATA)
    data_dir = Path(_text(data, "data_dir", folder / DATA))
    model, metadata = load_model(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = _text(read_object(folder / CONFIG), "name", folder / CONFIG)
    return FinishedRun(folder, name, model, metadata, digest, dataset, data_dir)


def read_finished_classifier(folder: Path, *, task: str, labels: tuple[str, ...]) -> FinishedRun:
    """Reads a run that has ended and whose model is of the run's task and knows its labels.

    Args:
        folder: The run.
        task: What it has to be a run of.
        labels: The labels in the model's order.

    Raises:
        EmoError: There is no run in the folder, one of another task, or one that has not ended, or
            a file of it is damaged or holds another model.
    """
    run = read_finished(folder, task=task)
    if run.metadata.task != task or run.metadata.labels != labels:
        raise EmoError(
            f"{run.folder / MODEL}: expected a model of the task {task}. "
            f"Received: {run.metadata.name}, of the task {run.metadata.task}"
        )
    return run


def finished_model(folder: Path) -> Path:
    """Returns the path of what a run has trained.

    Raises:
        EmoError: It has not ended.
    """
    path = Path(folder) / MODEL
    if not path.is_file():
        raise EmoError(
            f"{folder}: expected a run that has ended. Received: one without {MODEL}; the command "
            "that started it goes on with it"
        )
    return path


def write_results(
    run_dir: Path, files: Mapping[str, Mapping], *, dataset: tfds.core.DatasetBuilder, name: str
) -> None:
    """Writes what came out beside a model, each file whole or not at all.

    Args:
        run_dir: Folder of the run.
        files: What JSON files hold, by name.
        dataset: The prepared data set; where it lies goes into `data.json`.
        name: What the experiment calls it.
    """
    where = {"dataset": name, "data_dir": str(Path(dataset.data_dir_root).resolve())}
    for file, content in {DATA: where, **files}.items():
        with replace_whole(Path(run_dir) / file) as temporary:
            temporary.write_text(json.dumps(content, indent=1) + "\n")


def _text(values: Mapping, name: str, path: Path) -> str:
    value = values.get(name)
    if not isinstance(value, str):
        raise EmoError(f"{path}: {name}: expected a text. Received: {value!r}")
    return value

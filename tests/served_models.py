"""Served models in a ROOT, written whole as `emo-tf push` does, and what tells of them."""

import shutil
from dataclasses import replace
from pathlib import Path

from emo_tf.export.metadata import write_metadata
from emo_tf.export.served_root import EXTRA, SAVED_MODEL_FILE, new_hidden
from emo_tf.model_metadata import ModelMetadata
from emo_tf.serve.registry import ModelRegistry
from emo_tf.weights import weight_path

FLOAT16 = weight_path("expression_float16")
INT8 = weight_path("expression_int8")


def write_version(model: Path, number: int, *, file: Path = INT8, pushed: bool = True) -> Path:
    """Puts a `.tflite` file into ROOT/MODEL as a version and returns the version's folder.

    Args:
        model: ROOT/MODEL; made if there is none.
        number: The version.
        file: The file.
        pushed: Whether it lies where `emo-tf push` puts it, or in the version itself.
    """
    hidden = new_hidden(model)
    folder = hidden / EXTRA if pushed else hidden
    folder.mkdir(parents=True)
    shutil.copy(file, folder / "model_float32.tflite")
    (hidden / SAVED_MODEL_FILE).write_text("graph")
    return hidden.rename(model / str(number))


def tflite_in(version: Path) -> Path:
    """Returns the file that `write_version` put into a version."""
    (file,) = version.rglob("*.tflite")
    return file


def with_task(path: Path, task: str) -> Path:
    """Writes a network of expressions that says it is for another task, and returns its file."""
    about = replace(ModelMetadata.read(INT8), name=task, task=task)
    return write_metadata(INT8, path, metadata=about)


class Events(list):
    """What a registry reported, as `event model version` or `event model`."""

    def __call__(self, event: str, particulars: dict) -> None:
        words = (event, particulars.get("model"), particulars.get("version"))
        self.append(" ".join(str(word) for word in words if word is not None))


def states(registry: ModelRegistry, name: str = "expression") -> dict[int, str]:
    """Returns the states of a model's versions."""
    return {status.version: status.state for status in registry.statuses(name)}


def served(registry: ModelRegistry, name: str = "expression") -> int:
    """Returns the version of a model that is lent out."""
    with registry.predictor(name) as predictor:
        return predictor.version

"""A run that has ended, read back: its model and the people it is to be measured on."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import keras

from emo_tf.data import builders
from emo_tf.data.people import People
from emo_tf.errors import EmoError
from emo_tf.files import read_object
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.models.keras_file import load_model

MODEL = "model.keras"
DATASET = "emotic"
LETTERS = {"body": "B", "scene": "I"}
"""What Kosti et al. 2020 call the branches, in the order of their tables."""

PEOPLE_AT_A_TIME = 32


@dataclass(frozen=True)
class EmoticRun:
    """An EMOTIC run that has ended.

    Attributes:
        folder: The run.
        name: Its experiment.
        model: What it trained.
        sha256: Digest of the model's file.
        dataset: Data set it was trained on.
        data_dir: Where that lies.
    """

    folder: Path
    name: str
    model: keras.Model
    sha256: str
    dataset: str
    data_dir: Path

    @property
    def branches(self) -> str:
        """`B`, `I` or `B+I`."""
        return "+".join(letter for branch, letter in LETTERS.items() if branch in self.model.input)

    def people(self, split: str, *, data_dir: Path | None = None) -> People:
        """Returns a split as this model takes it.

        Args:
            split: Name of a split of the data set.
            data_dir: Where the data set lies, if not where it lay for training.

        Raises:
            EmoError: There is no such data set or split, or nobody in it.
        """
        inputs = self.model.input
        sizes = {name: inputs[name].shape[1:3] for name in LETTERS if name in inputs}
        dataset = builders.prepared(self.dataset, data_dir=Path(data_dir or self.data_dir))
        return People(dataset, split, inputs=sizes, batch_size=PEOPLE_AT_A_TIME)


def read_run(folder: Path) -> EmoticRun:
    """Reads an EMOTIC run that has ended.

    Raises:
        EmoError: There is no run in the folder, one of another task, or one that has not ended, or
            a file of it is damaged.
    """
    folder = Path(folder)
    if not (folder / "config.json").is_file():
        received = "one without config.json" if folder.is_dir() else "no such folder"
        raise EmoError(f"{folder}: expected the folder of a run. Received: {received}")
    config = read_object(folder / "config.json")
    if config.get("task") != "emotic":
        raise EmoError(
            f"{folder}: expected a run of the task emotic. Received: one of the task "
            f"{config.get('task', 'expression')}, whose figures training wrote to its metrics.json"
        )
    if not (folder / MODEL).is_file():
        raise EmoError(
            f"{folder}: expected a run that has ended. Received: one without {MODEL}; the command "
            "that started it goes on with it"
        )
    data = read_object(folder / "data.json")
    dataset = _text(data, "dataset", folder / "data.json")
    if dataset.partition("/")[0] != DATASET:
        raise EmoError(
            f"{folder / 'data.json'}: dataset: expected {DATASET}. Received: {dataset!r}"
        )
    model, metadata = load_model(folder / MODEL)
    if metadata.labels != EMOTIC_CATEGORIES or not set(LETTERS) & set(_names(model)):
        raise EmoError(
            f"{folder / MODEL}: expected a model from scene, body or both to the "
            f"{len(EMOTIC_CATEGORIES)} categories of EMOTIC. Received: one from "
            f"{', '.join(_names(model)) or 'inputs without names'} to {len(metadata.labels)} labels"
        )
    with (folder / MODEL).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return EmoticRun(
        folder=folder,
        name=_text(config, "name", folder / "config.json"),
        model=model,
        sha256=digest,
        dataset=dataset,
        data_dir=Path(_text(data, "data_dir", folder / "data.json")),
    )


def _names(model: keras.Model) -> tuple[str, ...]:
    return tuple(model.input) if isinstance(model.input, dict) else ()


def _text(values: dict, name: str, path: Path) -> str:
    value = values.get(name)
    if not isinstance(value, str):
        raise EmoError(f"{path}: {name}: expected a text. Received: {value!r}")
    return value

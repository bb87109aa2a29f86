"""A run that has ended, read back: its model and the people it is to be measured on."""

from dataclasses import dataclass
from pathlib import Path

import keras

from emo_tf.data import builders
from emo_tf.data.people import People
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.training.run_files import DATA, MODEL, FinishedRun, read_finished

DATASET = "emotic"
LETTERS = {"body": "B", "scene": "I"}
"""What Kosti et al. 2020 call the branches, in the order of their tables."""

PEOPLE_AT_A_TIME = 32


@dataclass(frozen=True)
class EmoticRun(FinishedRun):
    """An EMOTIC run that has ended."""

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
    run = read_finished(folder, task="emotic")
    if run.dataset.partition("/")[0] != DATASET:
        raise EmoError(
            f"{run.folder / DATA}: dataset: expected {DATASET}. Received: {run.dataset!r}"
        )
    if run.metadata.labels != EMOTIC_CATEGORIES or not set(LETTERS) & set(_names(run.model)):
        raise EmoError(
            f"{run.folder / MODEL}: expected a model from scene, body or both to the "
            f"{len(EMOTIC_CATEGORIES)} categories of EMOTIC. Received: one from "
            f"{', '.join(_names(run.model)) or 'inputs without names'} to "
            f"{len(run.metadata.labels)} labels"
        )
    return EmoticRun(**vars(run))


def _names(model: keras.Model) -> tuple[str, ...]:
    return tuple(model.input) if isinstance(model.input, dict) else ()

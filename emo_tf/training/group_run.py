"""A run of groups that has ended, read back: its model and the pictures it is measured on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from emo_tf.data import builders
from emo_tf.data.group_pictures import GroupPictures
from emo_tf.errors import EmoError
from emo_tf.files import read_object
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.training.group_predictions import GroupPredictions, GroupPredictor, packed_form
from emo_tf.training.group_task import EMOTIC, HELD_OUT, group_inputs, read_split
from emo_tf.training.run_files import CONFIG, FinishedRun, read_finished_classifier

PICTURES_AT_A_TIME = 32


@dataclass(frozen=True)
class GroupRun(FinishedRun):
    """A run of groups that has ended."""

    def pictures(self, split: str | None = None, *, data_dir: Path | None = None) -> GroupPictures:
        """Returns a split as this model takes it.

        Args:
            split: Name of a split of the data set; by default one that nothing was chosen on,
                where there is one with labels, else the validation split.
            data_dir: Where the data set lies, if not where it lay for training.

        Raises:
            EmoError: There is no such data set or split, or a picture in it has no label.
        """
        dataset = builders.prepared(self.dataset, data_dir=Path(data_dir or self.data_dir))
        if split is None:
            held_out = "test" if dataset.name == EMOTIC else HELD_OUT
            split = held_out if held_out in dataset.info.splits else "val"
        pictures = read_split(
            dataset,
            split,
            inputs=group_inputs(self.metadata),
            batch_size=PICTURES_AT_A_TIME,
        )
        unknown = int((pictures.labels() < 0).sum())
        if unknown:
            raise EmoError(
                f"{split}: expected pictures with labels. Received: {unknown:,} without one"
            )
        return pictures

    def predict(
        self, pictures: GroupPictures, *, advance: Callable[[], None] = lambda: None
    ) -> GroupPredictions:
        """Predicts a split.

        Args:
            pictures: What `pictures` returned.
            advance: Called after every batch.

        Raises:
            EmoError: A picture cannot be read.
        """
        config = read_object(self.folder / CONFIG)
        packed = packed_form(self.model, config["model"], config["model_arguments"])
        predict = GroupPredictor(self.model, packed, strategy=tf.distribute.get_strategy())
        with pictures.errors_named():
            return predict(pictures, advance=advance)


def read_group_run(folder: Path) -> GroupRun:
    """Reads a run of groups that has ended.

    Raises:
        EmoError: There is no run in the folder, one of another task, or one that has not ended, or
            a file of it is damaged.
    """
    return GroupRun(**vars(read_finished_classifier(folder, task="group", labels=GROUP_EMOTIONS)))

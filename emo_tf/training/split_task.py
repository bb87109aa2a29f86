"""What tasks share that train on one split of a prepared data set and choose by another."""

import contextlib
from collections.abc import Iterator

import keras
import tensorflow as tf

from emo_tf import models
from emo_tf.data.examples import Examples
from emo_tf.training.config import Experiment


class SplitTask:
    """The part of `training.task.Task` that follows from the experiment and its two splits.

    Attributes:
        experiment: What is trained and how.
        training: What it is trained on.
        validation: What chooses the epoch to keep.
    """

    experiment: Experiment
    training: Examples
    validation: Examples

    @contextlib.contextmanager
    def errors_named(self) -> Iterator[None]:
        """Turns an error of TensorFlow that stems from the data into one that names the place.

        Raises:
            EmoError: A file is missing or damaged, or a picture in it cannot be decoded.
        """
        with self.training.errors_named(), self.validation.errors_named():
            yield

    def build(self) -> keras.Model:
        return models.create(self.experiment.model, **self.experiment.model_arguments)

    def batches(self, epoch: int, first_step: int) -> tf.data.Dataset:
        return self.training.training(
            epoch=epoch,
            first_step=first_step,
            seed=self.experiment.seed,
            augmentation=self.experiment.augmentation,
            drop_remainder=self.experiment.drop_remainder,
        )

    def cost(self, epoch: int) -> float:
        return 1.0

    def note(self, epoch: int) -> str:
        return ""

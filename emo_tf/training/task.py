"""What the trainer asks of a task."""

from typing import Protocol

import keras
import tensorflow as tf

from emo_tf.training.config import Experiment
from emo_tf.training.reports import Validation
from emo_tf.training.step import Losses


class Task(Losses, Protocol):
    """One kind of experiment: its model, its data, its loss and its figures.

    Attributes:
        experiment: What is trained and how.
        steps: Steps an epoch, the same on every worker.
        any_length: Whether arrays of a batch differ in length from step to step; see `TrainStep`.
    """

    experiment: Experiment
    steps: int
    any_length: bool = False

    def build(self) -> keras.Model:
        """Makes the model as it will be saved."""

    def to_train(self, model: keras.Model) -> keras.Model:
        """Returns a model that may be trained in place of one that `build` made.

        It has the same weights in the same order, with the same values; it may be the same model.
        """

    def batches(self, epoch: int, first_step: int) -> tf.data.Dataset:
        """Returns the batches of an epoch (counted from 0) from a step of it on.

        Each is a function of the seed, the epoch and its step alone. An element is a dict of what
        one replica gets; as many as this process has replicas make its part of a step.

        Args:
            epoch: Which epoch.
            first_step: Which step of it comes first, from 0.
        """

    def validate(self, model: keras.Model) -> Validation:
        """Measures a model on examples that it is not trained on; the same on every worker."""

    def cost(self, epoch: int) -> float:
        """Returns how long an epoch takes, compared with others."""

    def note(self, epoch: int) -> str:
        """Returns what is special about an epoch, in a word, or nothing."""

    def summarise(self, summaries: object, validation: Validation, *, step: int) -> None:
        """Writes what TensorBoard is to show beside the figures.

        Args:
            summaries: What writes.
            validation: What was measured.
            step: Steps trained.
        """

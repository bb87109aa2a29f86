"""Batches of training, each of which follows from the seed, the epoch and its step."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
import tensorflow as tf

from emo_tf.data.picture_augment import draw
from emo_tf.data.sharing import Share
from emo_tf.data.tuning import without_autograph, without_tuning
from emo_tf.errors import EmoError
from emo_tf.runtime.processors import processors


class StepBatches:
    """Examples in batches for training.

    What comes follows from the arguments alone, not from the number of processors, their timing,
    or TensorFlow's global seed. Subclasses say in `read` which examples a step has, and in
    `finished` and `augmented` what becomes of a batch that was read.

    Args:
        batch_size: Examples in a batch of all replicas of all workers together.
        share: Which part of each batch this process reads. An element of a data set is the batch
            of one replica.

    Raises:
        EmoError: The batch cannot be shared out evenly.
    """

    def __init__(self, *, batch_size: int, share: Share):
        if batch_size < 1 or batch_size % share.all_replicas:
            raise EmoError(
                f"batch_size: expected a multiple of {share.all_replicas}, the number of replicas. "
                f"Received: {batch_size}"
            )
        self._batch_size, self._share = batch_size, share

    def step_sizes(self, *, drop_remainder: bool) -> list[int]:
        """Returns how many examples of all workers each step of an epoch has.

        Args:
            drop_remainder: As for `training`.

        Raises:
            EmoError: The examples do not fill a batch.
        """
        raise NotImplementedError

    def read(
        self, steps: range, rows: list[list[range]], *, order: tuple[int, int]
    ) -> tf.data.Dataset:
        """Returns the batches of this process, neither changed nor finished.

        Args:
            steps: Of the epoch.
            rows: Which rows of each of those steps each device of this process takes.
            order: Seed of the run, and the epoch.
        """
        raise NotImplementedError

    def finished(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Returns what the model is given of a batch as `read` gives it: shape (B, ...) by name."""
        raise NotImplementedError

    def augmented(
        self, batch: dict[str, tf.Tensor], draws: tf.Tensor, augmentation: object
    ) -> dict[str, tf.Tensor]:
        """Returns the same in the same shape, changed at random: a function of the arguments alone.

        Args:
            batch: As for `finished`.
            draws: What `draws` returned, the rows of this batch.
            augmentation: What to change.
        """
        raise NotImplementedError

    def draws(self, seed: tf.Tensor, examples: int) -> tf.Tensor:
        """Returns the numbers that decide what happens to each example of a global batch.

        Args:
            seed: Two int64.
            examples: Rows of the global batch.

        Returns:
            Numbers of shape (examples, ...).
        """
        return draw(seed, examples)

    def errors_named(self) -> AbstractContextManager:
        """Returns a context in which what cannot be read is an error that names it.

        For the loop over a data set. TensorFlow's own error says neither the split nor the
        picture; once it came, the files are read again one by one until it is found.

        Raises:
            EmoError: A file is missing or damaged, or a picture in it cannot be decoded.
        """
        raise NotImplementedError

    def steps(self, *, drop_remainder: bool = True) -> int:
        """Returns the steps of an epoch, the same on every worker.

        Args:
            drop_remainder: As for `training`.

        Raises:
            EmoError: The examples do not fill a batch.
        """
        return len(self.step_sizes(drop_remainder=drop_remainder))

    def training(
        self,
        *,
        epoch: int,
        first_step: int = 0,
        seed: int,
        augmentation: object | None,
        drop_remainder: bool = True,
    ) -> tf.data.Dataset:
        """Returns the batches of an epoch, shuffled and augmented.

        Each is a function of the seed, the epoch and its step alone. Sharded by batches, the
        replicas of all workers together get exactly the rows of one process's batch. Sharded by
        files, a worker whose files hold fewer examples than its part of an epoch starts over in
        them, and what does not fill a batch is always dropped.

        Args:
            epoch: Which epoch, from 0.
            first_step: Step of the epoch to begin with; examples before it are not decoded.
            seed: Seed of the run, not negative.
            augmentation: How they are changed at random, or `None` for not at all.
            drop_remainder: Whether to drop what does not fill a batch at the end of an epoch. If
                not, it is split over the replicas as evenly as possible, and dropped only where
                there are fewer examples than replicas.

        Raises:
            EmoError: The examples do not fill a batch or there is no such step, or examples are
                kept and one of them cannot be read.
        """
        sizes = self.step_sizes(drop_remainder=drop_remainder)
        if not 0 <= first_step <= len(sizes):
            raise EmoError(f"first_step: expected 0 to {len(sizes)}. Received: {first_step}")
        steps = range(first_step, len(sizes))
        rows = [self._share.rows(sizes[step]) for step in steps]
        batches = self.read(steps, rows, order=(seed, epoch))
        numbers = tf.data.Dataset.from_tensor_slices(
            (
                np.repeat(np.array(steps, np.int64), self._share.replicas),
                np.array([part.start for own in rows for part in own], np.int32),
            )
        )
        augmentation_seed = np.random.default_rng([seed, epoch, 2]).integers(2**63, size=2)

        def finish(batch: dict, numbers: tuple[tf.Tensor, tf.Tensor]) -> dict:
            if augmentation is None:
                return self.finished(batch)
            step, first = numbers
            step_seed = tf.random.experimental.stateless_fold_in(augmentation_seed, step)
            draws = self.draws(step_seed, self._batch_size)
            end = first + tf.shape(next(iter(batch.values())))[0]
            return self.augmented(batch, draws[first:end], augmentation)

        return self.completed(batches, numbers, finish)

    def full_steps(self, count: int, *, noun: str, drop_remainder: bool) -> list[int]:
        """Returns the sizes of the steps that so many examples fill; `step_sizes` of most.

        Args:
            count: Examples.
            noun: What they are called in messages.
            drop_remainder: Whether a last step that is not full is left out.

        Raises:
            EmoError: They do not fill a single batch.
        """
        steps, rest = divmod(count, self._batch_size)
        sizes = [self._batch_size] * steps
        if not drop_remainder and rest >= self._share.all_replicas:
            sizes.append(rest)
        if not sizes:
            raise EmoError(
                f"{self.split}: expected at least one batch of {self._batch_size} {noun}. "
                f"Received: {count}"
            )
        return sizes

    def completed(
        self, batches: tf.data.Dataset, others: tf.data.Dataset, finish: Callable
    ) -> tf.data.Dataset:
        """Returns what `finish` makes of each batch and of what comes with it.

        Args:
            batches: Batches as `read` gives them.
            others: What comes with each.
            finish: From a batch and what comes with it to what the model is given.
        """
        whole = tf.data.Dataset.zip(batches, others).map(
            without_autograph(finish), num_parallel_calls=processors(), deterministic=True
        )
        # A filter hides how many there are, which is what those who read want to know.
        whole = whole.apply(tf.data.experimental.assert_cardinality(others.cardinality()))
        return without_tuning(whole.prefetch(2 * self._share.replicas))


def places_of(starts: list[int], rows: list[list[range]]) -> np.ndarray:
    """Returns where the examples of steps stand, as the steps start there and take these rows.

    Args:
        starts: Where each step starts in the order of the epoch.
        rows: Of each step, by device, which rows of it are taken.

    Returns:
        Places, shape (N,).
    """
    places = [
        start + row for start, own in zip(starts, rows, strict=True) for part in own for row in part
    ]
    return np.array(places, np.int64)


def sizes_of(rows: list[list[range]]) -> list[int]:
    """Returns how many rows each device takes in each step, one after another."""
    return [len(part) for own in rows for part in own]

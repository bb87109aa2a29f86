"""A split of a prepared data set in batches, for training and evaluation."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
import tensorflow as tf

from emo_tf.data.example_reader import ExampleReader, processors
from emo_tf.data.picture_augment import draw
from emo_tf.data.sharing import Share
from emo_tf.data.tuning import without_autograph, without_tuning
from emo_tf.errors import EmoError


class Examples:
    """One split of a prepared data set, for a model.

    What comes follows from the arguments alone, not from the number of processors, their timing,
    or TensorFlow's global seed. Subclasses say in `finished` and `augmented` what becomes of a
    batch that was read.

    Args:
        reader: Reads the split.
        batch_size: Examples in a batch of all replicas of all workers together.
        sharding: How training is to share the split, as `ExampleData` says.
        share: Which part of each batch this process reads. An element of a data set is the batch
            of one replica.

    Attributes:
        split: Of the reader.
        count: Examples in the split, up to the limit.

    Raises:
        EmoError: The batch cannot be shared out evenly.
    """

    def __init__(self, reader: ExampleReader, *, batch_size: int, sharding: str, share: Share):
        if batch_size < 1 or batch_size % share.all_replicas:
            raise EmoError(
                f"batch_size: expected a multiple of {share.all_replicas}, the number of replicas. "
                f"Received: {batch_size}"
            )
        self._reader, self._batch_size = reader, batch_size
        self._share, self._wish = share, sharding
        self.split = reader.split
        self.count = reader.count(reader.files)

    def finished(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Returns what the model is given of a batch as `ExampleReader` reads it."""
        raise NotImplementedError

    def augmented(
        self, batch: dict[str, tf.Tensor], draws: tf.Tensor, augmentation: object
    ) -> dict[str, tf.Tensor]:
        """Returns the same with random changes, a function of the arguments alone.

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
        """
        return draw(seed, examples)

    def evaluation_parts(self, positions: np.ndarray) -> dict[str, np.ndarray]:
        """Returns what batches of evaluation hold besides, a row a position.

        Args:
            positions: Where the examples stand in the split; past its end it starts over.
        """
        return {"weight": (positions < self.count).astype(np.float32)}

    @property
    def sharding(self) -> str:
        """How training shares the split: `none` for one worker, else `files` or `batches`.

        Raises:
            EmoError: `files` was asked for and there are fewer files than workers.
        """
        workers, files = self._share.workers, len(self._reader.files)
        if workers == 1:
            return "none"
        if self._wish == "files" and files < workers:
            raise EmoError(
                f"data.sharding: expected batches, as {self.split} has fewer files ({files}) than "
                f"there are workers ({workers}). Received: 'files'"
            )
        if self._wish == "auto":
            return "files" if files >= workers else "batches"
        return self._wish

    def steps(self, *, drop_remainder: bool = True) -> int:
        """Returns the steps of an epoch, the same on every worker.

        Args:
            drop_remainder: As for `training`.

        Raises:
            EmoError: The split does not fill a batch.
        """
        return len(self._step_sizes(drop_remainder=drop_remainder))

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
            EmoError: The split does not fill a batch or has no such step, or examples are kept
                and one of them cannot be read.
        """
        step_sizes = self._step_sizes(drop_remainder=drop_remainder)
        if not 0 <= first_step <= len(step_sizes):
            raise EmoError(f"first_step: expected 0 to {len(step_sizes)}. Received: {first_step}")
        steps = range(first_step, len(step_sizes))
        rows = [self._share.rows(step_sizes[step]) for step in steps]
        files = self._reader.files
        starts = [step * self._batch_size for step in steps]
        if self.sharding == "files":  # The worker has the stream of its own files to itself.
            files = files[self._share.worker :: self._share.workers]
            own = self._share.rows(self._batch_size)
            starts = [step * sum(map(len, own)) - own[0].start for step in steps]
        batches = self._reader.batches(
            files, _positions(starts, rows), _sizes(rows), order=(seed, epoch)
        )
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

        return self._finished(batches, numbers, finish)

    def evaluation(self) -> tf.data.Dataset:
        """Returns all examples in the order of the files, shared by batches.

        Returns:
            Batches as in training and `weight` float32 (b,), 1 for an example. The last batch
            is filled up with examples from the beginning, of weight 0, so that every element has
            batch_size / replicas rows.

        Raises:
            EmoError: Examples are kept and one of them cannot be read.
        """
        steps = -(-self.count // self._batch_size)
        rows = [self._share.rows(self._batch_size)] * steps
        positions = _positions([step * self._batch_size for step in range(steps)], rows)
        batches = self._reader.batches(self._reader.files, positions, _sizes(rows), order=None)
        others = {
            name: values.reshape(-1, len(rows[0][0]))
            for name, values in self.evaluation_parts(positions).items()
        }
        return self._finished(
            batches,
            tf.data.Dataset.from_tensor_slices(others),
            lambda batch, others: {**self.finished(batch), **others},
        )

    def errors_named(self) -> AbstractContextManager:
        """Returns a context in which what cannot be read is an error that names it.

        For the loop over a data set. TensorFlow's own error says neither the split nor the
        picture; once it came, the files are read again one by one until it is found.

        Raises:
            EmoError: A file is missing or damaged, or a picture in it cannot be decoded.
        """
        return self._reader.errors_named()

    def _step_sizes(self, *, drop_remainder: bool) -> list[int]:
        """Returns how many examples of all workers each step has."""
        steps, rest = divmod(self.count, self._batch_size)
        sizes = [self._batch_size] * steps
        if not drop_remainder and self.sharding != "files" and rest >= self._share.all_replicas:
            sizes.append(rest)
        if not sizes:
            raise EmoError(
                f"{self.split}: expected at least one batch of {self._batch_size} "
                f"{self._reader.kind.noun}. "
                f"Received: {self.count}"
            )
        return sizes

    def _finished(
        self, batches: tf.data.Dataset, others: tf.data.Dataset, finish: Callable
    ) -> tf.data.Dataset:
        whole = tf.data.Dataset.zip(batches, others).map(
            without_autograph(finish), num_parallel_calls=processors(), deterministic=True
        )
        # A filter hides how many there are, which is what those who read want to know.
        whole = whole.apply(tf.data.experimental.assert_cardinality(others.cardinality()))
        return without_tuning(whole.prefetch(2 * self._share.replicas))


def _positions(starts: list[int], rows: list[list[range]]) -> np.ndarray:
    """Returns where the examples of each step stand, as steps start there and take these rows."""
    places = [
        start + row for start, own in zip(starts, rows, strict=True) for part in own for row in part
    ]
    return np.array(places, np.int64)


def _sizes(rows: list[list[range]]) -> list[int]:
    return [len(part) for own in rows for part in own]

"""The people of a prepared EMOTIC data set, in batches for training and evaluation."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.people_reader import PeopleData, PeopleReader, processors
from emo_tf.data.person_augment import PICTURES, PersonAugmentation, augment_people, draw
from emo_tf.data.records import count_records
from emo_tf.data.sharing import Share
from emo_tf.data.tuning import without_tuning
from emo_tf.errors import EmoError, unknown_name

__all__ = ["People", "PeopleData"]


class People:
    """One split of a prepared EMOTIC data set, for a model.

    Batches are dictionaries of float32 `scene` and `body` (b, height, width, 3), those asked for,
    RGB of 0 to 255, `box` (b, 4), where the person is in the scene: left edge, upper edge, width
    and height as shares of its width and height, `categories` (b, 26) of 0 and 1 in the order of
    `EMOTIC_CATEGORIES`, and `vad` (b, 3) of 1 to 10.

    What comes follows from the arguments alone, not from the number of processors, their timing,
    or TensorFlow's global seed.

    Args:
        dataset: The prepared builder of `emotic`.
        split: `train`, `val`, `test`, or whatever TFDS takes for a split.
        inputs: Height and width in pixels of `scene`, `body` or both.
        batch_size: People in a batch of all replicas of all workers together.
        settings: How they are read; by default as `PeopleData` says.
        share: Which part of each batch this process reads, by default all. An element of a data
            set is the batch of one replica.
        cache_dir: Where the cache `disk` lies.

    Attributes:
        split: As given.
        count: People in the split, up to the limit.

    Raises:
        EmoError: There is no such split or nobody in it, an input is unknown, the batch cannot be
            shared out evenly, or the cache on disk has no place.
    """

    def __init__(
        self,
        dataset: tfds.core.DatasetBuilder,
        split: str,
        *,
        inputs: Mapping[str, tuple[int, int]],
        batch_size: int,
        settings: PeopleData | None = None,
        share: Share | None = None,
        cache_dir: Path | None = None,
    ):
        settings, share = settings or PeopleData(), share or Share()
        unknown = sorted(set(inputs) - set(PICTURES))
        if unknown or not inputs:
            raise unknown_name("input", unknown[0] if unknown else "", PICTURES)
        if batch_size < 1 or batch_size % share.all_replicas:
            raise EmoError(
                f"batch_size: expected a multiple of {share.all_replicas}, the number of replicas. "
                f"Received: {batch_size}"
            )
        self._reader = PeopleReader(
            dataset, split, inputs=dict(inputs), settings=settings, cache_dir=cache_dir
        )
        self._batch_size, self._share, self._wish = batch_size, share, settings.sharding
        self._augment = tf.function(augment_people)  # Traced once for all epochs.
        self.split = split
        self.count = count_records(self._reader.files)

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
        augmentation: PersonAugmentation | None,
        drop_remainder: bool = True,
    ) -> tf.data.Dataset:
        """Returns the batches of an epoch, shuffled and augmented.

        Each is a function of the seed, the epoch and its step alone. Sharded by batches, the
        replicas of all workers together get exactly the rows of one process's batch. Sharded by
        files, a worker whose files hold fewer people than its part of an epoch starts over in
        them, and what does not fill a batch is always dropped.

        Args:
            epoch: Which epoch, from 0.
            first_step: Step of the epoch to begin with; people before it are not decoded.
            seed: Seed of the run, not negative.
            augmentation: How people are changed at random, or `None` for not at all.
            drop_remainder: Whether to drop what does not fill a batch at the end of an epoch. If
                not, it is split over the replicas as evenly as possible, and dropped only where
                there are fewer people than replicas.

        Raises:
            EmoError: The split does not fill a batch or has no such step, or people are kept and
                one of them cannot be read.
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
                return _as_floats(batch)
            step, first = numbers
            step_seed = tf.random.experimental.stateless_fold_in(augmentation_seed, step)
            draws = draw(step_seed, self._batch_size)
            end = first + tf.shape(batch["box"])[0]
            return self._augment(batch, draws[first:end], augmentation)

        return self._finished(batches, numbers, finish)

    def evaluation(self) -> tf.data.Dataset:
        """Returns all people in the order of the files, shared by batches.

        Returns:
            Batches as in training and `weight` float32 (b,), 1 for a person. The last batch is
            filled up with people from the beginning, of weight 0, so that every element has
            batch_size / replicas rows.

        Raises:
            EmoError: People are kept and one of them cannot be read.
        """
        steps = -(-self.count // self._batch_size)
        rows = [self._share.rows(self._batch_size)] * steps
        positions = _positions([step * self._batch_size for step in range(steps)], rows)
        batches = self._reader.batches(self._reader.files, positions, _sizes(rows), order=None)
        weights = (positions < self.count).astype(np.float32).reshape(-1, len(rows[0][0]))
        return self._finished(
            batches,
            tf.data.Dataset.from_tensor_slices(weights),
            lambda batch, weight: {**_as_floats(batch), "weight": weight},
        )

    def labels(self) -> dict[str, np.ndarray]:
        """Returns the labels of all people, in the order of the files; no picture is decoded.

        Returns:
            `categories` float32 (N, 26) of 0 and 1, and `vad` float32 (N, 3) of 1 to 10.

        Raises:
            EmoError: A file is missing or damaged.
        """
        return self._reader.labels()

    def attributes(self) -> dict[str, np.ndarray]:
        """Returns what is known of all people besides, in the order of the files.

        Returns:
            Names of `gender` and `age`, each text of shape (N,), as the data set has them.

        Raises:
            EmoError: A file is missing or damaged.
        """
        return self._reader.attributes()

    def errors_named(self) -> AbstractContextManager:
        """Returns a context in which what cannot be read is an error that names it.

        For the loop over a data set. TensorFlow's own error says neither the split nor the
        picture; once it came, the files are read again one by one until it is found.

        Raises:
            EmoError: A file is missing or damaged, or a picture in it cannot be decoded.
        """
        return self._reader.errors_named()

    def _step_sizes(self, *, drop_remainder: bool) -> list[int]:
        """Returns how many people of all workers each step has."""
        steps, rest = divmod(self.count, self._batch_size)
        sizes = [self._batch_size] * steps
        if not drop_remainder and self.sharding != "files" and rest >= self._share.all_replicas:
            sizes.append(rest)
        if not sizes:
            raise EmoError(
                f"{self.split}: expected at least one batch of {self._batch_size} people. "
                f"Received: {self.count}"
            )
        return sizes

    def _finished(
        self, batches: tf.data.Dataset, others: tf.data.Dataset, finish: Callable
    ) -> tf.data.Dataset:
        whole = tf.data.Dataset.zip(batches, others).map(
            finish, num_parallel_calls=processors(), deterministic=True
        )
        # A filter hides how many there are, which is what those who read want to know.
        whole = whole.apply(tf.data.experimental.assert_cardinality(others.cardinality()))
        return without_tuning(whole.prefetch(2 * self._share.replicas))


def _positions(starts: list[int], rows: list[list[range]]) -> np.ndarray:
    """Returns where the people of each step stand, as steps start there and take these rows."""
    places = [
        start + row for start, own in zip(starts, rows, strict=True) for part in own for row in part
    ]
    return np.array(places, np.int64)


def _sizes(rows: list[list[range]]) -> list[int]:
    return [len(part) for own in rows for part in own]


def _as_floats(batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    return {name: tf.cast(value, tf.float32) for name, value in batch.items()}

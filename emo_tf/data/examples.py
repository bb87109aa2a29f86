"""A split of a prepared data set in batches, for training and evaluation."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import numpy as np
import tensorflow as tf

from emo_tf.data.attributes import attribute_names, attribute_texts
from emo_tf.data.example_reader import ExampleReader
from emo_tf.data.sharing import Share
from emo_tf.data.step_batches import StepBatches, places_of, sizes_of
from emo_tf.errors import EmoError, unknown_name


class Examples(StepBatches):
    """One split of a prepared data set, for a model; see `StepBatches`.

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
        super().__init__(batch_size=batch_size, share=share)
        self._reader, self._wish = reader, sharding
        self.split = reader.split
        self.count = reader.count(reader.files)

    def evaluation_parts(self, positions: np.ndarray) -> dict[str, np.ndarray]:
        """Returns what batches of evaluation hold besides: shape (N, ...) by name, one row a place.

        Args:
            positions: Where the examples stand in the split; past its end it starts over.
        """
        return {"weight": (positions < self.count).astype(np.float32)}

    @property
    def attribute_names(self) -> tuple[str, ...]:
        """What `attributes` can tell of an example."""
        return attribute_names(self._reader.features)

    @property
    def named_by(self) -> tuple[str, ...]:
        """The attributes that tell which example it is; people of one picture share them."""
        return self._reader.kind.named_by

    def attributes(self, names: Sequence[str]) -> dict[str, np.ndarray]:
        """Returns what is known of all examples besides, in the order of the files.

        Args:
            names: Some of `attribute_names`; of examples that are a record each.

        Returns:
            Texts of shape (N,) by name: classes by theirs, `unknown` where there is none.

        Raises:
            EmoError: There is no such attribute, or a file is missing or damaged.
        """
        features = self._reader.features
        for name in names:
            if name not in self.attribute_names:
                raise unknown_name("attribute", name, self.attribute_names)
        found = self._reader.read(list(names), dict)
        with self.errors_named():
            chosen = self._reader.kind.numbers(self._reader.files)
        return {name: attribute_texts(features[name], found[name])[chosen] for name in names}

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

    def step_sizes(self, *, drop_remainder: bool) -> list[int]:
        drop_remainder = drop_remainder or self.sharding == "files"
        noun = self._reader.kind.noun
        return self.full_steps(self.count, noun=noun, drop_remainder=drop_remainder)

    def read(
        self, steps: range, rows: list[list[range]], *, order: tuple[int, int]
    ) -> tf.data.Dataset:
        files = self._reader.files
        starts = [step * self._batch_size for step in steps]
        if self.sharding == "files":  # The worker has the stream of its own files to itself.
            files = files[self._share.worker :: self._share.workers]
            own = self._share.rows(self._batch_size)
            starts = [step * sum(map(len, own)) - own[0].start for step in steps]
        return self._reader.batches(files, places_of(starts, rows), sizes_of(rows), order=order)

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
        positions = places_of([step * self._batch_size for step in range(steps)], rows)
        batches = self._reader.batches(self._reader.files, positions, sizes_of(rows), order=None)
        others = {
            name: values.reshape(-1, len(rows[0][0]))
            for name, values in self.evaluation_parts(positions).items()
        }
        return self.completed(
            batches,
            tf.data.Dataset.from_tensor_slices(others),
            lambda batch, others: {**self.finished(batch), **others},
        )

    def errors_named(self) -> AbstractContextManager:
        return self._reader.errors_named()

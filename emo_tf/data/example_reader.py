"""Examples at chosen places of a split, decoded on the way or kept from before."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.example_cache import Arrays, keep_in_memory, keep_on_disk
from emo_tf.data.example_data import ExampleData
from emo_tf.data.example_kind import ExampleKind, parse_record
from emo_tf.data.padding import kept_rows, padded, without_padding
from emo_tf.data.pipeline import epoch_order
from emo_tf.data.record_access import RecordAccess
from emo_tf.data.records import (
    RecordFile,
    read_records,
    record_files,
    shuffle_records,
)
from emo_tf.data.tuning import without_autograph, without_tuning
from emo_tf.data.unreadable import first_unreadable
from emo_tf.errors import EmoError, in_place
from emo_tf.runtime.processors import processors

_READ_AT_A_TIME = 32
_PARSED_AT_A_TIME = 1024


class ExampleReader:
    """Reads examples of a split by where they stand in an order of it.

    Args:
        dataset: The prepared builder.
        split: `train`, `val`, `test`, or whatever TFDS takes for a split.
        kind: What an example is.
        settings: How they are read.
        cache_dir: Where the cache `disk` lies.

    Attributes:
        files: Those of the split, up to the limit.
        split: As given.
        kind: As given.
        features: Those of the data set.

    Raises:
        EmoError: There is no such split or nothing in it, or a cache has no place.
    """

    def __init__(
        self,
        dataset: tfds.core.DatasetBuilder,
        split: str,
        *,
        kind: ExampleKind,
        settings: ExampleData,
        cache_dir: Path | None,
    ):
        if settings.cache == "disk" and cache_dir is None:
            raise EmoError("cache_dir: expected a folder for the cache on disk. Received: None")
        self.files = record_files(dataset, split, limit=settings.limit)
        self.split, self.kind = split, kind
        self.features = dataset.info.features
        self._dataset, self._settings, self._cache_dir = dataset, settings, cache_dir
        self._decode = tf.function(kind.decode, autograph=False)  # Traced once for all epochs.
        self._kept: dict[tuple[RecordFile, ...], Arrays] = {}
        self._access: tuple[RecordAccess, np.ndarray] | None = None

    def batches(
        self,
        files: tuple[RecordFile, ...],
        positions: np.ndarray,
        sizes: Sequence[int],
        *,
        order: tuple[int, int] | None,
    ) -> tf.data.Dataset:
        """Returns batches of examples as `kind.decode` gives them.

        Args:
            files: Where the examples are.
            positions: Where they stand in the order, ascending; past its end it starts over.
            sizes: Examples in each batch. Only where all are equal is the shape of a batch known.
            order: Seed and epoch of a shuffled order, or `None` for the order of the files.
        """
        count = self.count(files)
        if self._settings.cache == "none":
            chosen = _at(positions, self._stream(files, order), count=count)
            return batched(self._decoded(chosen), sizes)
        places = np.arange(count)
        if order is not None:
            places = epoch_order(count, seed=order[0], epoch=order[1])
        return self._gathered(files, places[positions % count], sizes)

    def chosen(self, places: np.ndarray) -> tf.data.Dataset:
        """Returns examples one by one, as `kind.decode` gives them.

        Without a cache each is read from where it lies in its file, so that the order and what is
        not chosen cost nothing.

        Args:
            places: Where they stand in the order of the files, (N,), in any order.

        Raises:
            EmoError: Examples are kept and one of them cannot be read, or a file is damaged.
        """
        if self._settings.cache != "none":
            return self._gathered(self.files, places, [1] * len(places)).unbatch()
        if self._access is None:
            with self.errors_named(), in_place(self.split):
                self._access = RecordAccess(self.files), self.kind.numbers(self.files)
        access, numbers = self._access
        return self._decoded(access.read(numbers[places]))

    def _gathered(
        self, files: tuple[RecordFile, ...], places: np.ndarray, sizes: Sequence[int]
    ) -> tf.data.Dataset:
        """Returns batches of examples that are kept, as they stand at places of files."""
        kept, parts = self._keep(files), self.kind.parts
        indices = tf.data.Dataset.from_tensor_slices(places)
        ends = {name: np.cumsum(lengths) for name, lengths in self._lengths(files).items()}

        @without_autograph
        def gather(rows: tf.Tensor) -> dict[str, tf.Tensor]:
            values = tf.numpy_function(
                lambda rows: [
                    padded(kept[name], rows, ends=ends[name], length=part.shape[0])
                    if name in ends
                    else np.array(kept[name][rows])
                    for name, part in parts.items()
                ],
                [rows],
                [part.dtype for part in parts.values()],
                stateful=False,
            )
            return {
                name: tf.ensure_shape(value, (rows.shape[0], *part.shape))
                for (name, part), value in zip(parts.items(), values, strict=True)
            }

        return batched(indices, sizes).map(gather, num_parallel_calls=1)

    def count(self, files: tuple[RecordFile, ...]) -> int:
        """Returns how many examples are in these files.

        Raises:
            EmoError: A file is missing or damaged.
        """
        with self.errors_named():
            return self.kind.count(files)

    def read(self, names: Sequence[str], function: Callable) -> dict[str, np.ndarray]:
        """Returns what `function` makes of some features, a row a record in the order of the files.

        Args:
            names: Features that it is given; no picture is decoded.
            function: From features by name to tensors by name.

        Raises:
            EmoError: A file is missing or damaged.
        """
        with self.errors_named():
            return read_features(self._dataset, self.files, names=names, function=function)

    @contextmanager
    def errors_named(self) -> Iterator[None]:
        """Turns an error of TensorFlow that stems from the files into one that names the place.

        Raises:
            EmoError: A file is missing or damaged, or a picture in it cannot be decoded.
        """
        try:
            yield
        except (
            tf.errors.InvalidArgumentError,
            tf.errors.DataLossError,
            tf.errors.NotFoundError,
            FileNotFoundError,
        ) as error:
            for file in self.files:
                place = self._first_unreadable(file)
                if place is not None:
                    raise EmoError(f"{self.split}: {place}") from error
            raise

    def _first_unreadable(self, file: RecordFile) -> str | None:
        return first_unreadable(file, features=self.features, kind=self.kind, decode=self._decode)

    def _stream(
        self, files: tuple[RecordFile, ...], order: tuple[int, int] | None
    ) -> tf.data.Dataset:
        if order is None:
            return self.kind.elements(read_records(files))
        seed, epoch = order
        in_turn = [files[i] for i in epoch_order(len(files), seed=seed, epoch=epoch)]
        return shuffle_records(
            self.kind.elements(read_records(in_turn, parallel=self._settings.parallel_files)),
            self._settings.shuffle_buffer,
            seed=np.random.default_rng([seed, epoch, 1]).integers(2**63, size=2),
        )

    def _decoded(self, encoded: tf.data.Dataset) -> tf.data.Dataset:
        return encoded.map(self._decode, num_parallel_calls=processors(), deterministic=True)

    def _lengths(self, files: tuple[RecordFile, ...]) -> dict[str, np.ndarray]:
        """Returns for each part that is padded how many of its rows are not, of each example."""
        return {name: lengths_of(files) for name, lengths_of in self.kind.lengths.items()}

    def _keep(self, files: tuple[RecordFile, ...]) -> Arrays:
        if files not in self._kept:
            with self.errors_named(), in_place(self.split):
                lengths, count = self._lengths(files), self.kind.count(files)
                examples = self._decoded(self.kind.elements(read_records(files)))
                batches = without_tuning(examples.batch(_READ_AT_A_TIME)).as_numpy_iterator()
                expected = {
                    name: kept_rows(part, count, lengths.get(name))
                    for name, part in self.kind.parts.items()
                }
                options = {"noun": self.kind.noun}
                if self._settings.cache == "disk":
                    options |= self._place_on_disk(files)
                keep = keep_on_disk if self._settings.cache == "disk" else keep_in_memory
                self._kept[files] = keep(without_padding(batches, lengths), expected, **options)
        return self._kept[files]

    def _place_on_disk(self, files: tuple[RecordFile, ...]) -> dict[str, object]:
        """Returns the folder of the cache and what describes what is in it."""
        description = {
            "dataset": self._dataset.info.full_name,
            "split": self.split,
            "files": [[Path(f.filename).name, f.skip, f.take] for f in files],
            **self.kind.description,
        }
        digest = hashlib.sha256(json.dumps(description).encode()).hexdigest()[:12]
        readable = re.sub(r"[^\w.-]+", "_", f"{self._dataset.info.full_name}-{self.split}")
        stats = [Path(file.filename).stat() for file in files]
        return {
            "folder": Path(self._cache_dir) / f"{readable}-{digest}",
            "description": {**description, "stats": [[s.st_size, s.st_mtime_ns] for s in stats]},
        }


def read_features(
    dataset: tfds.core.DatasetBuilder,
    files: Sequence[RecordFile],
    *,
    names: Sequence[str],
    function: Callable,
) -> dict[str, np.ndarray]:
    """Returns what `function` makes of features of records, one row each: shape (N, ...) by name.

    Args:
        dataset: The data set, for its features.
        files: Its files, with the records to read of each.
        names: The features that are parsed.
        function: From the parsed features to tensors by name.
    """
    features = dataset.info.features

    @without_autograph
    def described(record: tf.Tensor) -> dict[str, tf.Tensor]:
        return function(parse_record(record, features, names=names))

    records = read_records(files).map(described)
    parts = list(without_tuning(records.batch(_PARSED_AT_A_TIME)).as_numpy_iterator())
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _at(positions: np.ndarray, stream: tf.data.Dataset, *, count: int) -> tf.data.Dataset:
    """Returns the elements of a stream of `count` at these places; past its end it starts over."""
    if not len(positions):
        return stream.take(0)
    first, end = positions[0], positions[-1] + 1
    if end > count:
        stream = stream.repeat()
    stream = stream.skip(first).take(end - first)
    is_chosen = np.zeros(end - first, bool)
    is_chosen[positions - first] = True
    if is_chosen.all():
        return stream
    marked = tf.data.Dataset.zip(stream, tf.data.Dataset.from_tensor_slices(is_chosen))
    chosen = marked.filter(without_autograph(lambda _, chosen: chosen))
    return chosen.map(without_autograph(lambda element, _: element))


def batched(examples: tf.data.Dataset, sizes: Sequence[int]) -> tf.data.Dataset:
    """Returns examples in batches of these sizes, whose shape is known where all are equal.

    Args:
        examples: One by one.
        sizes: How many examples each batch has.
    """
    if len(set(sizes)) <= 1:
        return examples.batch(max(sizes, default=1), drop_remainder=True)
    # The last step is spread over the replicas, so several batches at the end may be smaller.
    return examples.batch(1).rebatch(sizes)

"""People at chosen places of a split, decoded on the way or kept from before."""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.emotic import ATTRIBUTES, LABELS, decode_person, labels_of, parse_record
from emo_tf.data.people_cache import Arrays, keep_in_memory, keep_on_disk
from emo_tf.data.pipeline import epoch_order
from emo_tf.data.records import (
    RecordFile,
    count_records,
    read_records,
    record_files,
    shuffle_records,
)
from emo_tf.data.tuning import without_tuning
from emo_tf.errors import EmoError, in_place, unknown_name
from emo_tf.labels import EMOTIC_CATEGORIES

CACHES = ("none", "memory", "disk")
SHARDINGS = ("auto", "files", "batches")
_READ_AT_A_TIME = 32
_LABELS_AT_A_TIME = 1024

_PIXELS = 1
"""To be raised when the same picture and box give other pixels: what was kept is then of no use."""


@dataclass(frozen=True)
class PeopleData:
    """How people are read.

    Attributes:
        cache: `none` decodes every person in every epoch. `memory` and `disk` decode all people
            once, before the first batch, and keep the cut out uint8 pictures: 0.2 MB a person at
            224 x 224 and 128 x 128, 4.6 GB for the published training split. `disk` keeps them in
            files, which the next run finds again, reads through once and maps into memory. With a
            cache an epoch is shuffled as a whole.
        shuffle_buffer: Encoded people held for shuffling where there is no cache, each successive
            so many among themselves: the size of their picture files.
        parallel_files: Files read at a time.
        limit: Only the first so many people of a split.
        sharding: How several workers share a split in training. `batches`: every worker reads all
            people and decodes its own rows of each batch. `files`: every worker reads files of its
            own. `auto`: `files` where there are as many files as workers.

    Raises:
        EmoError: A name is unknown or a number below 1.
    """

    cache: str = "none"
    shuffle_buffer: int = 2048
    parallel_files: int = 8
    limit: int | None = None
    sharding: str = "auto"

    def __post_init__(self) -> None:
        for name, known in (("cache", CACHES), ("sharding", SHARDINGS)):
            if getattr(self, name) not in known:
                raise unknown_name(f"data.{name}", getattr(self, name), known)
        for name in ("shuffle_buffer", "parallel_files", "limit"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise EmoError(f"data.{name}: expected at least 1. Received: {value}")


class PeopleReader:
    """Reads people of a split by where they stand in an order of it.

    Args:
        dataset: The prepared builder of `emotic`.
        split: `train`, `val`, `test`, or whatever TFDS takes for a split.
        inputs: Height and width in pixels of `scene`, `body` or both.
        settings: How they are read.
        cache_dir: Where the cache `disk` lies.

    Attributes:
        files: Those of the split, up to the limit.

    Raises:
        EmoError: There is no such split or nobody in it, or a cache has no place.
    """

    def __init__(
        self,
        dataset: tfds.core.DatasetBuilder,
        split: str,
        *,
        inputs: Mapping[str, tuple[int, int]],
        settings: PeopleData,
        cache_dir: Path | None,
    ):
        if settings.cache == "disk" and cache_dir is None:
            raise EmoError("cache_dir: expected a folder for the cache on disk. Received: None")
        self.files = record_files(dataset, split, limit=settings.limit)
        self._dataset, self._split, self._inputs = dataset, split, inputs
        self._settings, self._cache_dir = settings, cache_dir
        self._parts = {
            **{name: tf.TensorSpec((*size, 3), tf.uint8) for name, size in inputs.items()},
            "box": tf.TensorSpec(4),
            "categories": tf.TensorSpec(len(EMOTIC_CATEGORIES)),
            "vad": tf.TensorSpec(3),
        }
        features = dataset.info.features
        # Traced once for all epochs.
        self._decode = tf.function(lambda record: decode_person(record, features, inputs=inputs))
        self._kept: dict[tuple[RecordFile, ...], Arrays] = {}

    def batches(
        self,
        files: tuple[RecordFile, ...],
        positions: np.ndarray,
        sizes: Sequence[int],
        *,
        order: tuple[int, int] | None,
    ) -> tf.data.Dataset:
        """Returns batches of people as `decode_person` gives them.

        Args:
            files: Where the people are.
            positions: Where they stand in the order, ascending; past its end it starts over.
            sizes: People in each batch. Only where all are equal is the shape of a batch known.
            order: Seed and epoch of a shuffled order, or `None` for the order of the files.
        """
        if self._settings.cache == "none":
            chosen = _at(positions, self._stream(files, order), count=count_records(files))
            return _batched(self._decoded(chosen), sizes)
        kept = self._keep(files)
        count = count_records(files)
        places = np.arange(count)
        if order is not None:
            places = epoch_order(count, seed=order[0], epoch=order[1])
        indices = tf.data.Dataset.from_tensor_slices(places[positions % count])

        def gather(rows: tf.Tensor) -> dict[str, tf.Tensor]:
            values = tf.numpy_function(
                lambda rows: [np.array(kept[name][rows]) for name in self._parts],
                [rows],
                [part.dtype for part in self._parts.values()],
                stateful=False,
            )
            return {
                name: tf.ensure_shape(value, (rows.shape[0], *part.shape))
                for (name, part), value in zip(self._parts.items(), values, strict=True)
            }

        return _batched(indices, sizes).map(gather, num_parallel_calls=1)

    def labels(self) -> dict[str, np.ndarray]:
        """Returns `categories` (N, 26) and `vad` (N, 3) of all, in the order of the files."""
        return self._read(LABELS, labels_of)

    def attributes(self) -> dict[str, np.ndarray]:
        """Returns the names of `gender` and `age` of all, (N,), in the order of the files."""
        features = self._dataset.info.features
        numbers = self._read(ATTRIBUTES, dict)
        return {name: np.array(features[name].names)[numbers[name]] for name in ATTRIBUTES}

    def _read(self, names: Sequence[str], function: Callable) -> dict[str, np.ndarray]:
        features = self._dataset.info.features
        records = read_records(self.files).map(
            lambda record: function(parse_record(record, features, names=names))
        )
        with self.errors_named():
            parts = list(without_tuning(records.batch(_LABELS_AT_A_TIME)).as_numpy_iterator())
        return {name: np.concatenate([part[name] for part in parts]) for name in names}

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
                    raise EmoError(f"{self._split}: {place}") from error
            raise

    def _first_unreadable(self, file: RecordFile) -> str | None:
        """Returns the place in a file that cannot be read, and why."""
        features = self._dataset.info.features
        good = 0
        try:
            for record in read_records([file]):
                names = parse_record(record, features, names=("folder", "filename"))
                place = f"{names['folder'].numpy().decode()}/{names['filename'].numpy().decode()}"
                try:
                    self._decode(record)
                except tf.errors.InvalidArgumentError as error:
                    return (
                        f"{file.filename}: {place}: expected a picture and a box in it. "
                        f"Received: {_reason(error)}"
                    )
                good += 1
        except tf.errors.OpError as error:
            return (
                f"{file.filename}: record {good + 1}: expected one of the data set. "
                f"Received: {_reason(error)}"
            )
        return None

    def _stream(
        self, files: tuple[RecordFile, ...], order: tuple[int, int] | None
    ) -> tf.data.Dataset:
        if order is None:
            return read_records(files)
        seed, epoch = order
        in_turn = [files[i] for i in epoch_order(len(files), seed=seed, epoch=epoch)]
        return shuffle_records(
            read_records(in_turn, parallel=self._settings.parallel_files),
            self._settings.shuffle_buffer,
            seed=np.random.default_rng([seed, epoch, 1]).integers(2**63, size=2),
        )

    def _decoded(self, encoded: tf.data.Dataset) -> tf.data.Dataset:
        return encoded.map(self._decode, num_parallel_calls=processors(), deterministic=True)

    def _keep(self, files: tuple[RecordFile, ...]) -> Arrays:
        if files not in self._kept:
            people = self._decoded(read_records(files)).batch(_READ_AT_A_TIME)
            with self.errors_named(), in_place(self._split):
                self._kept[files] = (
                    keep_in_memory(people, count_records(files), parts=self._parts)
                    if self._settings.cache == "memory"
                    else self._keep_on_disk(files, people)
                )
        return self._kept[files]

    def _keep_on_disk(self, files: tuple[RecordFile, ...], people: tf.data.Dataset) -> Arrays:
        description = {
            "dataset": self._dataset.info.full_name,
            "split": self._split,
            "files": [[Path(f.filename).name, f.skip, f.take] for f in files],
            "inputs": self._inputs,
            "pixels": _PIXELS,
        }
        digest = hashlib.sha256(json.dumps(description).encode()).hexdigest()[:12]
        readable = re.sub(r"[^\w.-]+", "_", f"{self._dataset.info.full_name}-{self._split}")
        stats = [Path(file.filename).stat() for file in files]
        return keep_on_disk(
            people,
            count_records(files),
            parts=self._parts,
            folder=Path(self._cache_dir) / f"{readable}-{digest}",
            description={**description, "stats": [[s.st_size, s.st_mtime_ns] for s in stats]},
        )


def processors() -> int:
    """Returns how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


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
    return marked.filter(lambda _, chosen: chosen).map(lambda element, _: element)


def _batched(people: tf.data.Dataset, sizes: Sequence[int]) -> tf.data.Dataset:
    if len(set(sizes)) <= 1:
        return people.batch(max(sizes, default=1), drop_remainder=True)
    # The last step is spread over the replicas, so several batches at the end may be smaller.
    return people.batch(1).rebatch(sizes)


def _reason(error: tf.errors.OpError) -> str:
    """Returns TensorFlow's message without the names of its graph."""
    return re.sub(r"^({{.*?}}\s*)+|\s*\[Op:\w+\].*", "", error.message.splitlines()[0])

"""The faces of a prepared data set of expressions as clips, in batches."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.clip_changes import ClipChanges, standing
from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.clip_records import ClipRecords
from emo_tf.data.example_data import ExampleData
from emo_tf.data.example_kind import ExampleKind
from emo_tf.data.example_reader import ExampleReader
from emo_tf.data.examples import Examples
from emo_tf.data.sharing import Share
from emo_tf.data.tuning import without_autograph

_PIXELS = 1
"""To be raised when the same record gives other pixels: what was kept is then of no use."""


@dataclass(frozen=True)
class ClipData(ExampleData):
    """How clips are read; see `ExampleData`.

    A cache keeps 0.15 MB a frame of 224 x 224 in RGB and 2.3 kB a frame of 48 x 48 in grey: of
    AffectNet's 284,000 stills 43 GB or 0.65 GB.
    """


class Clips(ClipChanges, Examples):
    """One split of a prepared data set of expressions, for a model of video.

    Batches are dictionaries of `clip` float32 (b, T, height, width, channels), pixels of 0 to 255,
    and `label` int32 (b, T), the expression of each frame in the order of `EXPRESSIONS`. Of
    `vtt_friends` an example is the T frames round a key frame, as they were cut out; of the others
    it is a still, which stands for T frames: of `affectnet` and `raf_db` the square of the
    published static training round the face, of `fer2013` the whole picture. Faces of no expression
    of the seven (AffectNet's contempt) do not occur.

    Args:
        dataset: The prepared builder of `vtt_friends`, `affectnet`, `raf_db` or `fer2013`.
        split: `train`, `validation`, or whatever TFDS takes for a split.
        inputs: What a model takes.
        batch_size: Clips in a batch of all replicas of all workers together.
        settings: How they are read; by default as `ClipData` says.
        share: Which part of each batch this process reads, by default all. An element of a data
            set is the batch of one replica.
        cache_dir: Where the cache `disk` lies.

    Attributes:
        split: As given.
        name: Of the data set and split, for messages.
        inputs: As given.
        count: Clips in the split, up to the limit.

    Raises:
        EmoError: There is no such split or nothing in it, the data set has not what is asked for,
            the batch cannot be shared out evenly, or the cache on disk has no place.
    """

    def __init__(
        self,
        dataset: tfds.core.DatasetBuilder,
        split: str,
        *,
        inputs: ClipInputs,
        batch_size: int,
        settings: ClipData | None = None,
        share: Share | None = None,
        cache_dir: Path | None = None,
    ):
        settings = settings or ClipData()
        self.inputs, self._records = inputs, ClipRecords(dataset, inputs)
        self.name = f"{dataset.name} {split}"
        reader = ExampleReader(
            dataset, split, kind=self._kind(), settings=settings, cache_dir=cache_dir
        )
        super().__init__(
            reader, batch_size=batch_size, sharding=settings.sharding, share=share or Share()
        )

    def labels(self) -> np.ndarray:
        """Returns the labels of all clips in the order of evaluation; no picture is decoded.

        Returns:
            int32 (N,).

        Raises:
            EmoError: A file is missing or damaged.
        """
        with self.errors_named():
            labels = self._records.labels(self._reader.files)
        return labels[labels >= 0]

    def chosen(self, places: np.ndarray, lots: np.ndarray) -> tf.data.Dataset:
        """Returns clips one by one, neither changed nor finished.

        Args:
            places: Where they stand in the order of evaluation, (N,), in any order.
            lots: Not looked at; see `ClipSource`.

        Returns:
            Elements of `clip` uint8 (T, height, width, channels) and `label` int32 (T,).
        """
        stand = without_autograph(lambda example: standing(example, frames=self.inputs.frames))
        return self._reader.chosen(places).map(stand, num_parallel_calls=1)

    def _kind(self) -> ExampleKind:
        records = self._records
        shape = (records.stored, *self.inputs.shape[1:])
        return ExampleKind(
            noun="clips",
            expected="pictures of a face",
            named_by=records.layout.named_by,
            parts={"clip": tf.TensorSpec(shape, tf.uint8), "label": tf.TensorSpec((), tf.int32)},
            decode=records.decode,
            description={"clips_of": asdict(self.inputs), "pixels": _PIXELS},
            elements=records.labelled,
            count=records.count,
            numbers=records.numbers,
        )

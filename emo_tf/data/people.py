"""The people of a prepared EMOTIC data set, in batches for training and evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.emotic import LABELS, decode_person, labels_of
from emo_tf.data.example_data import ExampleData
from emo_tf.data.example_kind import ExampleKind
from emo_tf.data.example_reader import ExampleReader
from emo_tf.data.examples import Examples
from emo_tf.data.person_augment import PICTURES, PersonAugmentation, augment_people
from emo_tf.data.sharing import Share
from emo_tf.errors import unknown_name
from emo_tf.labels import EMOTIC_CATEGORIES

_PIXELS = 1
"""To be raised when the same picture and box give other pixels: what was kept is then of no use."""


@dataclass(frozen=True)
class PeopleData(ExampleData):
    """How people are read; see `ExampleData`.

    A cache keeps 0.2 MB a person at 224 x 224 and 128 x 128, 4.6 GB for the published training
    split.
    """


class People(Examples):
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
        reader = ExampleReader(
            dataset,
            split,
            kind=_person_kind(dataset.info.features, dict(inputs)),
            settings=settings,
            cache_dir=cache_dir,
        )
        super().__init__(reader, batch_size=batch_size, sharding=settings.sharding, share=share)
        self._augment = tf.function(augment_people)  # Traced once for all epochs.

    def labels(self) -> dict[str, np.ndarray]:
        """Returns the labels of all people, in the order of the files; no picture is decoded.

        Returns:
            `categories` float32 (N, 26) of 0 and 1, and `vad` float32 (N, 3) of 1 to 10.

        Raises:
            EmoError: A file is missing or damaged.
        """
        return self._reader.read(LABELS, labels_of)

    def finished(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {name: tf.cast(value, tf.float32) for name, value in batch.items()}

    def augmented(
        self, batch: dict[str, tf.Tensor], draws: tf.Tensor, augmentation: PersonAugmentation
    ) -> dict[str, tf.Tensor]:
        return self._augment(batch, draws, augmentation)


def _person_kind(
    features: tfds.features.FeaturesDict, inputs: Mapping[str, tuple[int, int]]
) -> ExampleKind:
    return ExampleKind(
        noun="people",
        expected="a picture and a box in it",
        named_by=("folder", "filename"),
        parts={
            **{name: tf.TensorSpec((*size, 3), tf.uint8) for name, size in inputs.items()},
            "box": tf.TensorSpec(4),
            "categories": tf.TensorSpec(len(EMOTIC_CATEGORIES)),
            "vad": tf.TensorSpec(3),
        },
        decode=lambda record: decode_person(record, features, inputs=inputs),
        description={"inputs": inputs, "pixels": _PIXELS},
    )

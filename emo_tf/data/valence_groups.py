"""EMOTIC's people as examples of groups: the whole picture, with three classes of valence."""

from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.decode import decode_image, resize
from emo_tf.data.example_data import ExampleData
from emo_tf.data.example_kind import ExampleKind, parse_record
from emo_tf.data.example_reader import ExampleReader
from emo_tf.data.examples import Examples
from emo_tf.data.group_augment import GroupAugmentation, augment_alone
from emo_tf.data.group_inputs import GroupInputs
from emo_tf.data.sharing import Share
from emo_tf.errors import EmoError
from emo_tf.labels import VAD

_STARTS = (4.5, 7.5)
"""Valence where neutral and positive begin: 5 to 7 and 8 to 10, else rounded half up."""

_PIXELS = 1
"""To be raised when the same picture gives other pixels: what was kept is then of no use."""


class ValenceGroups(Examples):
    """One split of a prepared EMOTIC data set, as `GroupPictures` gives one of groups.

    Gupta et al. 2018 train the global branch on it first. An example is a person: `image` float32
    (b, height, width, 3), the whole picture, RGB of 0 to 255, and `label` int32 (b,), the class of
    the person's apparent valence in the order of `GROUP_EMOTIONS`.

    Args:
        dataset: The prepared builder of `emotic`.
        split: `train`, `val`, `test`, or whatever TFDS takes for a split.
        inputs: What is read: a picture alone.
        batch_size: People in a batch of all replicas of all workers together.
        settings: How they are read; by default as `ExampleData` says.
        share: Which part of each batch this process reads, by default all.
        cache_dir: Where the cache `disk` lies.
        unit: What an example is: `pictures`.

    Attributes:
        split: As given.
        count: People in the split, up to the limit.

    Raises:
        EmoError: As for `GroupPictures`, or faces are asked for.
    """

    def __init__(
        self,
        dataset: tfds.core.DatasetBuilder,
        split: str,
        *,
        inputs: GroupInputs,
        batch_size: int,
        settings: ExampleData | None = None,
        share: Share | None = None,
        cache_dir: Path | None = None,
        unit: str = "pictures",
    ):
        if not inputs.image_size or inputs.faces or inputs.features or unit != "pictures":
            raise EmoError(
                f"{dataset.name}: expected a model of the whole picture alone, as its faces are "
                f"not known. Received: unit={unit!r}, {inputs}"
            )
        settings = settings or ExampleData()
        kind = _person_kind(dataset.info.features, inputs.image_size)
        reader = ExampleReader(dataset, split, kind=kind, settings=settings, cache_dir=cache_dir)
        super().__init__(
            reader, batch_size=batch_size, sharding=settings.sharding, share=share or Share()
        )
        self._augment = tf.function(augment_alone, autograph=False)  # Traced once for all epochs.

    def labels(self) -> np.ndarray:
        """Returns the labels of all people in the order of evaluation, int32 (N,).

        Raises:
            EmoError: A file is missing or damaged.
        """
        return self._reader.read(("vad",), _labelled)["label"]

    def filenames(self) -> tuple[str, ...]:
        """Returns folder and name of each person's picture in the order of evaluation.

        Raises:
            EmoError: A file is missing or damaged.
        """
        found = self._reader.read(("folder", "filename"), dict)
        pairs = zip(found["folder"], found["filename"], strict=True)
        return tuple(f"{folder.decode()}/{name.decode()}" for folder, name in pairs)

    def face_counts(self) -> np.ndarray:
        """Returns zeros, int32 (N,): no face has been looked for."""
        return np.zeros(self.count, np.int32)

    def finished(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {**batch, "image": tf.cast(batch["image"], tf.float32)}

    def augmented(
        self, batch: dict[str, tf.Tensor], draws: tf.Tensor, augmentation: GroupAugmentation
    ) -> dict[str, tf.Tensor]:
        return {**batch, "image": self._augment(batch["image"], draws, augmentation.picture)}


def _person_kind(features: tfds.features.FeaturesDict, size: tuple[int, int]) -> ExampleKind:
    def decode(record: tf.Tensor) -> dict[str, tf.Tensor]:
        person = parse_record(record, features, names=("image", "vad"))
        return {"image": resize(decode_image(person["image"]), size), **_labelled(person)}

    return ExampleKind(
        noun="people",
        expected="a picture",
        named_by=("folder", "filename"),
        parts={"image": tf.TensorSpec((*size, 3), tf.uint8), "label": tf.TensorSpec((), tf.int32)},
        decode=decode,
        description={"valence_of": {"image": size}, "pixels": _PIXELS},
    )


def _labelled(person: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    valence = person["vad"][VAD.index("valence")]
    return {"label": sum(tf.cast(valence >= start, tf.int32) for start in _STARTS)}

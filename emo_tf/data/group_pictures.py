"""The pictures of a prepared data set of groups, or their faces, in batches."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.example_data import ExampleData
from emo_tf.data.example_kind import ExampleKind
from emo_tf.data.example_reader import ExampleReader
from emo_tf.data.examples import Examples
from emo_tf.data.group_augment import GroupAugmentation, augment_alone, draw_group
from emo_tf.data.group_inputs import GroupInputs
from emo_tf.data.group_records import GroupRecords
from emo_tf.data.picture_augment import draw
from emo_tf.data.sharing import Share
from emo_tf.errors import EmoError, unknown_name

UNITS = ("pictures", "faces")
FEATURES = 256
"""Units of O-Net's last hidden layer."""

_PIXELS = 1
"""To be raised when the same record gives other pixels: what was kept is then of no use."""


@dataclass(frozen=True)
class GroupData(ExampleData):
    """How pictures of groups are read; see `ExampleData`.

    A cache keeps 0.15 MB a picture at 224 x 224 and 32 kB a cut-out face, as many as there are:
    for the 9,808 published training pictures 1.5 GB, and 1.6 GB of faces if there are five in a
    picture; at most 4.7 GB with 15 faces in each.
    """


class GroupPictures(Examples):
    """One split of a prepared data set of groups, for a model.

    Batches are dictionaries of `label` int32 (b,), in the order of `GROUP_EMOTIONS`, and what is
    asked for:

    - `image` float32 (b, height, width, 3), RGB of 0 to 255;
    - `faces` float32 (n, height, width, 3), RGB of 0 to 255, the faces of all pictures of the batch
      one after another, those of the first picture first and in each the largest first; one black
      face where no picture of the batch has any; and `face_mask` float32 (b, F), 1 for each face
      that a picture has and 0 after them;
    - `face_features` float32 (b, F, 256), zeros where there is no face, and `face_mask` as above,
      which is `feature_mask` where there are faces too.

    By the unit `faces` an example is one face, with the label of its picture: `faces` float32
    (b, height, width, 3) and `label` int32 (b,), in evaluation also `picture` int32 (b,), the place
    of the picture in `filenames()`. Pictures without a face do not occur.

    Args:
        dataset: The prepared builder of `group_affect`.
        split: `train`, `val`, `train+val`, or whatever TFDS takes for a split.
        inputs: What is read.
        batch_size: Pictures or faces in a batch of all replicas of all workers together.
        settings: How they are read; by default as `GroupData` says.
        share: Which part of each batch this process reads, by default all. An element of a data
            set is the batch of one replica.
        cache_dir: Where the cache `disk` lies.
        unit: What an example is, one of `UNITS`.

    Attributes:
        split: As given.
        count: Pictures or faces in the split, up to the limit.

    Raises:
        EmoError: There is no such split or nothing in it, the data set has not what is asked for,
            the batch cannot be shared out evenly, or the cache on disk has no place.
    """

    def __init__(
        self,
        dataset: tfds.core.DatasetBuilder,
        split: str,
        *,
        inputs: GroupInputs,
        batch_size: int,
        settings: GroupData | None = None,
        share: Share | None = None,
        cache_dir: Path | None = None,
        unit: str = "pictures",
    ):
        settings = settings or GroupData()
        if unit not in UNITS:
            raise unknown_name("unit", unit, UNITS)
        if unit == "faces" and (not inputs.faces or inputs.image_size or inputs.features):
            raise EmoError(f"inputs: expected faces alone for the unit faces. Received: {inputs}")
        self._inputs, self._unit = inputs, unit
        self._records = GroupRecords(dataset, inputs)
        reader = ExampleReader(
            dataset, split, kind=self._kind(), settings=settings, cache_dir=cache_dir
        )
        super().__init__(
            reader, batch_size=batch_size, sharding=settings.sharding, share=share or Share()
        )
        self._augment = tf.function(augment_alone, autograph=False)  # Traced once for all epochs.

    def training(self, *, augmentation: GroupAugmentation | None, **options) -> tf.data.Dataset:
        """Returns the batches of an epoch, shuffled and augmented; see `Examples.training`.

        Args:
            augmentation: What to change; nothing if `None`.
            options: As there.

        Raises:
            EmoError: As there; or a picture has no label.
        """
        known = self._known()
        unlabelled = known["filename"][known["label"] < 0]
        if len(unlabelled):
            raise EmoError(
                f"{self.split}: expected pictures with labels for training. "
                f"Received: {len(unlabelled)} without one, the first of them {unlabelled[0]}"
            )
        return super().training(augmentation=augmentation, **options)

    def labels(self) -> np.ndarray:
        """Returns the labels of all examples in the order of evaluation; no picture is decoded.

        Returns:
            int32 (N,), -1 where there is none.

        Raises:
            EmoError: A file is missing or damaged.
        """
        labels = self._known()["label"]
        return labels[self._pictures_of_faces()] if self._unit == "faces" else labels

    def filenames(self) -> tuple[str, ...]:
        """Returns the names of all pictures in the order of the files, those without faces too.

        Raises:
            EmoError: A file is missing or damaged.
        """
        return tuple(self._known()["filename"].tolist())

    def face_counts(self) -> np.ndarray:
        """Returns how many faces were found in each of `filenames()`, more or fewer than are read.

        Returns:
            int32 (N,); zeros where the data set has no faces.

        Raises:
            EmoError: A file is missing or damaged.
        """
        return self._known()["face_count"]

    def finished(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return self._changed(batch, None, None)

    def augmented(
        self, batch: dict[str, tf.Tensor], draws: tf.Tensor, augmentation: GroupAugmentation
    ) -> dict[str, tf.Tensor]:
        return self._changed(batch, draws, augmentation)

    def draws(self, seed: tf.Tensor, examples: int) -> tf.Tensor:
        if self._unit == "faces":
            return draw(seed, examples)
        return draw_group(seed, examples, faces=self._inputs.faces)

    def evaluation_parts(self, positions: np.ndarray) -> dict[str, np.ndarray]:
        parts = super().evaluation_parts(positions)
        if self._unit == "faces":
            parts["picture"] = self._pictures_of_faces()[positions % self.count]
        return parts

    def _changed(
        self,
        batch: dict[str, tf.Tensor],
        draws: tf.Tensor | None,
        augmentation: GroupAugmentation | None,
    ) -> dict[str, tf.Tensor]:
        """Returns what a model is given of a batch, changed at random where there are draws."""

        def change(pictures: tf.Tensor, which: str, own_draws: tf.Tensor | None) -> tf.Tensor:
            if augmentation is None:
                return tf.cast(pictures, tf.float32)
            return self._augment(pictures, own_draws, getattr(augmentation, which))

        if self._unit == "faces":
            return {**batch, "faces": change(batch["faces"], "faces", draws)}
        found = {"label": batch["label"]}
        if "image" in batch:
            own_draws = None if draws is None else draws[:, 0]
            found["image"] = change(batch["image"], "picture", own_draws)
        if "face_features" in batch:
            length = batch["face_features"].shape[1]
            name = "feature_mask" if "faces" in batch else "face_mask"
            found["face_features"] = batch["face_features"]
            found[name] = tf.sequence_mask(batch["feature_count"], length, tf.float32)
        if "faces" in batch:
            is_face = tf.sequence_mask(batch["face_count"], batch["faces"].shape[1])  # (b, F)
            own_draws = None if draws is None else tf.boolean_mask(draws[:, 1:], is_face)
            packed = change(tf.boolean_mask(batch["faces"], is_face), "faces", own_draws)
            is_empty = tf.cast(tf.equal(tf.shape(packed)[:1], 0), tf.int32)
            black = tf.zeros(tf.concat([is_empty, packed.shape[1:]], axis=0))
            packed = tf.ensure_shape(tf.concat([packed, black], axis=0), packed.shape)
            found |= {"faces": packed, "face_mask": tf.cast(is_face, tf.float32)}
        return found

    def _known(self) -> dict[str, np.ndarray]:
        with self.errors_named():
            return self._records.known(self._reader.files)

    def _pictures_of_faces(self) -> np.ndarray:
        """Returns for each face of the split the place of its picture, int32."""
        counts = np.minimum(self._known()["stored"], self._inputs.faces)
        return np.repeat(np.arange(len(counts), dtype=np.int32), counts)

    def _kind(self) -> ExampleKind:
        records, inputs = self._records, self._inputs
        cut_out = f"faces cut out as {inputs.alignment}" if inputs.faces else ""
        by_faces = self._unit == "faces"
        parts = {"label": tf.TensorSpec((), tf.int32)}
        lengths = {}
        if inputs.image_size:
            parts["image"] = tf.TensorSpec((*inputs.image_size, 3), tf.uint8)

        def counted(most: int):
            return lambda files: np.minimum(records.known(files)["stored"], most)

        if inputs.faces:
            face = (*inputs.crop_size, 3)
            parts["faces"] = tf.TensorSpec(face if by_faces else (inputs.faces, *face), tf.uint8)
            if not by_faces:
                parts["face_count"] = tf.TensorSpec((), tf.int32)
                lengths["faces"] = counted(inputs.faces)
        if inputs.features:
            parts["face_features"] = tf.TensorSpec((inputs.features, FEATURES))
            parts["feature_count"] = tf.TensorSpec((), tf.int32)
            lengths["face_features"] = counted(inputs.features)
        options = {}
        if by_faces:
            face_counts = counted(inputs.faces)
            options["elements"] = records.faces_of
            options["count"] = lambda files: int(face_counts(files).sum())
        return ExampleKind(
            noun=self._unit,
            expected=" and ".join(filter(None, ["a picture", cut_out])),
            named_by=("filename",),
            parts=parts,
            decode=records.decode_face if by_faces else records.decode_picture,
            description={"inputs": asdict(inputs), "unit": self._unit, "pixels": _PIXELS},
            lengths=lengths,
            **options,
        )

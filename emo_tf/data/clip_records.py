"""Records of prepared data sets of expressions: clips of a face, or still pictures of one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.decode import decode_image
from emo_tf.data.example_kind import parse_record
from emo_tf.data.example_reader import read_features
from emo_tf.data.records import RecordFile
from emo_tf.data.tuning import without_autograph
from emo_tf.errors import EmoError, unknown_name
from emo_tf.labels import EXPRESSIONS
from emo_tf.runtime.box_crops import crop_box, crop_square
from emo_tf.runtime.image_io import to_grey

STILL_GROWTH = 0.5
"""`k` of the square that is cut out of a photograph, as published for static training."""


@dataclass(frozen=True)
class Layout:
    """Where a data set has what is read.

    Attributes:
        label: The feature with the class.
        named_by: Features that name a record.
        picture: The feature with the picture, or with the pictures of a clip.
        box: The feature with the face's box, where the picture is more than the face.
    """

    label: str
    named_by: tuple[str, ...]
    picture: str = "image"
    box: str | None = None


LAYOUTS = {
    "vtt_friends": Layout("label", ("episode", "record", "character"), picture="frames"),
    "affectnet": Layout("expression7", ("filename",), box="box_xywh"),
    "raf_db": Layout("label", ("filename",), box="box_xywh"),
    "fer2013": Layout("label", ("id",)),
}


class ClipRecords:
    """What is made of the records of a data set of expressions.

    Args:
        dataset: The prepared builder, one of `LAYOUTS`.
        inputs: What is read.

    Attributes:
        layout: Where the data set has it.
        stored: Frames that are decoded: those of a clip, or the one of a still.

    Raises:
        EmoError: The data set is another, has not the seven expressions, or has shorter clips.
    """

    def __init__(self, dataset: tfds.core.DatasetBuilder, inputs: ClipInputs):
        if dataset.name not in LAYOUTS:
            raise unknown_name("data set of expressions", dataset.name, LAYOUTS)
        self.layout, self._features = LAYOUTS[dataset.name], dataset.info.features
        label = self.layout.label
        if label not in self._features or self._features[label].names != list(EXPRESSIONS):
            raise EmoError(
                f"{dataset.data_path}: expected a data set with one of the seven expressions a "
                f"face. Received: {dataset.info.full_name}"
            )
        self._first, self.stored = 0, 1
        *frames, _, _, _ = self._features[self.layout.picture].shape
        if frames:
            (length,) = frames
            # The key frame stands at half the length, in a clip of the model's frames too.
            self._first, self.stored = length // 2 - inputs.frames // 2, inputs.frames
            if inputs.frames > length:
                raise EmoError(
                    f"frames: expected at most {length}, as many as the clips of "
                    f"{dataset.info.full_name} have. Received: {inputs.frames}"
                )
        self._dataset, self._inputs = dataset, inputs
        self._labels: dict[tuple[RecordFile, ...], np.ndarray] = {}

    def labels(self, files: Sequence[RecordFile]) -> np.ndarray:
        """Returns the labels of all records, int32 (N,), -1 where it is none of the seven.

        No picture is decoded; read once.
        """
        files = tuple(files)
        if files not in self._labels:
            names = [self.layout.label]
            found = read_features(self._dataset, files, names=names, function=self._labelled)
            self._labels[files] = found["label"]
        return self._labels[files]

    def numbers(self, files: Sequence[RecordFile]) -> np.ndarray:
        """Returns which records have one of the seven, (N,)."""
        return np.flatnonzero(self.labels(files) >= 0)

    def count(self, files: Sequence[RecordFile]) -> int:
        """Returns how many records have one of the seven."""
        return len(self.numbers(files))

    def labelled(self, records: tf.data.Dataset) -> tf.data.Dataset:
        """Returns those of the records that have one of the seven."""
        names = [self.layout.label]

        @without_autograph
        def is_labelled(record: tf.Tensor) -> tf.Tensor:
            return self._labelled(parse_record(record, self._features, names=names))["label"] >= 0

        return records.filter(is_labelled)

    def decode(self, record: tf.Tensor) -> dict[str, tf.Tensor]:
        """Makes a record what a model takes of a clip.

        Args:
            record: As it lies in the file, a scalar string.

        Returns:
            `clip` uint8 (stored, height, width, channels), and `label` int32 ().
        """
        layout = self.layout
        names = [layout.label, layout.picture, *([layout.box] if layout.box else [])]
        parsed = parse_record(record, self._features, names=names)
        if layout.picture == "frames":
            encoded = parsed["frames"][self._first : self._first + self.stored]
        else:
            encoded = parsed[layout.picture][None]
        pictures = tf.map_fn(
            without_autograph(decode_image),
            encoded,
            fn_output_signature=tf.TensorSpec((None, None, 3), tf.uint8),
        )
        box = tf.cast(parsed[layout.box], tf.float32) if layout.box else tf.zeros([0])
        clip = tf.numpy_function(self._cut_out, [pictures, box], tf.uint8, stateful=False)
        shape = (self.stored, *self._inputs.shape[1:])
        return {"clip": tf.ensure_shape(clip, shape), **self._labelled(parsed)}

    def _labelled(self, parsed: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {"label": tf.cast(parsed[self.layout.label], tf.int32)}

    def _cut_out(self, pictures: np.ndarray, box_xywh: np.ndarray) -> np.ndarray:
        """Returns the faces of pictures (T, H, W, 3), which are whole where there is no box."""
        return np.stack([face_of(p, box_xywh.tolist(), self._inputs) for p in pictures])


def face_of(picture: np.ndarray, box_xywh: Sequence[float], inputs: ClipInputs) -> np.ndarray:
    """Returns a face as a model takes it.

    Args:
        picture: uint8 RGB (H, W, 3).
        box_xywh: The face's box, of which the square with `STILL_GROWTH` is cut out, in the
            picture's mean colour beyond its edges; empty where the picture is the face.
        inputs: What is read.

    Returns:
        uint8 (height, width, channels).
    """
    size = inputs.size
    if box_xywh:
        face = crop_square(picture, box_xywh, size=size, k=STILL_GROWTH)
        seen = crop_square(np.full_like(picture, 255), box_xywh, size=size, k=STILL_GROWTH) / 255
        mean = picture.mean(axis=(0, 1))
        face = np.rint(face + (1 - seen) * mean).clip(0, 255).astype(np.uint8)
    else:
        height, width, _ = picture.shape
        face = crop_box(picture, (0, 0, width, height), size=size)
    return to_grey(face)[..., None] if inputs.colour == "grey" else face

"""Records of a prepared data set of groups: the whole picture and the faces in it."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.decode import decode_image, resize
from emo_tf.data.example_kind import parse_record
from emo_tf.data.example_reader import read_features
from emo_tf.data.group_inputs import BOX, GroupInputs
from emo_tf.data.records import RecordFile
from emo_tf.data.tuning import without_autograph
from emo_tf.errors import EmoError
from emo_tf.runtime.box_crops import crop_box

_SCORES = "faces/score"
"""The least that tells how many faces of a picture are stored."""


class GroupRecords:
    """What is made of the records of a data set of groups.

    Args:
        dataset: The prepared builder of `group_affect`.
        inputs: What is read.

    Raises:
        EmoError: The data set has no faces, or none that are cut out as asked.
    """

    def __init__(self, dataset: tfds.core.DatasetBuilder, inputs: GroupInputs):
        features = dataset.info.features
        self.has_faces = "faces" in features
        if (inputs.faces or inputs.features) and not self.has_faces:
            raise EmoError(
                f"{dataset.data_path}: expected a data set with faces, as `emo-tf data build "
                f"group_affect/faces` makes it. Received: {dataset.info.full_name}, pictures alone"
            )
        if (
            inputs.alignment not in (None, BOX)
            and inputs.alignment not in features["faces"].feature
        ):
            known = [n for n, f in features["faces"].feature.items() if _is_picture(f)]
            raise EmoError(
                f"{dataset.data_path}: expected faces cut out as {inputs.alignment}; `emo-tf data "
                "build group_affect/faces` makes both alignments. "
                f"Received: {', '.join(known) or 'none cut out'}"
            )
        self.inputs = inputs
        self._dataset, self._features = dataset, features
        self._known: dict[tuple[RecordFile, ...], dict[str, np.ndarray]] = {}

    def known(self, files: Sequence[RecordFile]) -> dict[str, np.ndarray]:
        """Returns what is known of the pictures of files without decoding any; read once.

        Returns:
            `label` int32 (N,), -1 where there is none, `filename`, text (N,), `face_count` int32
            (N,), the faces that were found, and `stored` int32 (N,), those of which there is more.
        """
        files = tuple(files)
        if files not in self._known:
            names = ["label", "filename", *(("face_count", _SCORES) if self.has_faces else ())]
            found = read_features(self._dataset, files, names=names, function=_described)
            found["filename"] = np.array([name.decode() for name in found["filename"]], str)
            self._known[files] = found
        return self._known[files]

    def decode_picture(self, record: tf.Tensor) -> dict[str, tf.Tensor]:
        """Makes a record what a model takes of a picture.

        Args:
            record: As it lies in the file, a scalar string.

        Returns:
            `label` int32 (), -1 where there is none, and what is asked for: `image` uint8 RGB
            (height, width, 3); `faces` uint8 RGB (F, height, width, 3), black where there is none,
            and how many there are, `face_count` int32 (); `face_features` float32 (F, 256), zeros
            where there is none, and `feature_count` int32 ().
        """
        inputs = self.inputs
        parsed = parse_record(record, self._features, names=self._names())
        example = {"label": tf.cast(parsed["label"], tf.int32)}
        image = None
        if inputs.image_size or inputs.alignment == BOX:
            image = decode_image(parsed["image"])
        if inputs.image_size:
            example["image"] = resize(image, inputs.image_size)
        if inputs.faces:
            cut_out = self._boxes(parsed) if inputs.alignment == BOX else self._crops(parsed)
            faces = tf.map_fn(
                without_autograph(lambda face: self._face(face, image)),
                cut_out,
                fn_output_signature=tf.TensorSpec((*inputs.crop_size, 3), tf.uint8),
            )
            example["faces"], example["face_count"] = _padded(faces, inputs.faces)
        if inputs.features:
            rows = parsed["faces"]["features"][: inputs.features]
            example["face_features"], example["feature_count"] = _padded(rows, inputs.features)
        return example

    def faces_of(self, records: tf.data.Dataset) -> tf.data.Dataset:
        """Returns the faces of records one by one, still encoded, with the label of the picture."""

        @without_autograph
        def split(record: tf.Tensor) -> tf.data.Dataset:
            parsed = parse_record(record, self._features, names=self._names())
            is_box = self.inputs.alignment == BOX
            faces = self._boxes(parsed) if is_box else self._crops(parsed)
            count = tf.shape(faces)[:1]
            parts = {"face": faces, "label": tf.fill(count, tf.cast(parsed["label"], tf.int32))}
            if is_box:
                parts["image"] = tf.fill(count, parsed["image"])
            return tf.data.Dataset.from_tensor_slices(parts)

        return records.flat_map(split)

    def decode_face(self, element: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Makes an element of `faces_of` what a model takes of a face.

        Returns:
            `faces` uint8 RGB (height, width, 3), and `label` int32 ().
        """
        image = decode_image(element["image"]) if "image" in element else None
        return {"faces": self._face(element["face"], image), "label": element["label"]}

    def _names(self) -> list[str]:
        inputs, names = self.inputs, ["label"]
        if inputs.image_size or inputs.alignment == BOX:
            names.append("image")
        if inputs.faces:
            names += [
                _SCORES,
                f"faces/{'box_xywh' if inputs.alignment == BOX else inputs.alignment}",
            ]
        if inputs.features:
            names.append("faces/features")
        return names

    def _boxes(self, parsed: dict) -> tf.Tensor:
        return parsed["faces"]["box_xywh"][: self.inputs.faces]

    def _crops(self, parsed: dict) -> tf.Tensor:
        crops = parsed["faces"][self.inputs.alignment]
        stored = tf.shape(parsed["faces"]["score"])[0]
        tf.debugging.assert_equal(
            tf.shape(crops)[0], stored, "fewer cut-out faces than faces are stored"
        )
        return crops[: self.inputs.faces]

    def _face(self, face: tf.Tensor, image: tf.Tensor | None) -> tf.Tensor:
        """Returns a face from its own file, or from its box in the picture."""
        size = self.inputs.crop_size
        if self.inputs.alignment != BOX:
            return tf.ensure_shape(decode_image(face), (*size, 3))
        # The runtime's own definition of this crop, which is not TensorFlow's.
        pixels = tf.numpy_function(
            lambda pixels, box: crop_box(pixels, box.tolist(), size=size),
            [image, face],
            tf.uint8,
            stateful=False,
        )
        return tf.ensure_shape(pixels, (*size, 3))


def _described(parsed: dict) -> dict[str, tf.Tensor]:
    """Returns what `GroupRecords.known` does, of one record."""
    has_faces = "faces" in parsed
    return {
        "label": tf.cast(parsed["label"], tf.int32),
        "filename": parsed["filename"],
        "face_count": parsed["face_count"] if has_faces else tf.constant(0),
        "stored": tf.shape(parsed["faces"]["score"])[0] if has_faces else tf.constant(0),
    }


def _padded(rows: tf.Tensor, length: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns rows with zeros after them, and how many there are."""
    count = tf.shape(rows)[0]
    zeros = tf.zeros((length - count, *rows.shape[1:]), rows.dtype)
    return tf.ensure_shape(tf.concat([rows, zeros], axis=0), (length, *rows.shape[1:])), count


def _is_picture(feature: tfds.features.FeatureConnector) -> bool:
    return isinstance(feature, tfds.features.Image)

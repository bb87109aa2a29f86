import numpy as np
import tensorflow_datasets as tfds

from emo_tf.data import features


def test_every_kind_of_feature_is_told_in_words():
    classes = tfds.features.ClassLabel(names=["yes", "no"])
    described = features.describe(
        {
            "image": tfds.features.Image(shape=(None, 48, 3)),
            "label": classes,
            "id": tfds.features.Text(),
            "bbox": tfds.features.BBoxFeature(),
            "row": tfds.features.Scalar(np.int32),
            "marks": tfds.features.Sequence(classes),
            "people": tfds.features.Sequence(
                {"vad": tfds.features.Tensor(shape=(3,), dtype=np.float32), "name": np.str_}
            ),
        }
    )
    assert list(described) == [
        ("image", "picture, uint8 (any, 48, 3)"),
        ("label", "2 classes: yes, no"),
        ("id", "text"),
        ("bbox", "box: top, left, bottom, right, 0 to 1"),
        ("row", "int32"),
        ("marks", "a list of 2 classes: yes, no"),
        ("people", "a list of:"),
        ("people/vad", "float32 (3)"),
        ("people/name", "text"),
    ]

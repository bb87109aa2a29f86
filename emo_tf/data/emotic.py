"""EMOTIC as a model wants it: the body and the whole scene of each person, with the labels."""

import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data import builders
from emo_tf.data.decode import crop, decode_image, resize
from emo_tf.data.tuning import without_tuning
from emo_tf.labels import EMOTIC_CATEGORIES

SCENE_SIZE = (224, 224)
BODY_SIZE = (128, 128)
"""Height and width in pixels, as Kosti et al. 2020 take them."""


def read_people(
    dataset: tfds.core.DatasetBuilder,
    split: str,
    *,
    scene_size: tuple[int, int] = SCENE_SIZE,
    body_size: tuple[int, int] = BODY_SIZE,
    shuffle_files: bool = False,
    parallel_calls: int = tf.data.AUTOTUNE,
) -> tf.data.Dataset:
    """Reads the people of a split; pictures are decoded and resized in parallel.

    Args:
        dataset: The prepared builder of `emotic`.
        split: `train`, `val`, `test`, or whatever TFDS takes for a split.
        scene_size: Height and width of the scenes in pixels.
        body_size: Height and width of the bodies in pixels.
        shuffle_files: Whether to read the files of the split in another order each time.
        parallel_calls: How many people are prepared at a time; by default as many as there are
            processors.

    Returns:
        Dictionaries of `scene` float32 (*scene_size, 3) and `body` float32 (*body_size, 3), both
        RGB of 0 to 255, `categories` float32 (26,) of 0 and 1 in the order of
        `EMOTIC_CATEGORIES`, and `vad` float32 (3,) of 1 to 10.

    Raises:
        EmoError: The data set is in a format that cannot be read here.
    """

    def prepare(person: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        image = decode_image(person["image"])
        one_hot = tf.one_hot(person["categories"], len(EMOTIC_CATEGORIES))
        return {
            "scene": resize(image, scene_size),
            "body": resize(crop(image, person["box_xywh"]), body_size),
            "categories": tf.reduce_max(one_hot, axis=0),
            "vad": person["vad"],
        }

    people = builders.read(
        dataset,
        split=split,
        decoders={"image": tfds.decode.SkipDecoding()},
        shuffle_files=shuffle_files,
    )
    return without_tuning(people.map(prepare, num_parallel_calls=parallel_calls))

"""EMOTIC as a model wants it: the body and the whole scene of each person, with the labels."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data import builders
from emo_tf.data.decode import crop, decode_image, resize
from emo_tf.data.tuning import without_tuning
from emo_tf.errors import EmoError
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
        RGB of 0 to 255, `box` float32 (4,), where the person is in the scene: left edge, upper
        edge, width and height as shares of its width and height, `categories` float32 (26,) of 0
        and 1 in the order of `EMOTIC_CATEGORIES`, and `vad` float32 (3,) of 1 to 10.

    Raises:
        EmoError: The data set is in a format that cannot be read here.
    """

    def prepare(person: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        image = decode_image(person["image"])
        one_hot = tf.one_hot(person["categories"], len(EMOTIC_CATEGORIES))
        return {
            **_cut_out(image, person["box_xywh"], scene_size=scene_size, body_size=body_size),
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


def person_inputs(
    image: np.ndarray,
    box_xywh: Sequence[float],
    *,
    scene_size: tuple[int, int] = SCENE_SIZE,
    body_size: tuple[int, int] = BODY_SIZE,
) -> dict[str, np.ndarray]:
    """Returns what a model takes of one person in a picture, as `read_people` gives it.

    Args:
        image: Upright RGB picture, uint8 (H, W, 3).
        box_xywh: The person's box in pixels; what lies outside the picture is cut off, then edges
            are cut to whole pixels, as EMOTIC's are.
        scene_size: Height and width of the scene in pixels.
        body_size: Height and width of the body in pixels.

    Returns:
        `scene`, `body` and `box`, without a batch dimension.

    Raises:
        EmoError: The picture is of another shape or type, or the box is not four numbers or has no
            area in the picture.
    """
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise EmoError(
            f"image: expected uint8 (H, W, 3). Received: {image.dtype} {tuple(image.shape)}"
        )
    box = tf.constant(_box_in_picture(box_xywh, image), tf.int32)
    inputs = _cut_out(tf.constant(image), box, scene_size=scene_size, body_size=body_size)
    return {name: value.numpy() for name, value in inputs.items()}


def _cut_out(
    image: tf.Tensor,
    box_xywh: tf.Tensor,
    *,
    scene_size: tuple[int, int],
    body_size: tuple[int, int],
) -> dict[str, tf.Tensor]:
    height, width = tf.unstack(tf.shape(image)[:2])
    return {
        "scene": resize(image, scene_size),
        "body": resize(crop(image, box_xywh), body_size),
        "box": tf.cast(box_xywh / tf.stack([width, height, width, height]), tf.float32),
    }


def _box_in_picture(box_xywh: Sequence[float], image: np.ndarray) -> tuple[int, ...]:
    box = np.asarray(box_xywh, float)
    if box.shape != (4,) or not np.isfinite(box).all():
        raise EmoError(
            f"box_xywh: expected four numbers, x, y, width and height. Received: {box_xywh}"
        )
    height, width = image.shape[:2]
    edges = np.clip([box[:2], box[:2] + box[2:]], 0, [width, height]).astype(int)
    if (edges[0] >= edges[1]).any():
        raise EmoError(
            f"box_xywh: expected a box with an area in the picture of {width} x {height} pixels. "
            f"Received: [{', '.join(f'{value:g}' for value in box)}]"
        )
    return (*edges[0].tolist(), *(edges[1] - edges[0]).tolist())

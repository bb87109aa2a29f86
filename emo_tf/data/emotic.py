"""EMOTIC as a model wants it: the body and the whole scene of each person, with the labels."""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.decode import crop, decode_image, decode_region, resize
from emo_tf.data.example_kind import parse_record
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.runtime.person_boxes import whole_pixels

SCENE_SIZE = (224, 224)
BODY_SIZE = (128, 128)
"""Height and width in pixels, as Kosti et al. 2020 take them."""


LABELS = ("categories", "vad")
ATTRIBUTES = ("gender", "age")
FEATURES = ("image", "box_xywh", *LABELS)
"""What of a record a model is made of."""


def decode_person(
    record: tf.Tensor,
    features: tfds.features.FeaturesDict,
    *,
    inputs: Mapping[str, tuple[int, int]],
) -> dict[str, tf.Tensor]:
    """Makes a record of the data set what a model takes.

    The picture is decoded once; where the scene is not asked for, the blocks around the body alone
    are made into pixels.

    Args:
        record: As it lies in the file, a scalar string.
        features: Those of the data set.
        inputs: Height and width in pixels of `scene`, `body` or both.

    Returns:
        `scene` and `body` where asked for, uint8 RGB (height, width, 3), `box` float32 (4,), where
        the person is in the scene: left edge, upper edge, width and height as shares of its width
        and height, `categories` float32 (26,) of 0 and 1 in the order of `EMOTIC_CATEGORIES`, and
        `vad` float32 (3,) of 1 to 10.
    """
    person = parse_record(record, features, names=FEATURES)
    box = person["box_xywh"]
    if "scene" in inputs:
        cut_out = _cut_out(decode_image(person["image"]), box, inputs=inputs)
    else:
        body, size = decode_region(person["image"], box)
        cut_out = {"body": resize(body, inputs["body"]), "box": _shares(box, size)}
    return {**cut_out, **labels_of(person)}


def labels_of(person: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Returns `categories`, shape (26,), and `vad`, shape (3,), of a parsed record."""
    one_hot = tf.one_hot(person["categories"], len(EMOTIC_CATEGORIES))
    return {"categories": tf.reduce_max(one_hot, axis=0), "vad": person["vad"]}


def person_inputs(
    image: np.ndarray,
    box_xywh: Sequence[float],
    *,
    scene_size: tuple[int, int] = SCENE_SIZE,
    body_size: tuple[int, int] = BODY_SIZE,
) -> dict[str, np.ndarray]:
    """Returns what a model takes of one person in a picture, as `People` reads it.

    Args:
        image: Upright RGB picture, uint8 (H, W, 3).
        box_xywh: The person's box in pixels; what lies outside the picture is cut off, then edges
            are cut to whole pixels, as EMOTIC's are.
        scene_size: Height and width of the scene in pixels.
        body_size: Height and width of the body in pixels.

    Returns:
        `scene` and `body`, float32 of whole numbers from 0 to 255, and `box`, without a batch
        dimension.

    Raises:
        EmoError: The picture is of another shape or type, or the box is not four numbers or has no
            area in the picture.
    """
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise EmoError(
            f"image: expected uint8 (H, W, 3). Received: {image.dtype} {tuple(image.shape)}"
        )
    height, width = image.shape[:2]
    box = tf.constant(whole_pixels(box_xywh, width=width, height=height), tf.int32)
    inputs = {"scene": scene_size, "body": body_size}
    cut_out = _cut_out(tf.constant(image), box, inputs=inputs)
    return {name: value.numpy().astype(np.float32) for name, value in cut_out.items()}


def decode_requested(
    encoded: tf.Tensor, box_xywh: tf.Tensor, *, inputs: Mapping[str, tuple[int, int]]
) -> dict[str, tf.Tensor]:
    """Makes a picture file and a box of any numbers what a model takes, inside a graph.

    The pixels are those of `person_inputs`: what lies outside the picture is cut off, then edges
    are cut to whole pixels. EXIF rotation is not looked at.

    Args:
        encoded: Bytes of a JPEG or PNG file, a scalar string.
        box_xywh: The person's box in pixels, float32 (4,).
        inputs: Height and width in pixels of `scene`, `body` or both.

    Returns:
        As `decode_person`, without the labels.

    Raises:
        tf.errors.InvalidArgumentError: When run on bytes of no picture, or on a box without an
            area in it.
    """
    image = decode_image(encoded)
    size = tf.cast(_width_and_height(tf.shape(image)[:2]), tf.float32)
    start = tf.floor(tf.clip_by_value(box_xywh[:2], 0, size))
    end = tf.floor(tf.clip_by_value(box_xywh[:2] + box_xywh[2:], 0, size))
    has_area = tf.debugging.Assert(
        tf.reduce_all(tf.math.is_finite(box_xywh)) & tf.reduce_all(end > start),
        ["box_xywh: expected a box with an area in the picture. Received:", box_xywh],
    )
    with tf.control_dependencies([has_area] if has_area is not None else []):
        box = tf.cast(tf.concat([start, end - start], axis=0), tf.int32)
    return _cut_out(image, box, inputs=inputs)


def _cut_out(
    image: tf.Tensor, box_xywh: tf.Tensor, *, inputs: Mapping[str, tuple[int, int]]
) -> dict[str, tf.Tensor]:
    pictures = {"scene": lambda: image, "body": lambda: crop(image, box_xywh)}
    return {
        **{name: resize(pictures[name](), size) for name, size in inputs.items()},
        "box": _shares(box_xywh, tf.shape(image)[:2]),
    }


def _shares(box_xywh: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    """Returns a box as shares of a picture of that height and width."""
    return tf.cast(box_xywh / tf.tile(_width_and_height(size), [2]), tf.float32)


def _width_and_height(size: tf.Tensor) -> tf.Tensor:
    # By a stride of -1, TensorFlow's optimizer would complain on stderr of loops with it.
    return tf.reverse(size, axis=[0])

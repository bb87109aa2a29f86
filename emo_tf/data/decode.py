"""Encoded pictures to what a model takes: one definition for training and evaluation.

Pixels equal those of Pillow and OpenCV, sizes change by the bilinear rule with half-pixel centres
and without antialiasing, as OpenCV's `INTER_LINEAR` on floats.
"""

import tensorflow as tf


def decode_image(encoded: tf.Tensor) -> tf.Tensor:
    """Decodes a JPEG or PNG file.

    EXIF rotation is not looked at: the builders store pictures upright.

    Args:
        encoded: The file's bytes, a scalar string.

    Returns:
        uint8 RGB of shape (H, W, 3).
    """
    # The kernel looks at the bytes and decodes PNG too. The default method is off by up to 4.
    return tf.io.decode_jpeg(encoded, channels=3, dct_method="INTEGER_ACCURATE")


def crop(image: tf.Tensor, box_xywh: tf.Tensor) -> tf.Tensor:
    """Cuts a box out of a picture.

    Args:
        image: Shape (H, W, 3).
        box_xywh: Whole pixels inside the picture, shape (4,).

    Returns:
        Shape (height, width, 3).
    """
    x, y, width, height = tf.unstack(box_xywh)
    return image[y : y + height, x : x + width]


def resize(image: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """Changes the size of a picture.

    Args:
        image: Shape (H, W, 3), any size.
        size: Height and width in pixels.

    Returns:
        float32 of shape (*size, 3), values in the range that they had.
    """
    resized = tf.image.resize(image, size, method="bilinear", antialias=False)
    return tf.ensure_shape(resized, (*size, 3))

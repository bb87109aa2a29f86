"""Encoded pictures to what a model takes: one definition for training and evaluation.

Pixels equal those of Pillow and OpenCV, sizes change by the bilinear rule with half-pixel centres
and without antialiasing, as OpenCV's `INTER_LINEAR` on floats, and are rounded to whole numbers.
"""

import tensorflow as tf

# The default method is off by up to 4.
_DCT_METHOD = "INTEGER_ACCURATE"

# Colour is stored at half the resolution and smoothed over its neighbours; at the edges of a region
# the decoder has none. Two pixels are enough; one block of a 4:2:0 file is sure to be.
_MARGIN = 16


def decode_image(encoded: tf.Tensor) -> tf.Tensor:
    """Decodes a JPEG or PNG file.

    EXIF rotation is not looked at: the builders store pictures upright.

    Args:
        encoded: The file's bytes, a scalar string.

    Returns:
        uint8 RGB of shape (H, W, 3).
    """
    # The kernel looks at the bytes and decodes PNG too.
    return tf.io.decode_jpeg(encoded, channels=3, dct_method=_DCT_METHOD)


def decode_region(encoded: tf.Tensor, box_xywh: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Decodes a part of a JPEG or PNG file.

    The pixels are those of `crop(decode_image(encoded), box_xywh)`; of a JPEG the blocks around
    the box alone are made into pixels.

    Args:
        encoded: The file's bytes, a scalar string.
        box_xywh: Whole pixels inside the picture, int32 (4,).

    Returns:
        uint8 RGB of shape (height, width, 3), and the height and width of the whole picture,
        int32 (2,).
    """

    def from_jpeg() -> tuple[tf.Tensor, tf.Tensor]:
        size = tf.io.extract_jpeg_shape(encoded)[:2]
        corner, extent = box_xywh[:2], box_xywh[2:]
        first = tf.maximum(corner - _MARGIN, 0)
        end = tf.minimum(corner + extent + _MARGIN, size[::-1])
        window = tf.concat([first[::-1], (end - first)[::-1]], axis=0)
        grown = tf.io.decode_and_crop_jpeg(encoded, window, channels=3, dct_method=_DCT_METHOD)
        return crop(grown, tf.concat([corner - first, extent], axis=0)), size

    def from_other() -> tuple[tf.Tensor, tf.Tensor]:
        image = decode_image(encoded)
        return crop(image, box_xywh), tf.shape(image)[:2]

    return tf.cond(tf.io.is_jpeg(encoded), from_jpeg, from_other)


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
        image: uint8 of shape (H, W, 3), any size.
        size: Height and width in pixels.

    Returns:
        uint8 of shape (*size, 3), rounded, halves to even.
    """
    resized = tf.image.resize(image, size, method="bilinear", antialias=False)
    return tf.ensure_shape(tf.cast(tf.round(resized), tf.uint8), (*size, 3))

"""Changes of light, focus and cover of pictures, by given amounts.

Pictures are float32 of shape (B, H, W, channels) with pixels of 0 to 255.
"""

import tensorflow as tf


def shade(images: tf.Tensor, *, across: tf.Tensor, down: tf.Tensor) -> tf.Tensor:
    """Returns pictures lit from a side.

    Args:
        images: Pictures.
        across: Change of the light from the middle to the right edge, shape (B,).
        down: The same to the lower edge.
    """
    height, width = images.shape[1:3]
    x, y = ((tf.range(n, dtype=tf.float32) + 0.5) / (n / 2) - 1.0 for n in (width, height))
    light = 1 + _column(across) * x[:, None] + _column(down) * y[:, None, None]
    return tf.clip_by_value(images * light, 0.0, 255.0)


def change_gamma(images: tf.Tensor, logarithm: tf.Tensor) -> tf.Tensor:
    """Returns pictures with the natural logarithm of the exponent on pixels of 0 to 1, (B,).

    Args:
        images: Pixels of 0 to 255, shape (B, height, width, channels).
        logarithm: One for each picture.
    """
    return 255 * (images / 255) ** tf.exp(_column(logarithm))


def change_level(images: tf.Tensor, *, contrast: tf.Tensor, brightness: tf.Tensor) -> tf.Tensor:
    """Returns pictures with another contrast and brightness.

    Args:
        images: Pictures.
        contrast: Factor on the distance to the picture's mean, shape (B,).
        brightness: Offset as a share of the full range, shape (B,).
    """
    mean = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)
    changed = (images - mean) * _column(contrast) + mean + 255 * _column(brightness)
    return tf.clip_by_value(changed, 0.0, 255.0)


def blur(images: tf.Tensor, amount: tf.Tensor) -> tf.Tensor:
    """Mixes in the picture smoothed by a binomial kernel, as focus and enlargement do.

    Args:
        images: Pictures.
        amount: Share of the smoothed picture, shape (B,).

    Returns:
        Pictures of the same shape.
    """
    row = tf.constant([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    kernel = tf.repeat((row[:, None] * row)[..., None, None], images.shape[-1], axis=2)
    padded = tf.pad(images, [[0, 0], [2, 2], [2, 2], [0, 0]], mode="SYMMETRIC")
    smooth = tf.nn.depthwise_conv2d(padded, kernel, [1, 1, 1, 1], "VALID")
    return images + _column(amount) * (smooth - images)


def cover(
    images: tf.Tensor,
    *,
    noise: tf.Tensor,
    area: tf.Tensor,
    aspect: tf.Tensor,
    centre_y: tf.Tensor,
    centre_x: tf.Tensor,
    covered: tf.Tensor,
) -> tf.Tensor:
    """Fills a rectangle with noise (Zhong et al. 2020, "Random erasing data augmentation").

    Args:
        images: Pictures.
        noise: What it is filled with, of a shape that fits `images`.
        area: Share of the picture that the rectangle takes, shape (B,).
        aspect: Its height by its width on a square picture, shape (B,).
        centre_y: Where it is, as a share of the height, shape (B,).
        centre_x: The same of the width.
        covered: Which pictures are changed, bool of shape (B,).

    Returns:
        Pictures of the same shape.
    """
    height, width = images.shape[1:3]

    def within(length: int, centre: tf.Tensor, extent: tf.Tensor) -> tf.Tensor:  # (B, length)
        position = tf.range(length, dtype=tf.float32) + 0.5
        return tf.abs(position - length * centre[:, None]) < length * extent[:, None] / 2

    rows = within(height, centre_y, tf.sqrt(area * aspect))
    columns = within(width, centre_x, tf.sqrt(area / aspect))
    inside = rows[:, :, None] & columns[:, None, :] & covered[:, None, None]
    return tf.where(inside[..., None], noise, images)


def _column(numbers: tf.Tensor) -> tf.Tensor:
    return numbers[:, None, None, None]

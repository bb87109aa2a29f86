"""Turning, zooming, stretching, shifting and mirroring pictures in one bilinear resampling."""

import tensorflow as tf


def warp(
    images: tf.Tensor,
    size: tuple[int, int],
    *,
    angle: tf.Tensor,
    zoom: tf.Tensor,
    shift_x: tf.Tensor,
    shift_y: tf.Tensor,
    mirror: tf.Tensor,
    stretch: tf.Tensor | float = 1.0,
) -> tf.Tensor:
    """Returns the pictures resampled about their middle; what lies outside is their reflection.

    Args:
        images: float32 of shape (B, H, W, channels).
        size: Height and width of the result in pixels.
        angle: Turn in radians, shape (B,).
        zoom: Relative size of what is shown, shape (B,).
        shift_x: How far right of the middle to look, as a share of the width, shape (B,).
        shift_y: How far below the middle to look, as a share of the height, shape (B,).
        mirror: -1 to exchange left and right, else 1, shape (B,).
        stretch: What is shown gets wider by this factor and lower by it, shape (B,).

    Returns:
        float32 of shape (B, *size, channels).
    """
    height = tf.cast(tf.shape(images)[1], tf.float32)
    width = tf.cast(tf.shape(images)[2], tf.float32)
    # Output pixel (u, v) reads the input at A (u - middle, v - middle) + centre + shift, all
    # positions at half-pixel centres.
    scale_x = width / size[1] / zoom / stretch
    scale_y = height / size[0] / zoom * stretch
    cosine, sine = tf.cos(angle), tf.sin(angle)
    xx, xy = mirror * scale_x * cosine, -scale_x * sine
    yx, yy = mirror * scale_y * sine, scale_y * cosine
    middle_x, middle_y = size[1] / 2 - 0.5, size[0] / 2 - 0.5
    x0 = width / 2 - 0.5 + width * shift_x - (xx * middle_x + xy * middle_y)
    y0 = height / 2 - 0.5 + height * shift_y - (yx * middle_x + yy * middle_y)
    zeros = tf.zeros_like(zoom)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack([xx, xy, x0, yx, yy, y0, zeros, zeros], axis=1),
        output_shape=size,
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    )

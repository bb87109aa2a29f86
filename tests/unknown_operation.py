"""A layer of an operation that TFLite does not know, for tests that try to convert it."""

import re

import keras
import tensorflow as tf


class Gamma(keras.layers.Layer):
    """The lower incomplete gamma function of 1 and the size of each number."""

    def call(self, x):
        return tf.raw_ops.Igamma(a=tf.ones_like(x), x=tf.abs(x))

    def compute_output_shape(self, shape):
        return shape


def besides_log(err: str) -> list[str]:
    """Returns the lines that are none of the log that TensorFlow keeps on stderr.

    It keeps it where TF_CPP_MIN_LOG_LEVEL is not set.
    """
    return [line for line in err.splitlines() if not re.match(r"[IW]0000 |WARNING:", line)]

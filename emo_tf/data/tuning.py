"""How `tf.data` divides its work and takes functions."""

from collections.abc import Callable

import tensorflow as tf


def without_autograph(function: Callable) -> Callable:
    """Returns a function for a data set to map that is traced as it is written.

    Otherwise AutoGraph reads the source, which takes time, warns where it finds it changed since,
    and begins errors with the code instead of what is wrong.
    """
    return tf.autograph.experimental.do_not_convert(function)


def without_tuning(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Returns the data set without the thread that tunes its parallelism.

    That thread sleeps for longer and longer, up to a minute, and the end of an epoch waits for it
    to wake.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)

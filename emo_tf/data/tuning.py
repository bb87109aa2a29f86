"""How `tf.data` divides its work."""

import tensorflow as tf


def without_tuning(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Returns the data set without the thread that tunes its parallelism.

    That thread sleeps for longer and longer, up to a minute, and the end of an epoch waits for it
    to wake.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)

"""The precision that an experiment's model computes in."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from emo_tf.training.config import Experiment


@contextmanager
def precision_of(experiment: Experiment) -> Iterator[None]:
    """Makes every layer that is made inside compute as the experiment says.

    With `mixed_precision` that is in bfloat16, with weights in float32. Keras' policy outside stays
    what it was.
    """
    before = keras.config.dtype_policy()
    if experiment.mixed_precision:
        keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)

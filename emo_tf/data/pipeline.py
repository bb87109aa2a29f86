"""Batches of training pictures whose order and augmentation follow from the seed and the step."""

import numpy as np
import tensorflow as tf

from emo_tf.data.augment import Augmentation, augment
from emo_tf.data.tuning import without_tuning


def epoch_order(count: int, *, seed: int, epoch: int) -> np.ndarray:
    """Returns the order in which `epoch` visits `count` examples.

    Args:
        count: How many examples there are.
        seed: Of the run.
        epoch: Counted from 0.

    Returns:
        Their numbers, shape (count,).
    """
    return np.random.default_rng([seed, epoch]).permutation(count)


def training_batches(
    images: np.ndarray,
    labels: np.ndarray,
    *,
    batch_size: int,
    epoch: int,
    seed: int,
    settings: Augmentation,
    side: int,
    first_step: int = 0,
) -> tf.data.Dataset:
    """Returns one epoch of shuffled, augmented batches; the odd rest of an epoch is dropped.

    Each batch is a function of `seed` and its step alone, so a run that is taken up again at any
    epoch sees what it would have seen.

    Args:
        images: uint8 pixels of shape (N, H, W, 1).
        labels: int class indices of shape (N,).
        batch_size: Images a batch.
        epoch: Which epoch, from 0.
        seed: Seed of the run.
        settings: How much augmentation.
        side: Height and width of the pictures put out, in pixels.
        first_step: Step of the epoch to begin with.

    Returns:
        A data set of pairs: float32 (B, side, side, 1) and int32 (B,).
    """
    steps = len(images) // batch_size
    order = epoch_order(len(images), seed=seed, epoch=epoch)[: steps * batch_size]
    indices = order.reshape(steps, batch_size)
    numbers = np.arange(epoch * steps, (epoch + 1) * steps, dtype=np.int32)
    all_images = tf.constant(images)
    all_labels = tf.constant(labels, tf.int32)

    def load(batch, number):
        pictures = augment(
            tf.gather(all_images, batch), tf.stack([seed, number]), settings, side=side
        )
        return pictures, tf.gather(all_labels, batch)

    left = indices[first_step:], numbers[first_step:]
    batches = tf.data.Dataset.from_tensor_slices(left)
    return without_tuning(batches.map(load, num_parallel_calls=1).prefetch(2))

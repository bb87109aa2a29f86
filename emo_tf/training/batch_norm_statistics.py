"""Batch normalisation given the statistics of data, while the model goes on to say the same."""

from collections.abc import Iterable, Mapping

import keras
import numpy as np
import tensorflow as tf


def measure_batch_norm(model: keras.Model, batches: Iterable[Mapping[str, tf.Tensor]]) -> None:
    """Sets the statistics of every batch normalisation to those of data; changes no output.

    Where a normalisation was folded into the convolution before it, what it averaged is lost. In
    training it would then change all that comes after it. Here its scale and its offset make up for
    the statistics that it gets.

    Args:
        model: A functional model without models inside.
        batches: What it takes, by name; one or more.
    """
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    before = keras.Model(model.inputs, [norm.input for norm in norms])

    @tf.function(autograph=False)
    def moments(batch: Mapping[str, tf.Tensor]) -> list[tuple[tf.Tensor, tf.Tensor]]:
        maps = before({name: batch[name] for name in model.input}, training=False)
        axes = [list(range(len(values.shape) - 1)) for values in maps]
        return [
            (tf.reduce_mean(values, over), tf.reduce_mean(tf.square(values), over))
            for values, over in zip(maps, axes, strict=True)
        ]

    found = [tf.nest.map_structure(lambda value: value.numpy(), moments(b)) for b in batches]
    for number, norm in enumerate(norms):
        mean, square = np.mean([one[number] for one in found], axis=0, dtype=np.float64)
        _set_statistics(norm, mean, np.maximum(square - mean**2, 0.0))


def _set_statistics(
    norm: keras.layers.BatchNormalization, mean: np.ndarray, variance: np.ndarray
) -> None:
    gamma, beta, old_mean, old_variance = (
        weight.astype(np.float64) for weight in norm.get_weights()
    )
    scale = gamma / np.sqrt(old_variance + norm.epsilon)
    offset = beta - old_mean * scale
    gamma = scale * np.sqrt(variance + norm.epsilon)
    norm.set_weights([gamma, offset + mean * scale, mean, variance])

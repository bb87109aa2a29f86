"""Batch normalisation by TensorFlow's fused kernel, for training.

Keras 3 spells batch normalisation out as single operations in float32; on a processor they cost
more than the convolutions between them. The fused kernel reads and writes bfloat16 in one pass.
"""

import keras
import tensorflow as tf


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Drop-in for `keras.layers.BatchNormalization` on channels-last images: same weights and sums.

    Reference:
        Ioffe and Szegedy 2015, "Batch normalization", algorithm 1.
    """

    def call(self, inputs, training=None, mask=None):
        if not (training and self.trainable):
            return super().call(inputs, training=training, mask=mask)
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=self.gamma,
            offset=self.beta,
            mean=tf.zeros([0]),
            variance=tf.zeros([0]),
            epsilon=self.epsilon,
            is_training=True,
        )
        # The kernel returns the unbiased variance; Keras averages the biased one.
        count = tf.cast(tf.size(inputs) / tf.shape(inputs)[-1], tf.float32)
        variance *= (count - 1) / count
        self.moving_mean.assign(self.moving_mean * self.momentum + mean * (1 - self.momentum))
        self.moving_variance.assign(
            self.moving_variance * self.momentum + variance * (1 - self.momentum)
        )
        return outputs


def with_fused_batch_norm(model: keras.Model) -> keras.Model:
    """Returns a clone of a functional model that normalises by the fused kernel.

    Args:
        model: A functional model; its batch normalisations are over the last axis of images.

    Returns:
        A model with the same layer names, and weights of the same values and order.
    """

    def clone(layer):
        if type(layer) is keras.layers.BatchNormalization:
            return FusedBatchNormalization.from_config(layer.get_config())
        return layer.__class__.from_config(layer.get_config())

    fused = keras.models.clone_model(model, clone_function=clone)
    fused.set_weights(model.get_weights())
    return fused

"""The form that a model is trained in: batch normalisation that suits the devices.

Keras 3 spells batch normalisation out as single operations in float32; on a processor they cost
more than the convolutions between them. TensorFlow's fused kernel reads and writes bfloat16 in one
pass. Over several devices, batch normalisation has to look at the batches of all of them.
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


def training_form(model: keras.Model, *, replicas: int = 1) -> keras.Model:
    """Returns a clone of a functional model, to be trained.

    On one device batch normalisation of images goes through the fused kernel; on several, every
    batch normalisation is synchronised. The model itself keeps Keras' plain layers, which load on
    any backend.

    Args:
        model: A functional model; models inside are cloned too. Its batch normalisations are over
            the last axis.
        replicas: Devices that it is to be trained on.

    Returns:
        A model with the same layer names, and weights of the same values and order.
    """
    form = _clone(model, synchronized=replicas > 1)
    form.set_weights(model.get_weights())
    return form


def _clone(model: keras.Model, *, synchronized: bool) -> keras.Model:
    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        if isinstance(layer, keras.Model):
            return _clone(layer, synchronized=synchronized)
        config = layer.get_config()
        if type(layer) is keras.layers.BatchNormalization:
            if synchronized:
                return keras.layers.BatchNormalization.from_config(config | {"synchronized": True})
            if len(layer.input.shape) == 4:
                return FusedBatchNormalization.from_config(config)
        return type(layer).from_config(config)

    return keras.models.clone_model(model, clone_function=clone)

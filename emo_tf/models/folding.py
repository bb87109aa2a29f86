"""Batch normalisation folded into the layers before it, for inference."""

import keras
from keras import layers, ops

_FOLDABLE = (layers.Conv2D, layers.DepthwiseConv2D, layers.Dense)


def fold_batch_norm(model: keras.Model) -> keras.Model:
    """Returns a copy of a model that infers the same in fewer operations.

    At inference batch normalisation is a scale and a shift for each channel. Where it follows a
    convolution or a dense layer and nothing else looks at that layer, both go into its kernel and
    its bias. Converters do so by themselves; running Keras does not.

    Args:
        model: A functional model; models inside are folded too.

    Returns:
        A model of the same inputs and outputs, for inference alone; its layers bear the names of
        those that they come from.
    """
    norm_after = {
        layer: norm
        for norm in model.layers
        if isinstance(norm, layers.BatchNormalization)
        for layer in [_foldable_before(norm, model)]
        if layer is not None
    }
    folded = set(norm_after.values())
    copies = {}

    def copy(layer: keras.Operation) -> keras.Operation:
        if isinstance(layer, keras.Model):
            return fold_batch_norm(layer)
        if layer in folded:
            return layers.Identity()
        config = layer.get_config() | ({"use_bias": True} if layer in norm_after else {})
        twin = type(layer).from_config(config)
        if isinstance(layer, layers.Layer):  # Not a bare operation of `keras.ops`.
            copies[layer] = twin
        return twin

    def call(layer: keras.Operation, *inputs, **arguments):
        return inputs[0] if isinstance(layer, layers.Identity) else layer(*inputs, **arguments)

    result = keras.models.clone_model(model, clone_function=copy, call_function=call)
    for layer, twin in copies.items():
        norm = norm_after.get(layer)
        twin.set_weights(layer.get_weights() if norm is None else _folded_weights(layer, norm))
    return result


def _foldable_before(norm: layers.BatchNormalization, model: keras.Model) -> layers.Layer | None:
    """Returns the layer whose outputs a batch normalisation alone takes, if it can be folded."""
    if len(norm._inbound_nodes) > 1:
        return None
    (source,) = norm._inbound_nodes[0].parent_nodes
    layer = source.operation
    if not isinstance(layer, _FOLDABLE) or layer.activation is not keras.activations.linear:
        return None
    is_put_out = any(output._keras_history.operation is layer for output in model.outputs)
    return layer if len(layer._outbound_nodes) == 1 and not is_put_out else None


def _folded_weights(layer: layers.Layer, norm: layers.BatchNormalization) -> list:
    scale = (norm.gamma if norm.scale else 1.0) / ops.sqrt(norm.moving_variance + norm.epsilon)
    shift = norm.beta if norm.center else 0.0
    bias = layer.bias if layer.use_bias else 0.0
    # The last axis of a kernel is its outputs; a depthwise one has them on its last two.
    depthwise = isinstance(layer, layers.DepthwiseConv2D)
    outputs = layer.kernel.shape[-2:] if depthwise else layer.kernel.shape[-1:]
    return [
        layer.kernel * ops.reshape(scale, outputs),
        shift + (bias - norm.moving_mean) * scale,
    ]

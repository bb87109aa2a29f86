"""The layers of Keras 2 that can be read, and what their settings are called today."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import keras
from keras import layers

from emo_tf.errors import EmoError, unknown_name

ACTIVATIONS = (
    "elu",
    "exponential",
    "linear",
    "relu",
    "selu",
    "sigmoid",
    "softmax",
    "softplus",
    "softsign",
    "tanh",
)
"""Activations that are the same function in Keras 2 and today; `hard_sigmoid` is not."""


@dataclass(frozen=True)
class _Kind:
    """A class of layers.

    Attributes:
        build: The layer of today.
        settings: The settings that it takes.
        renamed: Today's names of the settings that Keras 2 called otherwise.
        ignored: Settings that change nothing once the network is trained.
    """

    build: Callable[..., layers.Layer]
    settings: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


_WINDOW = ("kernel_size", "strides", "padding", "dilation_rate", "activation", "use_bias", "groups")
_POOL = ("pool_size", "strides", "padding")
_KINDS: dict[str, _Kind] = {
    "Activation": _Kind(layers.Activation, ("activation",)),
    "Add": _Kind(layers.Add),
    "Average": _Kind(layers.Average),
    "AveragePooling2D": _Kind(layers.AveragePooling2D, _POOL),
    "BatchNormalization": _Kind(
        layers.BatchNormalization, ("axis", "momentum", "epsilon", "center", "scale")
    ),
    "Concatenate": _Kind(layers.Concatenate, ("axis",)),
    "Conv2D": _Kind(layers.Conv2D, ("filters", *_WINDOW)),
    "Cropping2D": _Kind(layers.Cropping2D, ("cropping",)),
    "Dense": _Kind(layers.Dense, ("units", "activation", "use_bias")),
    "DepthwiseConv2D": _Kind(
        layers.DepthwiseConv2D, ("depth_multiplier", *_WINDOW[:-1]), ignored=("filters", "groups")
    ),
    "Dropout": _Kind(layers.Dropout, ("rate",), ignored=("noise_shape", "seed")),
    "ELU": _Kind(layers.ELU, ("alpha",)),
    "Flatten": _Kind(layers.Flatten),
    "GlobalAveragePooling2D": _Kind(layers.GlobalAveragePooling2D, ("keepdims",)),
    "GlobalMaxPooling2D": _Kind(layers.GlobalMaxPooling2D, ("keepdims",)),
    "LeakyReLU": _Kind(layers.LeakyReLU, renamed={"alpha": "negative_slope"}),
    "MaxPooling2D": _Kind(layers.MaxPooling2D, _POOL),
    "Maximum": _Kind(layers.Maximum),
    "Multiply": _Kind(layers.Multiply),
    "PReLU": _Kind(layers.PReLU, ("shared_axes",)),
    "ReLU": _Kind(layers.ReLU, ("max_value", "negative_slope", "threshold")),
    "Reshape": _Kind(layers.Reshape, ("target_shape",)),
    "SeparableConv2D": _Kind(
        layers.SeparableConv2D, ("filters", "depth_multiplier", *_WINDOW[:-1]), ignored=("groups",)
    ),
    "Softmax": _Kind(layers.Softmax, ("axis",)),
    "SpatialDropout2D": _Kind(layers.SpatialDropout2D, ("rate",), ignored=("noise_shape", "seed")),
    "Subtract": _Kind(layers.Subtract),
    "ZeroPadding2D": _Kind(layers.ZeroPadding2D, ("padding",)),
}
_IGNORED = ("name", "trainable", "dtype", "batch_input_shape", "input_dtype", "synchronized")
_IGNORED_ENDINGS = ("_initializer", "_regularizer", "_constraint")


def keras2_layer(class_name: str, config: Mapping[str, object]) -> layers.Layer:
    """Makes the layer of today that computes what one of Keras 2 does.

    Args:
        class_name: The class in Keras 2.
        config: What its `get_config` returned.

    Raises:
        EmoError: The class is none of those known, or a setting is unknown or would make another
            network of it. A class is never looked up by its name: nothing in a file is run.
    """
    if class_name == "Lambda":
        raise EmoError("expected a layer of known arithmetic. Received: Lambda, which is code")
    if class_name not in _KINDS:
        raise unknown_name("class of Keras 2's layers", class_name, _KINDS)
    kind = _KINDS[class_name]
    layout = config.get("data_format") or "channels_last"
    if layout != "channels_last":
        raise EmoError(f"data_format: expected channels_last. Received: {layout}")
    settings = {}
    for name, value in config.items():
        if name in kind.settings or name in kind.renamed:
            settings[kind.renamed.get(name, name)] = _value(name, value)
        elif not (name == "data_format" or _is_ignored(name, kind) or value in (None, False)):
            raise EmoError(f"expected the settings of {class_name}. Received: {name}={value!r:.80}")
    try:
        return kind.build(name=layer_name(config), **settings)
    except (TypeError, ValueError) as error:
        raise EmoError(f"expected settings that {class_name} takes. Received: {error}") from error


def layer_name(config: Mapping[str, object]) -> str:
    """Returns the name of a layer; today's may hold no slash."""
    return str(config["name"]).replace("/", "_")


def _is_ignored(name: str, kind: _Kind) -> bool:
    return name in (*_IGNORED, *kind.ignored) or name.endswith(_IGNORED_ENDINGS)


def _value(name: str, value: object) -> object:
    if name == "activation":
        if value not in ACTIVATIONS:
            raise unknown_name("activation", value, ACTIVATIONS)
        return value
    if isinstance(value, dict) and "value" in value:  # How Keras 2 wrote numbers of numpy.
        value = value["value"]
    if name == "axis" and isinstance(value, list):
        if len(value) != 1:
            raise EmoError(f"axis: expected one. Received: {value}")
        return value[0]
    return _tuples(value)


def _tuples(value: object) -> object:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def input_layer(shape: object, *, name: str) -> keras.KerasTensor:
    """Returns an input from Keras 2's `batch_input_shape`.

    Args:
        shape: As the file has it, with the batch.
        name: The layer's name.

    Raises:
        EmoError: It is no shape of pictures or vectors.
    """
    if not isinstance(shape, list) or len(shape) < 2:
        raise EmoError(f"batch_input_shape: expected a batch of arrays. Received: {shape!r:.80}")
    sides = tuple(shape[1:])
    if not all(side is None or (isinstance(side, int) and side > 0) for side in sides):
        raise EmoError(f"batch_input_shape: expected lengths or null. Received: {shape!r:.80}")
    return keras.Input(sides, name=name)

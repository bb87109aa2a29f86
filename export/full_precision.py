"""Models that were trained in half precision, as what is exported."""

import keras

_HALVES = ("float16", "bfloat16")


def full_precision(model: keras.Model) -> keras.Model:
    """Returns a copy of a functional model that computes in float32.

    Mixed precision serves the hardware that trains. The phone's kernels take float32, and a
    converter would write a cast before and behind every layer.

    Args:
        model: A model in any precision, models inside it too.

    Returns:
        A model with the same weights under the same names, as float32.
    """
    copy = keras.saving.deserialize_keras_object(
        _in_float32(keras.saving.serialize_keras_object(model))
    )
    copy.set_weights(model.get_weights())
    return copy


def _in_float32(config: object) -> object:
    """Returns a serialised model in which policies and types of half precision are float32."""
    if isinstance(config, list | tuple):
        return [_in_float32(item) for item in config]
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "DTypePolicy":
        return config | {"config": {"name": "float32"}}
    return {
        key: "float32" if key == "dtype" and value in _HALVES else _in_float32(value)
        for key, value in config.items()
    }

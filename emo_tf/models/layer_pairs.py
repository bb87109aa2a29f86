"""Layers of two models that have the same names and the same weights."""

from collections.abc import Collection

import keras
from keras import layers

Pairs = list[tuple[layers.Layer, layers.Layer]]
"""Layers to fill, and those of the same weights."""


def layer_pairs(
    target: keras.Model, other: keras.Model, *, optional: Collection[str] = ()
) -> tuple[Pairs, str | None]:
    """Returns the layers of a model with those that fill them, and what keeps them from it.

    Args:
        target: The model to fill.
        other: A model with the same layers; dense ones may be left over.
        optional: Names of layers of `target` that may find none, or one of other weights.

    Returns:
        The pairs, and what is wrong in words, or None.
    """
    found = weighted_layers(other)
    pairs = []
    for name, layer in weighted_layers(target).items():
        given = found.pop(name, None)
        fits = given is not None and shapes_of(given) == shapes_of(layer)
        if fits:
            pairs.append((layer, given))
        elif name in optional:
            continue
        elif given is None:
            return [], f"{other.name} without {name}"
        else:
            return [], f"{name} of {shapes_of(given)}, expected {shapes_of(layer)}"
    # Of a whole network the classifier is left over, of a deeper one more than that.
    more = [name for name, layer in found.items() if not isinstance(layer, layers.Dense)]
    return pairs, f"{other.name} with {more[0]} besides" if more else None


def weighted_layers(model: keras.Model) -> dict[str, layers.Layer]:
    """Returns the layers that have weights, by name."""
    return {layer.name: layer for layer in model.layers if layer.weights}


def shapes_of(layer: layers.Layer) -> list[tuple[int, ...]]:
    """Returns the shapes of a layer's weights."""
    return [tuple(weight.shape) for weight in layer.weights]

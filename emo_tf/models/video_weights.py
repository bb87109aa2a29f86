"""Weights that training a model of faces in videos begins with."""

import keras
from keras import layers

from emo_tf.errors import EmoError
from emo_tf.models.layer_pairs import layer_pairs


def start_video(model: keras.Model, other: keras.Model, *, source: str) -> tuple[str, ...]:
    """Fills a model with the weights of one with the same layers, whatever is shifted in either.

    The shift has no weights: a network of stills fills one of clips, and a plain backbone both.
    The classifier is left as it is where the other's is for other classes.

    Args:
        model: A `tsm` model; where it raises, it stays as it was.
        other: A `tsm` model, or its backbone with a classifier or without.
        source: Where it comes from, for messages.

    Returns:
        The names of the layers that were filled.

    Raises:
        EmoError: The other's layers are not those of the model.
    """
    classifier = [layer.name for layer in model.layers if isinstance(layer, layers.Dense)][-1:]
    pairs, problem = layer_pairs(model, other, optional=classifier)
    if problem is not None:
        raise EmoError(f"{source}: expected the layers of {model.name}. Received: {problem}")
    for target, layer in pairs:
        target.set_weights(layer.get_weights())
    return tuple(target.name for target, _ in pairs)

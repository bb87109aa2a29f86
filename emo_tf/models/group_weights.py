"""Weights that training a model of groups begins with."""

import keras

from emo_tf.errors import EmoError
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.group_branches import FACE_BACKBONE, IMAGE_BACKBONE, alignment_of
from emo_tf.models.group_head import HEAD, MASK
from emo_tf.models.layer_pairs import Pairs, layer_pairs, shapes_of, weighted_layers


def start_from(
    model: keras.Model, other: keras.Model, *, other_metadata: ModelMetadata, source: str
) -> tuple[str, ...]:
    """Fills what another model has too: the backbones, and the head where it is for the same.

    Global gives its `image_backbone`, Local its `face_backbone`, a model of the same kind both and
    what its head has in common. A lone backbone goes where its architecture stands, its classifier
    left out: one of faces to the faces, another wherever it fits.

    Args:
        model: A model of groups, packed or not; where it raises, it stays as it was.
        other: A model of groups, or a backbone.
        other_metadata: What the other says about itself.
        source: Where it comes from, for messages.

    Returns:
        What was filled: `image_backbone`, `face_backbone`, `head`, or `head.` and the name of a
        layer where not the whole head was.

    Raises:
        EmoError: Nothing fits, or the other saw faces that were cut out in another way.
    """
    targets = _parts(model)
    given = _given(other, other_metadata, targets)
    if FACE_BACKBONE in given:
        _check_alignment(model, other, other_metadata, source)
    filled: dict[str, Pairs] = {}
    problems = []
    for name, backbone in given.items():
        pairs, problem = layer_pairs(targets[name], backbone)
        if problem is None:
            filled[name] = pairs
        else:
            problems.append(f"{name}: {problem}")
    if not filled:
        received = "; ".join(problems) or f"{other.name} with {_names(_parts(other))}"
        raise EmoError(f"{source}: expected weights of {_names(targets)}. Received: {received}")
    if filled.keys() == targets.keys() == _parts(other).keys():
        filled |= _common(model.get_layer(HEAD), other.get_layer(HEAD))
    for pairs in filled.values():
        for target, layer in pairs:
            target.set_weights(layer.get_weights())
    return tuple(filled)


def _parts(model: keras.Model) -> dict[str, keras.Model]:
    """Returns the backbones in a model of groups, by name."""
    found = {layer.name: layer for layer in model.layers}
    return {name: found[name] for name in (IMAGE_BACKBONE, FACE_BACKBONE) if name in found}


def _given(
    other: keras.Model, metadata: ModelMetadata, targets: dict[str, keras.Model]
) -> dict[str, keras.Model]:
    """Returns what the other model may fill, by the name of what is filled."""
    parts = _parts(other)
    if not parts:
        # A network of faces says which crops it was trained on.
        parts = {FACE_BACKBONE: other}
        if "preset" not in metadata.crop:
            parts[IMAGE_BACKBONE] = other
    return {name: parts[name] for name in targets if name in parts}


def _check_alignment(
    model: keras.Model, other: keras.Model, metadata: ModelMetadata, source: str
) -> None:
    expected = alignment_of(model)
    received = alignment_of(other) or metadata.crop.get("preset")
    if received not in (None, expected):
        raise EmoError(
            f"{source}: expected weights for faces cut out by the alignment {expected}. "
            f"Received: weights for {received}"
        )


def _common(head: keras.Model, other: keras.Model) -> dict[str, Pairs]:
    """Returns the layers that two heads have in common, under `head` where these are all."""
    if _signature(head) != _signature(other):
        return {}
    mine, found = weighted_layers(head), weighted_layers(other)
    pairs = {
        name: [(layer, found[name])]
        for name, layer in mine.items()
        if name in found and shapes_of(found[name]) == shapes_of(layer)
    }
    if pairs.keys() == mine.keys():
        return {HEAD: [pair for together in pairs.values() for pair in together]}
    return {f"{HEAD}.{name}": pair for name, pair in pairs.items()}


def _signature(head: keras.Model) -> dict[str, int | None]:
    """Returns what a head takes: how many features by name, however many faces."""
    return {tensor.name: tensor.shape[-1] for tensor in head.inputs if tensor.name != MASK}


def _names(parts: dict[str, keras.Model]) -> str:
    return " and ".join(parts) or "no part of a model of groups"

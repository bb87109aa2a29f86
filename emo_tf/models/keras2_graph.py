"""The architecture in the JSON of Keras 2 as a model of today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras

from emo_tf.errors import EmoError, in_place
from emo_tf.models.keras2_layers import input_layer, keras2_layer, layer_name

SEQUENTIAL = "Sequential"
FUNCTIONAL = ("Model", "Functional")
MODELS = (SEQUENTIAL, *FUNCTIONAL)


@dataclass(frozen=True)
class Part:
    """A layer of a model, as Keras 2 lists them.

    Attributes:
        name: Its name in Keras 2.
        layer: The layer of today.
        trainable: Whether it was trained; the weights of others stand last in a file.
        parts: Where it is a model itself, its layers.
    """

    name: str
    layer: keras.Layer
    trainable: bool = True
    parts: tuple["Part", ...] = ()


def keras2_graph(architecture: Mapping[str, object]) -> Part:
    """Builds the model that the JSON of Keras 2 describes.

    Layers are taken from a list of known ones by their names, and no others; nothing is run.

    Args:
        architecture: What `Model.to_json` returned.

    Returns:
        The model, functional and with random weights, and its layers in Keras 2's order.

    Raises:
        EmoError: Something in it is unknown, missing or does not fit together; it names the layer.
    """
    try:
        return _model(architecture["class_name"], architecture["config"])
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise EmoError(
            "expected the architecture of a Keras 2 model. Received: one that cannot be read "
            f"({type(error).__name__}: {error})"
        ) from error


def _model(class_name: str, config: Mapping[str, object] | Sequence) -> Part:
    if class_name == SEQUENTIAL:
        # Before 2.2.3 the configuration was the list of layers alone.
        config = config if isinstance(config, dict) else {"name": "sequential", "layers": config}
        return _sequential(config)
    if class_name in FUNCTIONAL:
        return _functional(config)
    raise EmoError(f"expected a model: {', '.join(MODELS)}. Received: {class_name!r:.80}")


def _part(entry: Mapping[str, object]) -> Part:
    """Makes a layer or a model inside from its entry."""
    class_name, config = entry["class_name"], entry["config"]
    if class_name in MODELS:
        return _model(class_name, config)
    with in_place(f"layer {config['name']}"):
        layer = keras2_layer(class_name, config)
    return Part(config["name"], layer, bool(config.get("trainable", True)))


def _call(part: Part, inputs: object) -> object:
    try:
        return part.layer(inputs)
    except (TypeError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        raise EmoError(
            f"layer {part.name}: expected an input that it takes. Received: {first}"
        ) from error


def _sequential(config: Mapping[str, object]) -> Part:
    entries = list(config["layers"])
    if not entries:
        raise EmoError(f"model {config['name']}: expected layers. Received: none")
    x = image = input_layer(_input_shape(entries[0]), name=f"{layer_name(config)}_input")
    if entries[0]["class_name"] == "InputLayer":
        entries = entries[1:]
    parts = []
    for entry in entries:
        parts.append(_part(entry))
        x = _call(parts[-1], x)
    return Part(config["name"], _built(image, x, config), parts=tuple(parts))


def _input_shape(entry: Mapping[str, object]) -> object:
    """Returns the shape that a layer, or the first one in a model, says it takes."""
    config = entry["config"]
    if entry["class_name"] in MODELS:
        inside = config["layers"] if isinstance(config, dict) else config
        return _input_shape(inside[0])
    if "batch_input_shape" not in config:
        raise EmoError(
            f"layer {config['name']}: expected batch_input_shape, as the first layer. "
            "Received: none"
        )
    return config["batch_input_shape"]


def _functional(config: Mapping[str, object]) -> Part:
    parts: dict[str, Part] = {}
    tensors: dict[tuple[str, int], list] = {}
    """By layer and by how often it was called before, what it returned."""
    calls = []
    for entry in config["layers"]:
        name = entry["name"]
        if entry["class_name"] == "InputLayer":
            with in_place(f"layer {name}"):
                image = input_layer(entry["config"]["batch_input_shape"], name=layer_name(entry))
            tensors[name, 0] = [image]
            continue
        parts[name] = _part(entry)
        first = _first_call(entry, config)
        calls += [(name, number, node) for number, node in enumerate(entry["inbound_nodes"], first)]
    while calls:
        ready = [call for call in calls if all((s[0], s[1]) in tensors for s in call[2])]
        if not ready:
            raise EmoError(
                f"layer {calls[0][0]}: expected inputs that layers of the model return. "
                f"Received: {calls[0][2]!r:.200}"
            )
        for name, number, node in ready:
            inputs = [_source(tensors, source, name) for source in node]
            output = _call(parts[name], inputs[0] if len(inputs) == 1 else inputs)
            tensors[name, number] = output if isinstance(output, list) else [output]
        calls = [call for call in calls if call not in ready]
    ends = [
        [_source(tensors, end, config["name"]) for end in config[side]]
        for side in ("input_layers", "output_layers")
    ]
    inputs, outputs = (end[0] if len(end) == 1 else end for end in ends)
    return Part(config["name"], _built(inputs, outputs, config), parts=tuple(parts.values()))


def _first_call(entry: Mapping[str, object], config: Mapping[str, object]) -> int:
    """Returns the number of a layer's first call.

    A model inside counts the call that made it, number 0, which no other layer refers to; a
    `Sequential` that was made without an input shape has no such call.
    """
    if entry["class_name"] not in MODELS:
        return 0
    nodes = [node for other in config["layers"] for node in other["inbound_nodes"]]
    sources = [source for node in [*nodes, config["output_layers"]] for source in node]
    return int([entry["name"], 0] not in [list(source[:2]) for source in sources])


def _source(tensors: Mapping[tuple[str, int], list], source: Sequence, name: str) -> object:
    """Returns the tensor that `[layer, call, number]` stands for."""
    settings = source[3] if len(source) > 3 else {}
    if any(value is not None for value in settings.values()):
        raise EmoError(f"layer {name}: expected a call without arguments. Received: {settings}")
    if (source[0], source[1]) not in tensors:
        raise EmoError(f"model {name}: expected a layer of the model. Received: {source[0]!r:.80}")
    return tensors[source[0], source[1]][source[2]]


def _built(inputs: object, outputs: object, config: Mapping[str, object]) -> keras.Model:
    try:
        return keras.Model(inputs, outputs, name=layer_name(config))
    except ValueError as error:
        raise EmoError(
            f"model {config['name']}: expected layers that make a model. Received: {error}"
        ) from error

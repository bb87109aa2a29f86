"""A functional model whose inner maps can be seen: where they are, and how they come out."""

from collections.abc import Mapping
from dataclasses import dataclass

import keras

from emo_tf.errors import EmoError

_BRANCH_ENDING = "_backbone"
_CONVOLUTIONS = (
    keras.layers.Conv2D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv2D,
)
SOLE_OUTPUT = "output"
"""Name of what a model puts out that has one output without a name."""


@dataclass(frozen=True)
class Branch:
    """A network that looks at pictures: one inside a model, or the model itself.

    Attributes:
        network: The network.
        maps: Its layers that put out a map (B, H, W, C) of more than one place, by name, from the
            input to the output.
    """

    network: keras.Model
    maps: Mapping[str, keras.KerasTensor]

    @property
    def last(self) -> str:
        """The last layer whose map has the resolution of the last convolution's.

        It is behind the normalisation, the activation and the shortcut that follow a convolution.
        """
        last = _convolutions(self.network)[-1]
        size = self.maps[last].shape[1:3]
        return [name for name, tensor in self.maps.items() if tensor.shape[1:3] == size][-1]


def branches_of(model: keras.Model) -> dict[str, Branch]:
    """Returns the branches of a functional model that have a convolution to explain.

    A model that has convolutions itself is one branch, under the name of its input. Otherwise they
    are the models inside it that have: `scene` is the one named `scene_backbone`, and so on.

    Raises:
        EmoError: There is none.
    """
    if _convolutions(model):
        return {model.inputs[0].name: Branch(model, _maps(model))}
    parts = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    found = {
        part.name.removesuffix(_BRANCH_ENDING): Branch(part, _maps(part))
        for part in parts
        if _convolutions(part)
    }
    if not found:
        kinds = {type(layer).__name__ for part in (model, *parts) for layer in part.layers}
        inputs = ", ".join(f"{tensor.name} {tensor.shape}" for tensor in model.inputs)
        raise EmoError(
            f"{model.name}: expected a model with a convolution to explain, whose map has more "
            f"than one place. Received: inputs {inputs}; layers {', '.join(sorted(kinds))}"
        )
    return found


def open_model(
    model: keras.Model, branches: Mapping[str, Branch], *, layers: Mapping[str, str]
) -> keras.Model:
    """Returns a model of the same layers and weights that puts out maps too.

    Args:
        model: A functional model, which computes as before.
        branches: Those of its branches that are looked into, by name.
        layers: The layer whose map is put out, by branch.

    Returns:
        A model from the same inputs to a dict of `outputs`, by name; `values`, the same with the
        numbers before it where a sigmoid is a layer of its own; and `maps` (B, H, W, C) by branch.
    """
    maps, before = {}, {}

    def call(layer, *arguments, **keywords):
        if not isinstance(layer, keras.Model):
            return layer(*arguments, **keywords)
        seen = {
            "output": layer.output,
            "before": _before_sigmoids(layer),
            "maps": {
                name: branch.maps[layers[name]]
                for name, branch in branches.items()
                if branch.network is layer
            },
        }
        opened = keras.Model(layer.input, seen)(*arguments, **keywords)
        maps.update(opened["maps"])
        before.update(opened["before"])
        return opened["output"]

    if all(branch.network is model for branch in branches.values()):
        copy, before = model, _before_sigmoids(model)
        maps = {name: branch.maps[layers[name]] for name, branch in branches.items()}
    else:
        copy = keras.models.clone_model(
            model, clone_function=lambda layer: layer, call_function=call
        )
    outputs = copy.output if isinstance(copy.output, dict) else {SOLE_OUTPUT: copy.output}
    values = {name: before.get(name, output) for name, output in outputs.items()}
    return keras.Model(copy.input, {"outputs": outputs, "values": values, "maps": maps})


def _maps(network: keras.Model) -> dict[str, keras.KerasTensor]:
    return {
        layer.name: layer.output
        for layer in network.operations
        if not isinstance(layer, keras.Model | keras.layers.InputLayer) and _is_map(layer.output)
    }


def _is_map(output: object) -> bool:
    shape = getattr(output, "shape", ())
    return len(shape) == 4 and all(side is None or side > 1 for side in shape[1:3])


def _convolutions(network: keras.Model) -> list[str]:
    """Returns the names of the convolutions with a map, from the input to the output."""
    return [
        layer.name
        for layer in network.operations
        if isinstance(layer, _CONVOLUTIONS) and _is_map(layer.output)
    ]


def _before_sigmoids(network: keras.Model) -> dict[str, keras.KerasTensor]:
    """Returns by output what goes into the sigmoid that makes it."""
    outputs = network.output if isinstance(network.output, dict) else {SOLE_OUTPUT: network.output}
    return {
        name: layer.input
        for name, output in outputs.items()
        for layer in network.operations
        if isinstance(layer, keras.layers.Activation)
        and layer.activation is keras.activations.sigmoid
        and layer.output is output
    }

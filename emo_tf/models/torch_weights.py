"""Weights from torch into the models here, without torch.

It goes by name: layers bear the names of the torch modules that hold the same weights.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from emo_tf.errors import EmoError

LISTED = 8
"""How many tensors of a kind a message names; it counts the rest."""


@dataclass(frozen=True)
class _Slot:
    """One variable of a model and the torch tensor that goes into it."""

    variable: keras.Variable
    axes: tuple[int, ...] | None = None
    """The order of the tensor's axes that is the variable's; None for its own."""

    @property
    def torch_shape(self) -> tuple[int, ...]:
        shape = tuple(self.variable.shape)
        if self.axes is None:
            return shape
        return tuple(shape[self.axes.index(axis)] for axis in range(len(shape)))

    def value(self, tensor: np.ndarray) -> np.ndarray:
        return tensor if self.axes is None else np.transpose(tensor, self.axes)


class _ChannelSlot(_Slot):
    """A variable (1, ..., 1, C) that torch holds as (C,)."""

    @property
    def torch_shape(self) -> tuple[int, ...]:
        return tuple(self.variable.shape[-1:])

    def value(self, tensor: np.ndarray) -> np.ndarray:
        return np.reshape(tensor, self.variable.shape)


def _convolution_slots(layer: layers.Conv2D) -> dict[str, _Slot]:
    # torch: outputs, inputs, height, width; Keras: height, width, inputs, outputs
    slots = {"weight": _Slot(layer.kernel, (2, 3, 1, 0))}
    return slots | ({"bias": _Slot(layer.bias)} if layer.use_bias else {})


def _depthwise_slots(layer: layers.DepthwiseConv2D) -> dict[str, _Slot]:
    # torch: channels, 1, height, width; Keras: height, width, channels, 1
    slots = {"weight": _Slot(layer.kernel, (2, 3, 0, 1))}
    return slots | ({"bias": _Slot(layer.bias)} if layer.use_bias else {})


def _dense_slots(layer: layers.Dense) -> dict[str, _Slot]:
    slots = {"weight": _Slot(layer.kernel, (1, 0))}
    return slots | ({"bias": _Slot(layer.bias)} if layer.use_bias else {})


def _norm_slots(layer: layers.BatchNormalization) -> dict[str, _Slot]:
    scale = {"weight": _Slot(layer.gamma)} if layer.scale else {}
    shift = {"bias": _Slot(layer.beta)} if layer.center else {}
    means = {"running_mean": _Slot(layer.moving_mean), "running_var": _Slot(layer.moving_variance)}
    return scale | shift | means


def _slope_slots(layer: layers.PReLU) -> dict[str, _Slot]:
    # Where each place has a slope of its own, torch has no like of it and nothing will fit.
    is_shared = math.prod(layer.alpha.shape[:-1]) == 1
    return {"weight": (_ChannelSlot if is_shared else _Slot)(layer.alpha)}


_SLOTS: dict[type, Callable[..., dict[str, _Slot]]] = {
    layers.Conv2D: _convolution_slots,
    layers.DepthwiseConv2D: _depthwise_slots,
    layers.Dense: _dense_slots,
    layers.BatchNormalization: _norm_slots,
    layers.PReLU: _slope_slots,
}


def _slots(model: keras.Model) -> dict[str, _Slot]:
    """Returns the variables of a model by the names of the torch tensors that go into them."""
    slots = {}
    for layer in model.layers:
        if layer.weights:
            if type(layer) not in _SLOTS:
                raise EmoError(
                    f"{model.name}: expected weights in convolutions, dense layers, batch "
                    "normalisations and PReLUs alone. "
                    f"Received: {type(layer).__name__} {layer.name}"
                )
            found = _SLOTS[type(layer)](layer)
            slots |= {f"{layer.name}.{name}": slot for name, slot in found.items()}
    return slots


def torch_shapes(model: keras.Model) -> dict[str, tuple[int, ...]]:
    """Returns the shapes that the tensors of a model have in torch, by name.

    Args:
        model: A model whose layers with weights are convolutions, dense, batch normalisations or
            PReLUs and bear the names of torch modules.

    Raises:
        EmoError: The model has weights in other layers.
    """
    return {name: slot.torch_shape for name, slot in _slots(model).items()}


def misfits(shapes: Mapping[str, tuple[int, ...]], model: keras.Model) -> list[str]:
    """Returns what keeps tensors of these names and shapes from filling a model, in sentences.

    Args:
        shapes: Shapes of the tensors at hand by torch name.
        model: As for `torch_shapes`.

    Returns:
        No sentence where they fit; else one on tensors that are missing, one on those that the
        model does not have, one on those whose shape is another.
    """
    expected = torch_shapes(model)
    missing = [f"{name} {shape}" for name, shape in expected.items() if name not in shapes]
    unexpected = [f"{name} {shape}" for name, shape in shapes.items() if name not in expected]
    misshapen = [
        f"{name} (expected {shape}, received {shapes[name]})"
        for name, shape in expected.items()
        if name in shapes and tuple(shapes[name]) != shape
    ]
    kinds = {"missing": missing, "unexpected": unexpected, "misshapen": misshapen}
    return [_sentence(kind, texts) for kind, texts in kinds.items() if texts]


def _sentence(kind: str, texts: Sequence[str]) -> str:
    more = f" and {len(texts) - LISTED} more" if len(texts) > LISTED else ""
    return f"{len(texts)} {kind}: {', '.join(texts[:LISTED])}{more}"


def assign(model: keras.Model, tensors: Mapping[str, np.ndarray], *, source: str) -> None:
    """Fills a model with torch's tensors; where they do not fit, it stays as it was.

    Args:
        model: As for `torch_shapes`.
        tensors: All its tensors by torch name, in torch's order of axes.
        source: Where they come from, for messages.

    Raises:
        EmoError: Tensors are missing, unexpected or of another shape, which it lists, or hold
            values that are not finite.
    """
    problems = misfits({name: np.shape(tensor) for name, tensor in tensors.items()}, model)
    if problems:
        raise EmoError(f"{source}: expected the tensors of {model.name}. {'; '.join(problems)}")
    unfit = [name for name, tensor in tensors.items() if not np.isfinite(tensor).all()]
    if unfit:
        received = _sentence("with NaN or infinity", unfit)
        raise EmoError(f"{source}: expected finite numbers. Received: {received}")
    for name, slot in _slots(model).items():
        slot.variable.assign(slot.value(tensors[name]))


def reverse_colours(model: keras.Model) -> None:
    """Turns a model that was trained on blue, green, red into one of red, green, blue.

    Args:
        model: A model whose first layer with weights is a convolution of pictures.

    Raises:
        EmoError: It begins with something else; it stays as it was.
    """
    first = model
    while isinstance(first, keras.Model):
        first = next((layer for layer in first.layers if layer.weights), None)
    if not isinstance(first, layers.Conv2D) or first.kernel.shape[2] != 3:
        raise EmoError(
            f"{model.name}: expected a convolution of three colours first. "
            f"Received: {'no weights' if first is None else first.name}"
        )
    first.kernel.assign(first.kernel.numpy()[:, :, ::-1])


def named_by_children(
    tensors: Mapping[str, np.ndarray], children: Sequence[str]
) -> dict[str, np.ndarray]:
    """Returns tensors under the names of modules where they were saved under their numbers.

    `nn.Sequential(*model.children())` calls `layer1.0.conv1.weight` `4.0.conv1.weight`.

    Args:
        tensors: Tensors of any shape by name; where not all names begin with a number, they stay.
        children: The names of the modules in their order.
    """
    numbered = {name: re.fullmatch(r"(\d+)\.(.+)", name) for name in tensors}
    if not all(match and int(match[1]) < len(children) for match in numbered.values()):
        return dict(tensors)
    return {
        f"{children[int(match[1])]}.{match[2]}": tensors[name] for name, match in numbered.items()
    }

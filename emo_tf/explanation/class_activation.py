"""Gradient class activation maps of any functional Keras model with convolutions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from emo_tf.errors import unknown_name
from emo_tf.explanation.opened_model import branches_of, open_model

GRAD_CAM, HIRES_CAM = "grad-cam", "hires-cam"
METHODS = (GRAD_CAM, HIRES_CAM)

Target = Callable[[Mapping[str, tf.Tensor]], tf.Tensor]
"""From what a model puts out, with each sigmoid taken off, to the number explained, shape (B,)."""


@dataclass(frozen=True)
class Activations:
    """One forward pass with its maps.

    Attributes:
        outputs: What the model put out, by name; `SOLE_OUTPUT` where it has one without a name.
        maps: float32 (N, h, w) by branch, 0 or more, not scaled; N is B, or that of the pictures
            that the branch was shown.
    """

    outputs: Mapping[str, np.ndarray]
    maps: Mapping[str, np.ndarray]


class ActivationMaps:
    """Tells which parts of what a model was shown speak for one of its outputs.

    A map has the resolution of the layer that it comes from. Grad-CAM weighs each channel by the
    mean of its gradient; HiResCAM takes the gradient of each place as it is, which is more exact
    where the network after the layer tells places apart, as bands or flattened maps do.

    Args:
        model: A functional model; see `branches_of` for its branches.
        layer: Whose map is taken in each branch that has a layer of the name; in the others, and if
            `None`, the last one of the resolution of the last convolution.
        branches: Those that are explained; all that have a convolution if `None`.
        method: One of `METHODS`.

    Attributes:
        layers: The name of the layer by branch.

    Raises:
        EmoError: There is no convolution to explain, no such layer, branch or method, or the
            layer has no map.

    Example:
        >>> maps = ActivationMaps(model, branches=["image"])
        >>> found = maps({"image": picture[None]}, lambda values: values["logits"][:, 0])
        >>> found.maps["image"].shape
        (1, 7, 7)

    Reference:
        Selvaraju et al. 2017, "Grad-CAM: visual explanations from deep networks via gradient-based
        localization", equations 1 and 2; Draelos and Carin 2020, "Use HiResCAM instead of Grad-CAM
        for faithful explanations of convolutional neural networks".
    """

    def __init__(
        self,
        model: keras.Model,
        *,
        layer: str | None = None,
        branches: Sequence[str] | None = None,
        method: str = GRAD_CAM,
    ):
        if method not in METHODS:
            raise unknown_name("method", method, METHODS)
        self._method = method
        found = branches_of(model)
        for branch in branches or ():
            if branch not in found:
                raise unknown_name("branch with a convolution", branch, found)
        found = {name: found[name] for name in branches or found}
        self.layers = {
            name: layer if layer in branch.maps else branch.last for name, branch in found.items()
        }
        if layer is not None and layer not in self.layers.values():
            known = {name for branch in found.values() for name in branch.maps}
            raise unknown_name("layer with a map (B, H, W, C)", layer, known)
        self._model = open_model(model, found, layers=self.layers)

    def __call__(
        self, inputs: np.ndarray | Mapping[str, np.ndarray], target: Target
    ) -> Activations:
        """Explains one output for each of B examples.

        Args:
            inputs: What the model takes: an array, or one for each name.
            target: What is explained.
        """
        with tf.GradientTape() as tape:
            opened = self._model(inputs, training=False)
            # Examples do not touch each other, so the gradient of the sum is that of each.
            explained = tf.reduce_sum(target(opened["values"]))
        maps = opened["maps"]
        gradients = tape.gradient(explained, maps, unconnected_gradients="zero")
        return Activations(
            outputs={name: value.numpy() for name, value in opened["outputs"].items()},
            maps={
                branch: self._weighed(maps[branch], gradients[branch]).numpy() for branch in maps
            },
        )

    def _weighed(self, activation: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
        """Returns the map (N, h, w) of activations and gradients (N, h, w, channels)."""
        activation, gradient = (tf.cast(tensor, "float32") for tensor in (activation, gradient))
        if self._method == GRAD_CAM:
            gradient = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)  # eq. 1
        return tf.nn.relu(tf.reduce_sum(gradient * activation, axis=-1))  # eq. 2

"""Weights of small networks by a fixed lot, none of them zero."""

import keras
import numpy as np


def draw_weights(model: keras.Model) -> keras.Model:
    """Draws all weights of a model, those of kernels by how much comes in; returns the model."""
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if weight.name != "seed_generator_state":
            fan_in = np.prod(weight.shape[:-1]) if weight.name == "kernel" else 1
            size = rng.uniform(0.5, 1.5, weight.shape)
            sign = rng.choice([-1, 1], weight.shape) if weight.name == "kernel" else 1
            weight.assign(sign * size / np.sqrt(fan_in))
    return model

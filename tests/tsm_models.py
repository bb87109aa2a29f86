"""Small networks with a temporal shift, and what runs those of streams."""

from collections.abc import Mapping

import keras
import numpy as np

from emo_tf import models
from emo_tf.models.tsm_metadata import states_of

SMALL: Mapping[str, Mapping[str, object]] = {
    "expression_net": {
        "height": 24,
        "width": 20,
        "backbone_arguments": {
            "stem_filters": 8,
            "stage_filters": (8, 12, 16),
            "stage_blocks": (1, 2, 2),
            "squeeze_ratio": 4,
        },
    },
    "mobilenet_v2": {"height": 40, "width": 33},
    "resnet18": {"height": 40, "width": 33},
    "resnet50": {"height": 33, "width": 40},
}
"""Settings of each backbone, for frames that are small and not square."""


def small_tsm(form: str, backbone: str, **settings: object) -> keras.Model:
    """Builds a small network, its normalisations other than they start.

    Args:
        form: `tsm` or `tsm_stream`.
        backbone: One of `SMALL`.
        **settings: Further ones of `TsmSettings`.
    """
    keras.utils.set_random_seed(0)
    model = models.create(form, backbone=backbone, **{**SMALL[backbone], **settings})
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if weight.name != "kernel":
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return model


def moving_clips(model: keras.Model, *, frames: int, clips: int = 2) -> np.ndarray:
    """Returns clips (B, T, H, W, C) of noise in uint8, of the size that a model takes."""
    size = next(iter(model.input.values())).shape[-3:]
    return np.random.default_rng(1).integers(0, 256, (clips, frames, *size), np.uint8)


def first_states(model: keras.Model, *, clips: int = 2) -> dict[str, np.ndarray]:
    """Returns the states before the first frame."""
    shapes = {name: model.input[name].shape[1:] for name in states_of(model)}
    return {name: np.zeros((clips, *shape), np.float32) for name, shape in shapes.items()}


def streamed(model: keras.Model, clips: np.ndarray) -> np.ndarray:
    """Returns the logits (B, T, C) that a network of streams gives, frame after frame."""
    states = first_states(model, clips=len(clips))
    logits = []
    for frame in np.moveaxis(clips, 1, 0):
        outputs = model.predict({"frame": frame, **states}, verbose=0)
        states = {name: outputs[name] for name in states}
        logits.append(outputs["logits"])
    return np.stack(logits, axis=1)

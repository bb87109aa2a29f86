"""`context_fusion` on backbones of a few hundred weights, for tests that export it."""

from collections.abc import Mapping
from pathlib import Path

import keras
import pytest

from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.backbones import Backbone
from emo_tf.models.context_fusion import context_fusion, context_metadata
from emo_tf.models.keras_file import save_model
from emo_tf.models.registry import Registry
from tests.drawn_weights import draw_weights

SIZES = {"scene": (40, 48), "body": (36, 32)}
"""Height and width of what each branch takes."""


def _small_backbone(*, height: int, width: int, weights: str | None = None) -> keras.Model:
    picture = keras.Input((height, width, 3), name="picture")
    x = keras.layers.Conv2D(8, 3, strides=2, use_bias=False, name="conv1")(picture)
    x = keras.layers.ReLU(name="relu")(keras.layers.BatchNormalization(name="bn1")(x))
    x = keras.layers.Conv2D(12, 3, strides=2, name="conv2")(x)
    return keras.Model(picture, keras.layers.GlobalAveragePooling2D(name="features")(x))


def small_context_fusion(sizes: Mapping[str, tuple[int, int]] = SIZES, **arguments) -> keras.Model:
    """Builds `context_fusion`; all its weights are drawn by a fixed lot, none of them zero.

    Args:
        sizes: Height and width of what each branch takes.
        **arguments: Those of `context_fusion` but for backbones, sizes and width.
    """
    backbones = Registry("backbone")
    backbones.add("small", Backbone(_small_backbone, takes_pixels=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("emo_tf.models.context_fusion.BACKBONES", backbones)
        model = context_fusion(
            scene_backbone="small",
            body_backbone="small",
            scene_size=sizes["scene"],
            body_size=sizes["body"],
            units=8,
            **arguments,
        )
    return draw_weights(model)


def save_small_run(folder: Path, model: keras.Model) -> ModelMetadata:
    """Writes what export reads of a finished run, and returns the model's metadata."""
    metadata = context_metadata(
        model,
        version="3",
        thresholds={"Peace": 0.25, "Anger": -0.5},
        licence="CC BY 4.0",
        provenance={"experiment": "emotic_context", "seed": 7},
    )
    save_model(model, folder / "model.keras", metadata=metadata)
    (folder / "config.json").write_text('{"task": "emotic", "name": "emotic_context"}')
    return metadata

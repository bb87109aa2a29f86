"""Models of people in context that are small enough to convert in the middle of a test."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from emo_tf.export.metadata import embed_metadata
from emo_tf.export.saved_model import export_saved_model
from emo_tf.export.tflite import convert_tflite
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.models.context_fusion import context_metadata
from emo_tf.models.fusion_head import fusion_head

SIZES = {"scene": (24, 32), "body": (20, 16)}
"""Height and width of what each branch takes."""

WITHOUT_THRESHOLD = "Yearning"
"""The one category that the models have no threshold for."""

THRESHOLDS = {label: 0.5 for label in EMOTIC_CATEGORIES if label != WITHOUT_THRESHOLD}


def tiny_context_model(branches: Sequence[str] = ("scene", "body")) -> keras.Model:
    """Builds a model as `context_fusion` does, on features that are mean colours of quarters.

    Its weights are drawn by a fixed lot so that about half of the categories lie above 0.5 and
    valence, arousal and dominance within 1 to 10.
    """
    inputs, features = {}, {}
    for branch in branches:
        height, width = SIZES[branch]
        x = inputs[branch] = keras.Input((height, width, 3), name=branch)
        x = keras.layers.Rescaling(1 / 127.5, offset=-1)(x)
        x = keras.layers.AveragePooling2D((height // 2, width // 2))(x)  # (B, 2, 2, 3)
        features[branch] = keras.layers.Flatten()(x)
    widths = {branch: x.shape[-1] for branch, x in features.items()}
    head = fusion_head(widths, score_kind="sigmoid", units=8)
    rng = np.random.default_rng(0)
    for weight in head.weights:
        if weight.name == "kernel":
            weight.assign(rng.normal(0, 1, weight.shape))
    dimensions = head.get_layer("fc_cont")
    dimensions.kernel.assign(0.05 * dimensions.kernel)
    dimensions.bias.assign([0.6, 0.5, 0.55])
    return keras.Model(inputs, head(features), name="context_fusion")


def write_context_tflite(path: Path, model: keras.Model) -> Path:
    """Writes a model that `tiny_context_model` built, with thresholds, as a `.tflite` file."""
    about = context_metadata(model, version="1", thresholds=THRESHOLDS)
    folder = export_saved_model(
        model, path.parent / "saved_model", inputs=about.inputs, outputs=lambda outputs: outputs
    )
    path.write_bytes(embed_metadata(convert_tflite(folder), about))
    return path

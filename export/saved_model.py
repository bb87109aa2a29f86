"""A Keras model as a SavedModel that takes pixels and returns named outputs."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import tensorflow as tf

from emo_tf.model_metadata import ImageInput
from emo_tf.runtime.litert import SIGNATURE


def export_saved_model(
    model: keras.Model,
    path: Path,
    *,
    inputs: Mapping[str, ImageInput],
    outputs: Callable[[object], Mapping[str, object]],
) -> Path:
    """Writes `model` as a SavedModel whose `serving_default` takes uint8 pixels.

    Goes through `keras.export.ExportArchive`: TFLite conversion folds batch normalisation and
    quantises only what comes out of it. The batch size stays open.

    Args:
        model: Functional model of float pixels 0 to 255, shape (B, H, W, channels), with its
            normalisation inside. If it takes a dict, then under the names of `inputs`.
        path: Folder to write; a SavedModel that lies there is replaced.
        inputs: Image inputs by name, as in the model's metadata.
        outputs: From what the model returns to tensors by name, e.g. logits to probabilities.

    Returns:
        `path`.
    """
    signature = {
        name: tf.TensorSpec((None, image.height, image.width, image.channels), tf.uint8, name)
        for name, image in inputs.items()
    }

    def serve(images: dict) -> dict:
        pixels = {name: tf.cast(image, tf.float32) for name, image in images.items()}
        taken = pixels if isinstance(model.input, dict) else next(iter(pixels.values()))
        return dict(outputs(model(taken, training=False)))

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint(SIGNATURE, serve, input_signature=[signature])
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as scratch:
        written = Path(scratch) / "saved_model"
        archive.write_out(str(written), verbose=False)
        if path.exists():
            shutil.rmtree(path)
        written.replace(path)
    return path

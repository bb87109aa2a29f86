"""A Keras model as a SavedModel that takes pixels and returns named outputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import tensorflow as tf
from keras import ops

from emo_tf.files import replace_folder
from emo_tf.model_metadata import ArrayInput, ImageInput
from emo_tf.runtime.litert import SIGNATURE

Tensors = Mapping[str, object]


@dataclass(frozen=True)
class Signature:
    """A further way to call a SavedModel.

    Attributes:
        inputs: What it takes, by name.
        function: From tensors of these names to a dict of outputs by name.
    """

    inputs: Mapping[str, tf.TensorSpec]
    function: Callable[[Tensors], dict[str, object]]


def serving_model(
    model: keras.Model,
    *,
    inputs: Mapping[str, ImageInput],
    outputs: Callable[[object], Tensors],
    arrays: Mapping[str, ArrayInput] | None = None,
) -> keras.Model:
    """Returns a model that takes uint8 pixels by name and returns named outputs.

    Args:
        model: Functional model of float pixels 0 to 255, shape (B, H, W, channels), with its
            normalisation inside. If it takes a dict, then under the names of `inputs`.
        inputs: Image inputs by name, as in the model's metadata.
        outputs: From what the model returns to tensors by name, e.g. logits to probabilities.
        arrays: Inputs besides pictures by name, as in the model's metadata.
    """
    pictures = {
        name: keras.Input(image.shape, dtype="uint8", name=name) for name, image in inputs.items()
    }
    others = {
        name: keras.Input(array.shape, dtype="float32", name=name)
        for name, array in (arrays or {}).items()
    }
    taken = {name: ops.cast(picture, "float32") for name, picture in pictures.items()} | others
    if not isinstance(model.input, dict):
        (taken,) = taken.values()
    return keras.Model({**pictures, **others}, dict(outputs(model(taken))), name=model.name)


def export_saved_model(
    model: keras.Model,
    path: Path,
    *,
    inputs: Mapping[str, ImageInput],
    outputs: Callable[[object], Tensors],
    arrays: Mapping[str, ArrayInput] | None = None,
) -> Path:
    """Writes `model` as a SavedModel whose `serving_default` takes uint8 pixels.

    The arguments are those of `serving_model`, and `path`, the folder to write; a SavedModel that
    lies there is replaced. The batch size stays open.

    Returns:
        `path`.
    """
    serving = serving_model(model, inputs=inputs, outputs=outputs, arrays=arrays)
    return write_saved_model(serving, path)


def write_saved_model(
    serving: keras.Model,
    path: Path,
    *,
    signatures: Mapping[str, Signature] | None = None,
    labels: Path | None = None,
) -> Path:
    """Writes a model as a SavedModel.

    Goes through `keras.export.ExportArchive`: TFLite conversion folds batch normalisation and
    quantises only what comes out of it. The batch size stays open.

    Args:
        serving: What `serving_model` returned: its `serving_default`.
        path: Folder to write; a SavedModel that lies there is replaced.
        signatures: Further ways to call it, by name.
        labels: File of labels, one a line, that becomes an asset.

    Returns:
        `path`.
    """
    specs = {
        name: tf.TensorSpec(tensor.shape, tensor.dtype, name)
        for name, tensor in serving.input.items()
    }
    archive = keras.export.ExportArchive()
    archive.add_endpoint(
        SIGNATURE,
        lambda tensors: dict(serving(tensors, training=False)),
        input_signature=[specs],
    )
    for name, signature in (signatures or {}).items():
        archive.add_endpoint(name, signature.function, input_signature=[dict(signature.inputs)])
    if labels is not None:
        # Assets travel as files of what is tracked, and of files only tables are.
        archive.track(_table(labels))
    with replace_folder(path) as folder:
        archive.write_out(str(folder), verbose=False)
    return path


def _table(labels: Path) -> tf.lookup.StaticHashTable:
    places, words = tf.lookup.TextFileIndex.LINE_NUMBER, tf.lookup.TextFileIndex.WHOLE_LINE
    lines = tf.lookup.TextFileInitializer(str(labels), tf.int64, places, tf.string, words)
    return tf.lookup.StaticHashTable(lines, default_value="")

"""Scene classifiers in TFLite that go by a picture's mean colour, made up in a test."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from emo_tf.export.metadata import embed_metadata
from emo_tf.model_metadata import ImageInput, ModelMetadata
from tests.detection_models import write_network

SCENES = ("desert", "forest", "sea")
"""What red, green and blue speak for."""

SIZE = (24, 32)
"""Height and width of the picture that the classifiers take."""

_ACTIVATIONS = {"softmax": tf.nn.softmax, "sigmoid": tf.nn.sigmoid, "none": tf.identity}


def write_own_classifier(
    path: Path,
    *,
    labels: Sequence[str] = SCENES,
    task: str = "scene",
    size: tuple[int, int] = SIZE,
    output: str = "probabilities",
) -> Path:
    """Writes a classifier that says about itself what it takes and returns.

    The mean colour, 0 to 1, times 8 and less 4 goes through a softmax.
    """
    write_network(path, lambda image: {output: tf.nn.softmax(_scores(image, 255.0))}, size=size)
    about = ModelMetadata(
        name="mean_colour",
        task=task,
        description="Softmax of the mean colour.",
        version="1",
        inputs={"image": ImageInput(*size)},
        outputs={output: "Softmax over the scenes."},
        labels=tuple(labels),
    )
    path.write_bytes(embed_metadata(path.read_bytes(), about))
    return path


def write_other_classifier(
    path: Path,
    *,
    activation: str = "softmax",
    dtype: tf.DType = tf.uint8,
    files: Mapping[str, str] | None = None,
) -> Path:
    """Writes a classifier as other tools do.

    Args:
        path: The file to write.
        activation: What the mean colour, 0 to 1, times 8 and less 4 goes through: `softmax`,
            `sigmoid` or `none`.
        dtype: Type of the pixels, uint8 of 0 to 255 or float32 of 0 to 1.
        files: Text files to put in a zip at the end, by name.
    """
    white = 255.0 if dtype == tf.uint8 else 1.0
    write_network(
        path, lambda image: _ACTIVATIONS[activation](_scores(image, white)), size=SIZE, dtype=dtype
    )
    return add_files(path, files or {})


def write_quantised_classifier(path: Path, *, activation: str) -> Path:
    """Writes such a classifier in integers, from uint8 pixels to uint8 scores."""
    module = tf.Module()
    spec = tf.TensorSpec((1, *SIZE, 3), tf.float32, "image")
    module.classify = tf.function(
        lambda image: _ACTIVATIONS[activation](_scores(image, 1.0)), input_signature=[spec]
    )
    concrete = module.classify.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    colours = np.array([(r, g, b) for r in (0, 1) for g in (0, 1) for b in (0, 1)], np.float32)
    pictures = [np.broadcast_to(colour, (1, *SIZE, 3)).copy() for colour in colours]
    converter.representative_dataset = lambda: ([picture] for picture in pictures)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    path.write_bytes(converter.convert())
    return path


def add_files(path: Path, files: Mapping[str, str]) -> Path:
    """Puts text files into a zip at the end of a file, as TFLite Metadata does."""
    if files:
        with zipfile.ZipFile(path, "a") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
    return path


def _scores(image: tf.Tensor, white: float) -> tf.Tensor:
    return 8 * tf.reduce_mean(tf.cast(image, tf.float32), axis=(1, 2)) / white - 4

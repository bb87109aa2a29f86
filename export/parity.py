"""How near a `.tflite` file comes to the Keras model that it was made from."""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

from emo_tf.model_metadata import ImageInput
from emo_tf.runtime.litert import LiteRTModel

PICTURES = 4
PATCHES = 8


def random_pictures(inputs: Mapping[str, ImageInput]) -> dict[str, np.ndarray]:
    """Returns uint8 pictures (4, H, W, channels) by input: patches of random colours.

    Noise in each pixel would leave a network with nearly the same features for every picture.
    """
    rng = np.random.default_rng(0)
    pictures = {}
    for name, image in inputs.items():
        patches = rng.integers(0, 256, (PICTURES, PATCHES, PATCHES, image.channels), np.uint8)
        rows = np.arange(image.height) * PATCHES // image.height
        columns = np.arange(image.width) * PATCHES // image.width
        pictures[name] = patches[:, rows[:, None], columns]
    return pictures


def largest_difference(path: Path, model: keras.Model) -> float:
    """Runs a file and its model on random pictures.

    Args:
        path: A `.tflite` file with its metadata.
        model: The model; it takes float pixels under the names of the file's inputs and returns
            a dict.

    Returns:
        The largest difference of any output, as a share of that output's largest value; not a
        number if one of the two returns such.
    """
    converted = LiteRTModel(path)
    pictures = random_pictures(converted.metadata.inputs)
    found = converted(**pictures)
    expected = model({name: value.astype(np.float32) for name, value in pictures.items()})
    differences = [
        _relative_difference(found[name], keras.ops.convert_to_numpy(value))
        for name, value in expected.items()
    ]
    return float(np.max(differences))  # which is no number where one is none


def _relative_difference(found: np.ndarray, expected: np.ndarray) -> np.floating:
    # Outputs that are zero throughout differ by nothing or by more than any tolerance.
    largest = np.maximum(np.abs(expected).max(), np.finfo(np.float32).tiny)
    return np.abs(found - expected).max() / largest

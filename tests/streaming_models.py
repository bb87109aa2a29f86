"""A network with a temporal shift, small enough to convert in the middle of a test."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from emo_tf.export.saved_model import Signature, serving_model, write_saved_model
from emo_tf.export.tflite import convert_tflite
from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata
from emo_tf.runtime.litert import SIGNATURE

STREAM = "stream"
FRAMES, HEIGHT, WIDTH = 4, 32, 40
STATE = (15, 19, 2)
"""Height, width and channels that a frame hands on to the next one."""

FIRST_STATE = np.zeros((1, *STATE), np.float32)

METADATA = ModelMetadata(
    name="tiny shift",
    task="video",
    description="Apparent expression of a face in a clip.",
    version="1",
    inputs={"clip": ImageInput(HEIGHT, WIDTH, frames=FRAMES), "frame": ImageInput(HEIGHT, WIDTH)},
    outputs={"probabilities": "one a label", "state": "what the next frame is given"},
    arrays={"state": ArrayInput(STATE, "what the frame before returned, zeros before the first")},
    labels=("happy", "sad", "neutral"),
)


RANGES = ((0.5, 1.5), (-0.2, 0.4), (-0.3, 0.3), (0.4, 1.2))
"""Of scale, offset, mean and variance of the normalisation."""


def streaming_models() -> dict[str, keras.Model]:
    """Builds a network twice on the same weights: for clips and for one frame at a time.

    Returns:
        By signature: `serving_default` from a dict of `clip` (B, T, H, W, 3), `stream` from a dict
        of `frame` (B, H, W, 3) and `state`; both to a dict of `probabilities`, (B, T, 3) or (B, 3),
        `stream` to the next `state` too.
    """
    keras.utils.set_random_seed(0)
    scale = layers.Rescaling(1 / 127.5, offset=-1)
    first = layers.Conv2D(8, 3, strides=2, activation="relu", bias_initializer="random_normal")
    second = layers.Conv2D(8, 3, strides=2, use_bias=False)
    normalisation = layers.BatchNormalization()
    last = layers.Dense(3, kernel_initializer=keras.initializers.RandomNormal(stddev=2))

    def logits(x):
        return last(ops.mean(ops.relu(normalisation(second(x))), axis=(1, 2)))

    clip = keras.Input((FRAMES, HEIGHT, WIDTH, 3), name="clip")
    height, width, shifted = STATE
    x = first(scale(ops.reshape(clip, (-1, HEIGHT, WIDTH, 3))))  # (B T, H', W', 8)
    x = ops.reshape(x, (-1, FRAMES, height, width, 8))
    before = ops.pad(x[:, :-1, ..., :shifted], [(0, 0), (1, 0), (0, 0), (0, 0), (0, 0)])
    x = ops.concatenate([before, x[..., shifted:]], axis=-1)
    x = ops.reshape(logits(ops.reshape(x, (-1, height, width, 8))), (-1, FRAMES, 3))
    of_clips = keras.Model({"clip": clip}, {"probabilities": ops.softmax(x)})

    frame, state = keras.Input((HEIGHT, WIDTH, 3), name="frame"), keras.Input(STATE, name="state")
    x = first(scale(frame))
    probabilities = ops.softmax(logits(ops.concatenate([state, x[..., shifted:]], axis=-1)))
    of_frames = keras.Model(
        {"frame": frame, "state": state},
        {"probabilities": probabilities, "state": x[..., :shifted]},
    )
    last.bias.assign([-2, 0, 3])  # so that no class always wins
    normalisation.set_weights([np.linspace(low, high, 8) for low, high in RANGES])
    return {SIGNATURE: of_clips, STREAM: of_frames}


def write_streaming(path: Path, models: Mapping[str, keras.Model]) -> Path:
    """Writes the models as one SavedModel with a signature each.

    Args:
        path: Folder to write.
        models: What `streaming_models` returned.
    """
    clips, frames = (_serving(model) for model in models.values())
    specs = {
        name: tf.TensorSpec(tensor.shape, tensor.dtype, name)
        for name, tensor in frames.input.items()
    }
    stream = Signature(specs, lambda tensors: dict(frames(tensors, training=False)))
    return write_saved_model(clips, path, signatures={STREAM: stream})


def _serving(model: keras.Model) -> keras.Model:
    names = set(model.input)
    return serving_model(
        model,
        inputs={name: image for name, image in METADATA.inputs.items() if name in names},
        arrays={name: array for name, array in METADATA.arrays.items() if name in names},
        outputs=dict,
    )


def convert(
    folder: Path, models: Mapping[str, keras.Model], *, precision: str, clips: np.ndarray
) -> bytes:
    """Converts the SavedModel of `streaming_models` with both of its signatures.

    Args:
        folder: The SavedModel.
        models: The models in it.
        precision: `float32`, `float16` or `int8`.
        clips: uint8 (N, T, H, W, 3), for the ranges of int8.
    """

    def frames_and_states() -> Iterator[dict[str, np.ndarray]]:
        for clip in clips:
            state = FIRST_STATE
            for frame in clip:
                yield {"frame": frame[None], "state": state}
                state = models[STREAM]({"frame": frame[None], "state": state})["state"].numpy()

    return convert_tflite(
        folder,
        quantisation=precision,
        representative=lambda: ({"clip": clip[None]} for clip in clips),
        further={STREAM: frames_and_states},
    )

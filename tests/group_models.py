"""Models of whole pictures of groups whose verdicts can be worked out by hand."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from emo_tf.export.metadata import embed_metadata
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.model_metadata import ImageInput, ModelMetadata

SIZE = (24, 32)
"""Height and width of the picture that the models take."""

_GREY = (0.299, 0.587, 0.114)


def verdict_on_colour(colour: Sequence[float], *, sharpness: float = 4.0) -> np.ndarray:
    """Returns what a model says of a picture of one colour: the softmax of its channels.

    Args:
        colour: Red, green and blue, 0 to 255.
        sharpness: As of the model.

    Returns:
        float64 (3,): red speaks for negative, green for neutral, blue for positive.
    """
    scores = np.exp(sharpness * np.asarray(colour, float) / 255)
    return scores / scores.sum()


def write_group_tflite(
    path: Path,
    *,
    name: str = "mean_colour",
    sharpness: float = 4.0,
    size: tuple[int | None, int | None] = SIZE,
    colour: str = "rgb",
    labels: Sequence[str] = GROUP_EMOTIONS,
    task: str = "group",
    output: str = "probabilities",
) -> Path:
    """Writes a model that gives the softmax of a picture's mean colour; see `verdict_on_colour`.

    Args:
        path: The file to write.
        name: The model's name, by which its verdict goes.
        sharpness: What the mean colour, 0 to 1, is multiplied by before the softmax.
        size: Height and width of the picture it takes; `None` for any.
        colour: `rgb`, or `grey`, where the three channels are shares of the one.
        labels: The classes in the order in which the model puts them out; red speaks for negative,
            green for neutral and blue for positive in whatever order they are.
        task: What the file says that the model does.
        output: Under which name the probabilities are.
    """
    image = ImageInput(*size, colour)
    order = [GROUP_EMOTIONS.index(label) if label in GROUP_EMOTIONS else 0 for label in labels]

    def classify(image: tf.Tensor) -> dict[str, tf.Tensor]:
        mean = tf.reduce_mean(tf.cast(image, tf.float32) / 255, axis=(1, 2))  # (B, channels)
        scores = mean * _GREY if colour == "grey" else mean
        return {output: tf.nn.softmax(sharpness * tf.gather(scores, order, axis=1))}

    module = tf.Module()
    spec = tf.TensorSpec((None, *image.shape), tf.uint8, "image")
    module.classify = tf.function(classify, input_signature=[spec])
    concrete = module.classify.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)
    about = ModelMetadata(
        name=name,
        task=task,
        description="Softmax of the mean colour.",
        version="1",
        inputs={"image": image},
        outputs={output: "Softmax over the classes."},
        labels=tuple(labels),
    )
    path.write_bytes(embed_metadata(converter.convert(), about))
    return path

"""Models of groups, of whole pictures and of faces, whose verdicts can be worked out by hand."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from emo_tf.export.metadata import embed_metadata
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata
from emo_tf.results import Face
from emo_tf.runtime.face_align import ALIGNMENTS

SIZE = (24, 32)
"""Height and width of the picture that the models take."""

FACE_SHARPNESS = 3.0
"""What a face's brightness, 0 to 1, is multiplied by before the softmax over the faces."""

_GREY = (0.299, 0.587, 0.114)
_TEMPLATE = np.array(ALIGNMENTS["sphereface"].template)
GROUND = (0, 60, 0)
"""Colour of a picture where there is no face."""


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

    about = ModelMetadata(
        name=name,
        task=task,
        description="Softmax of the mean colour.",
        version="1",
        inputs={"image": image},
        outputs={output: "Softmax over the classes."},
        labels=tuple(labels),
    )
    return _write(path, classify, about)


def coloured_faces(*colours) -> tuple[np.ndarray, list[Face], np.ndarray]:
    """Makes faces of one colour each side by side, each a little smaller than the last.

    Returns:
        The picture, the faces, and features whose first three units are a face's colour.
    """
    image = np.full((130, 110 * max(1, len(colours)), 3), GROUND, np.uint8)
    faces = []
    for index, colour in enumerate(colours):
        x, side = 110 * index, 100 - 8 * index
        # Larger than the aligned crop, so that no ground is seen in it.
        image[:, x : x + 110] = colour
        points = _TEMPLATE + np.array([x + 5, 5])
        faces.append(Face((x, 2, side, side), 0.9, tuple(map(tuple, points.tolist()))))
    seen = np.zeros((len(faces), 256), np.float32)
    seen[:, :3] = np.reshape(colours, (-1, 3)) / 255
    return image, faces, seen


def verdict_on_faces(
    colours: Sequence[Sequence[float]], *, image: Sequence[float] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Returns what `write_face_tflite`'s model says of faces of one colour each.

    Args:
        colours: Red, green and blue of each of N faces, 0 to 255; N may be 0.
        image: Those of the whole picture, where the model looks at it.

    Returns:
        float64 probabilities (3,), and weights (N,): the softmax of the faces' brightness.
    """
    shades = np.reshape(np.asarray(colours, float), (-1, 3)) / 255
    weights = np.exp(FACE_SHARPNESS * shades.mean(axis=1))
    weights = weights / weights.sum() if len(weights) else weights
    scores = weights @ shades + (0 if image is None else np.asarray(image, float) / 255)
    verdict = np.exp(4 * scores)
    return verdict / verdict.sum(), weights


def write_face_tflite(
    path: Path,
    *,
    name: str = "brightest",
    most: int = 4,
    image: tuple[int, int] | None = None,
    crop: Mapping[str, object] | None = None,
    size: tuple[int, int] = (112, 96),
    takes: str = "faces",
    weighs: bool = True,
    detection: Mapping[str, float] | None = None,
) -> Path:
    """Writes a model in which the bright faces count most; see `verdict_on_faces`.

    Args:
        path: The file to write.
        name: The model's name, by which its verdict goes.
        most: Faces that it takes.
        image: Height and width of the whole picture that it takes too; none if `None`.
        crop: How faces are cut out; aligned as SphereFace's if `None`.
        size: Height and width of the faces.
        takes: `faces`, or `face_features`, of which the first three units are the colour.
        weighs: Whether it puts out how much each face counts.
        detection: How the faces were looked for that it learnt from.
    """
    features = takes == "face_features"
    inputs = {} if features else {"faces": ImageInput(*size, faces=most)}
    specs = {
        takes: tf.TensorSpec((None, most, 256), tf.float32, takes)
        if features
        else tf.TensorSpec((None, most, *size, 3), tf.uint8, takes),
        "face_mask": tf.TensorSpec((None, most), tf.float32, "face_mask"),
    }
    if image:
        inputs["image"] = ImageInput(*image)
        specs["image"] = tf.TensorSpec((None, *image, 3), tf.uint8, "image")

    def classify(**given: tf.Tensor) -> dict[str, tf.Tensor]:
        of_faces = tf.cast(given[takes], tf.float32)
        colours = of_faces[..., :3] if features else tf.reduce_mean(of_faces, (2, 3)) / 255
        bright = tf.exp(FACE_SHARPNESS * tf.reduce_mean(colours, -1)) * given["face_mask"]
        weights = tf.math.divide_no_nan(bright, tf.reduce_sum(bright, 1, keepdims=True))
        scores = tf.reduce_sum(weights[..., None] * colours, axis=1)
        if image:
            scores += tf.reduce_mean(tf.cast(given["image"], tf.float32) / 255, axis=(1, 2))
        answers = {"probabilities": tf.nn.softmax(4 * scores)}
        return answers | ({"face_weights": weights} if weighs else {})

    arrays = {"face_mask": ArrayInput((most,), "1 where there is a face.")}
    if features:
        arrays[takes] = ArrayInput((most, 256), "What O-Net saw in each face.")
    outputs = {"probabilities": "Softmax over the classes."}
    about = ModelMetadata(
        name=name,
        task="group",
        description="Softmax of the mean colour of faces, the bright ones first.",
        version="1",
        inputs=inputs,
        arrays=arrays,
        outputs=outputs | ({"face_weights": "How much each face counts."} if weighs else {}),
        labels=GROUP_EMOTIONS,
        crop={} if features else dict(crop or {"preset": "sphereface"}),
        detection=dict(detection or {}),
    )
    return _write(path, classify, about, specs=specs)


def _write(path: Path, classify, about: ModelMetadata, *, specs=None) -> Path:
    """Writes a function of named tensors as a `.tflite` file that carries its metadata."""
    if specs is None:
        specs = {
            name: tf.TensorSpec((None, *image.shape), tf.uint8, name)
            for name, image in about.inputs.items()
        }
    module = tf.Module()
    module.classify = tf.function(classify, autograph=False)
    concrete = module.classify.get_concrete_function(**specs)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)
    path.write_bytes(embed_metadata(converter.convert(), about))
    return path

"""A model of groups in Keras whose verdict, weights and map can be worked out by hand."""

import keras
import numpy as np
from keras import layers, ops

from emo_tf.models.group_branches import FACES_AS, IMAGE_BACKBONE
from tests.group_models import FACE_SHARPNESS, SIZE

MAP_LAYER = "colours"
"""The layer of the image's branch whose map is explained: each of its channels is a colour."""


def brightest_faces_model(*, most: int = 4, image: bool = False, alike: bool = False):
    """Builds what `write_face_tflite` writes; `group_models.verdict_on_faces` says its answers.

    Args:
        most: Faces that it takes.
        image: Whether it looks at the whole picture too.
        alike: Whether all faces count alike.
    """
    faces = keras.Input((most, 112, 96, 3), name="faces")
    mask = keras.Input((most,), name="face_mask")
    inputs = {"faces": faces, "face_mask": mask}
    pixels = layers.Identity(name=f"{FACES_AS}sphereface")(faces)
    colours = ops.mean(pixels, axis=(2, 3)) / 255  # (B, F, 3)
    sharpness = 0 if alike else FACE_SHARPNESS
    bright = ops.exp(sharpness * ops.mean(colours, axis=-1)) * mask
    total = ops.maximum(ops.sum(bright, axis=1, keepdims=True), 1e-9)
    weights = bright / total
    scores = ops.sum(ops.expand_dims(weights, -1) * colours, axis=1)  # (B, 3)
    if image:
        inputs["image"] = keras.Input((*SIZE, 3), name="image")
        scores += _colour_backbone()(inputs["image"])
    return keras.Model(inputs, {"logits": 4 * scores, "face_weights": weights}, name="brightest")


def mean_colour_model() -> keras.Model:
    """Builds one of whole pictures; `group_models.verdict_on_colour` says its answers."""
    image = keras.Input((*SIZE, 3), name="image")
    return keras.Model({"image": image}, {"logits": 4 * _colour_backbone()(image)}, name="colour")


def _colour_backbone() -> keras.Model:
    image = keras.Input((*SIZE, 3))
    convolution = layers.Conv2D(3, 1, use_bias=False, name=MAP_LAYER)
    x = layers.GlobalAveragePooling2D()(convolution(image))
    convolution.set_weights([np.eye(3, dtype=np.float32)[None, None] / 255])
    return keras.Model(image, x, name=IMAGE_BACKBONE)

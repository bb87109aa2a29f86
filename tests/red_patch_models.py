"""Models that look for red, or for what is bright, so that it is known what they look at."""

from collections.abc import Sequence

import keras
import numpy as np

from emo_tf.labels import EMOTIC_CATEGORIES, EXPRESSIONS, VAD
from emo_tf.layers.blank_box import BlankBox

SIZES = {"scene": (48, 64), "body": (40, 24)}
"""Height and width of what each branch takes."""

CELL = 4
"""Sides of what one place of a map sees, in pixels."""

RED, BLUE = "Happiness", "Sadness"
"""The categories that red and blue speak for; all others get the score 0.5 of any picture."""

THRESHOLDS = {RED: 0.4, BLUE: 0.3}
GREY = (120, 120, 120)


def red_backbone(size: tuple[int, int], *, name: str) -> keras.Model:
    """Returns a model from pixels (B, H, W, 3) to how red and how blue they are, (B, 2)."""
    image = keras.Input((*size, 3), name="image")
    pixels = keras.layers.Rescaling(1 / 255, name="pixels")(image)
    cells = keras.layers.Conv2D(
        2, CELL, strides=CELL, use_bias=False, activation="relu", name="cells"
    )
    x = keras.layers.GlobalAveragePooling2D(name="mean")(cells(pixels))
    colours = np.array([[1, 0], [-1, -1], [0, 1]]) / CELL**2  # red or blue, but not grey
    cells.kernel.assign(np.broadcast_to(colours, (CELL, CELL, 3, 2)))
    return keras.Model(image, x, name=name)


def red_context_model(
    branches: Sequence[str] = ("scene", "body"), *, blank_person: bool = False
) -> keras.Model:
    """Returns a model as `context_fusion` builds it: `RED` rises with red, so does valence."""
    inputs, features = {}, {}
    for branch in branches:
        x = inputs[branch] = keras.Input((*SIZES[branch], 3), name=branch)
        if blank_person and branch == "scene":
            inputs["box"] = keras.Input((4,), name="box")
            x = BlankBox(GREY)(x, inputs["box"])
        features[branch] = red_backbone(SIZES[branch], name=f"{branch}_backbone")(x)
    parts = {branch: keras.Input((2,), name=branch) for branch in branches}
    joined = keras.layers.Concatenate()(list(parts.values())) if len(parts) > 1 else parts["scene"]
    dense = keras.layers.Dense(len(EMOTIC_CATEGORIES), name="fc_cat")
    vad = keras.layers.Dense(len(VAD), name="vad")
    score = keras.layers.Activation("sigmoid", name="score")(dense(joined))
    head = keras.Model(parts, {"score": score, "vad": vad(joined)}, name="head")
    columns = [EMOTIC_CATEGORIES.index(RED), EMOTIC_CATEGORIES.index(BLUE)]
    kernel, to_vad = np.zeros(dense.kernel.shape), np.zeros(vad.kernel.shape)
    for row in range(len(kernel)):
        kernel[row, columns[row % 2]] = 10
        to_vad[row, 0] = (4, -4)[row % 2]
    dense.kernel.assign(kernel)
    vad.kernel.assign(to_vad)
    vad.bias.assign(np.full(len(VAD), 5))
    return keras.Model(inputs, head(features), name="context_fusion")


def bright_face_model() -> keras.Model:
    """Returns a model of expressions: a bright face is happy, a dark one nothing."""
    image = keras.Input((16, 16, 1), name="image")
    cells = keras.layers.Conv2D(1, CELL, strides=CELL, activation="relu", name="cells")
    x = keras.layers.GlobalAveragePooling2D()(cells(image))
    logits = keras.layers.Dense(len(EXPRESSIONS), use_bias=False, name="logits")
    model = keras.Model(image, logits(x), name="bright")
    cells.set_weights([np.full(cells.kernel.shape, 1 / 255 / CELL**2), np.array([-0.5])])
    logits.kernel.assign([[20.0 * (name == "happy") for name in EXPRESSIONS]])
    return model


def grey_picture(
    *patches: tuple[int, int, int, int],
    size: tuple[int, int] = (96, 128),
    colour: tuple[int, int, int] = (250, 20, 20),
) -> np.ndarray:
    """Returns a grey picture, uint8 (H, W, 3), with patches x, y, width and height of a colour."""
    image = np.full((*size, 3), GREY, np.uint8)
    for x, y, width, height in patches:
        image[y : y + height, x : x + width] = colour
    return image

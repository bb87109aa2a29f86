"""A network and faces that are small enough to train in the middle of a test."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

from emo_tf.data.augment import Augmentation
from emo_tf.models import registry
from emo_tf.training.config import Optimizer, Schedule
from emo_tf.training.expression_config import ExpressionExperiment

SIDE = 16
SMALL_OPTIMIZER = Optimizer(
    name="sgd", learning_rate=0.1, nesterov=True, weight_decay=5e-3, ema_decay=0.9
)


@pytest.fixture(scope="session")
def drawn_faces():
    """Draws faces that smile (label 0), have the mouth open (1) or drawn down (2), under noise.

    `drawn_faces(count, seed)` returns uint8 pixels (N, 16, 16, 1) and labels of shape (N,).
    """

    def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        labels = np.arange(count) % 3
        rows, columns = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
        images = []
        for label in labels:
            eyes = np.hypot(np.abs(columns) - 3, rows + 3) < 1.2
            bend = {0: -0.2, 1: 0.0, 2: 0.2}[label]
            mouth = np.abs(rows - 3 - bend * (columns**2 - 6)) < 1
            mouth = np.hypot(columns, rows - 3) < 2.5 if label == 1 else mouth
            dark = eyes | (mouth & (np.abs(columns) < 5))
            face = 200 - 140 * dark + rng.normal(scale=20, size=(SIDE, SIDE))
            images.append(np.clip(face, 0, 255))
        return np.array(images, np.uint8)[..., None], labels

    return draw


@pytest.fixture(scope="session")
def small_experiment():
    """An experiment in float32 on `small_net`, changed by keyword: `small_experiment(epochs=3)`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry.MODELS, "_entries", dict(registry.MODELS._entries))
        registry.register("small_net")(_small_net)
        base = ExpressionExperiment(
            name="small",
            dataset="none",
            model="small_net",
            epochs=4,
            batch_size=16,
            resolutions=((0.0, SIDE),),
            augmentation=Augmentation(rotation_degrees=5, flip=True, erase_probability=0.2),
            optimizer=SMALL_OPTIMIZER,
            schedule=Schedule(name="cosine", warmup_epochs=1.0),
        )
        yield lambda **values: replace(base, **values)


def _small_net(*, dropout: float = 0.3) -> keras.Model:
    image = keras.Input((None, None, 1), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1.0)(image)
    x = layers.Conv2D(4, 3, strides=2, use_bias=False, name="conv")(x)
    x = layers.BatchNormalization(momentum=0.9, name="norm")(x)
    x = layers.GlobalAveragePooling2D()(layers.ReLU()(x))
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(image, layers.Dense(3, dtype="float32", name="logits")(x), name="small_net")

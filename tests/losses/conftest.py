"""What the tests of the losses share."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf


@pytest.fixture
def gradient() -> Callable[..., np.ndarray]:
    """Differentiates a loss by the model's outputs."""

    def differentiate(loss: keras.losses.Loss, y_true, y_pred) -> np.ndarray:
        outputs = tf.constant(y_pred, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(outputs)
            value = loss(y_true, outputs)
        return tape.gradient(value, outputs).numpy()

    return differentiate


@pytest.fixture(scope="session")
def goldens(shared) -> dict[str, np.ndarray]:
    """Outputs, labels and losses as the published code computes them."""
    path = shared / "goldens" / "emotic_losses.npz"
    if not path.is_file():
        pytest.skip(f"no {path}")
    return dict(np.load(path))

"""Training steps of a network of a few weights on numbers that are drawn on the spot."""

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from emo_tf.training.config import Experiment, Optimizer, Schedule
from emo_tf.training.optimizers import Optimizers, set_frozen_batch_norm
from emo_tf.training.step import TrainStep

FEATURES = 6


def small_net(*, norm: bool = True, dtype: str | None = None) -> keras.Model:
    """Returns a model of two: `body` (`dense`, `norm`) and `head` (`fc1`, `fc2`)."""
    features = keras.Input((FEATURES,), name="x")
    x = layers.Dense(5, dtype=dtype, name="dense")(features)
    x = layers.BatchNormalization(momentum=0.8, dtype=dtype, name="norm")(x) if norm else x
    body = keras.Model(features, layers.ReLU(dtype=dtype)(x), name="body")
    hidden = keras.Input((5,))
    x = layers.Dense(4, activation="tanh", dtype=dtype, name="fc1")(hidden)
    head = keras.Model(hidden, layers.Dense(2, dtype=dtype, name="fc2")(x), name="head")
    model = keras.Model(features, head(body(features)), name="small_net")
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.1, 1, weight.shape) for weight in model.weights])
    return model


def batch(size: int = 8, seed: int = 0) -> dict[str, np.ndarray]:
    """Returns features `x` (B, 6) and targets `y` (B, 2)."""
    rng = np.random.default_rng(seed)
    values = {"x": rng.normal(size=(size, FEATURES)), "y": rng.normal(size=(size, 2))}
    return {name: value.astype(np.float32) for name, value in values.items()}


class SquaredLoss:
    """The squared error, summed over outputs, its mean over the examples; see `step.Losses`."""

    def totals(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {"examples": tf.cast(tf.shape(batch["y"])[0], tf.float32)}

    def losses(
        self, model: keras.Model, batch: Mapping[str, tf.Tensor], totals: Mapping[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        errors = tf.cast(model(batch["x"], training=True), tf.float32) - batch["y"]
        absolute = tf.reduce_sum(tf.abs(errors))
        return tf.reduce_sum(errors**2) / totals["examples"], {"absolute": absolute}


def make_optimizers(
    model: keras.Model, *, schedule: Schedule | None = None, **settings: object
) -> Optimizers:
    """Returns the optimizers of an experiment of ten epochs of two steps."""
    experiment = Experiment(
        name="small",
        dataset="none",
        model="none",
        epochs=10,
        batch_size=8,
        optimizer=Optimizer(**settings),
        schedule=schedule or Schedule(),
    )
    set_frozen_batch_norm(model, experiment.optimizer)
    return Optimizers(experiment, model, steps_per_epoch=2)


def make_step(
    model: keras.Model, average: keras.Model | None = None, /, **settings: object
) -> TrainStep:
    """Returns a step with `settings` of `TrainStep` and of the optimizer, which is SGD."""
    settings = {"name": "sgd", "momentum": 0.0, "learning_rate": 0.1} | settings
    known = ("losses", "strategy", "accumulation", "xla", "any_length")
    of_step = {name: settings.pop(name) for name in known if name in settings}
    return TrainStep(
        model,
        average or model,
        make_optimizers(model, **settings),
        of_step.pop("losses", SquaredLoss()),
        strategy=of_step.pop("strategy", tf.distribute.get_strategy()),
        ema_decay=settings.get("ema_decay"),
        **of_step,
    )

"""Trains a small network on one device and on two logical processors, and keeps what they did.

    python -m tests.training.mirrored_run OUT.npz

Logical processors have to be made before TensorFlow starts, hence a process of its own.
"""

import sys
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from emo_tf.data.sharing import Share
from emo_tf.errors import EmoError
from emo_tf.training.batch_norm import training_form
from emo_tf.training.replicas import Gathered, check_same, distributed, seed_dropout
from tests.training.mirrored import one_and_two
from tests.training.small_steps import FEATURES, batch, make_step, small_net

RUNS = {
    "sgd": {
        **{"sizes": (8, 8, 7, 3), "rates": {"head": 0.5}, "freeze": ("head/fc1",)},
        **{"momentum": 0.9, "nesterov": True, "l2": 1e-2, "clip_norm": 1.0, "ema_decay": 0.9},
    },
    "adam": {
        **{"sizes": (8, 8, 8), "name": "adam", "learning_rate": 1e-2, "amsgrad": True},
        **{"l2": 1e-2, "weight_decay": 1e-2, "ema_decay": 0.9},
    },
    "parts": {"sizes": (8, 7), "accumulation": 2, "clip_norm": 1.0, "norm": False},
}
"""Settings by run. Of 7 and 3 examples, two replicas get 4 and 3, 2 and 1."""


def elements(replicas: int, sizes: tuple[int, ...]) -> tf.data.Dataset:
    """Returns the batches of replicas, one after the other, of global batches of `sizes`."""

    def parts() -> Iterator[dict[str, np.ndarray]]:
        for seed, size in enumerate(sizes):
            whole = batch(size, seed)
            for rows in Share(replicas=replicas).rows(size):
                yield {name: value[rows.start : rows.stop] for name, value in whole.items()}

    signature = {
        "x": tf.TensorSpec((None, FEATURES), tf.float32),
        "y": tf.TensorSpec((None, 2), tf.float32),
    }
    return tf.data.Dataset.from_generator(parts, output_signature=signature)


def trained(
    strategy: tf.distribute.Strategy,
    sizes: tuple[int, ...],
    *,
    norm: bool = True,
    **settings: object,
) -> dict[str, np.ndarray]:
    """Returns every replica's weights and averages, and the last figures, of a few steps."""
    replicas = strategy.num_replicas_in_sync
    with strategy.scope():
        average = small_net(norm=norm)
        model = training_form(average, replicas=replicas)
        take_step = make_step(model, average, strategy=strategy, **settings)
    for element in distributed(strategy, lambda: elements(replicas, sizes)):
        figures = take_step(element)
    found = {f"figures/{name}": value.numpy() for name, value in figures.items()}
    for name, kind in {"model": model, "average": average}.items():
        for number, weight in enumerate(kind.weights):
            for copy in strategy.experimental_local_results(weight.value):
                found.setdefault(f"{name}/{number}", []).append(copy.numpy())
    return {name: np.array(values) for name, values in found.items()}


def masks(strategy: tf.distribute.Strategy) -> dict[str, np.ndarray]:
    """Returns which of 32 ones each replica drops in each of two calls, and in others."""
    ones = keras.Input((32,))
    with strategy.scope():
        outputs = keras.layers.Dropout(0.5)(keras.layers.Dropout(0.1)(ones))
        model = keras.Model(ones, outputs)
    run = tf.function(
        lambda: strategy.run(lambda: model(tf.ones((1, 32)), training=True)), autograph=False
    )

    def calls(count: int, **options: int) -> np.ndarray:
        seed_dropout(strategy, model, **options)
        replicas = [strategy.experimental_local_results(run()) for _ in range(count)]
        return np.array([[out.numpy()[0] == 0 for out in call] for call in replicas])

    return {
        "from the start": calls(2, seed=3, calls=0),
        "after one call": calls(1, seed=3, calls=1),
        "another seed": calls(1, seed=4, calls=0),
        "another worker": calls(1, seed=3, calls=0, first_replica=2),
    }


def main() -> None:
    strategies = one_and_two()
    found = {}
    for name, strategy in strategies.items():
        for kind, settings in RUNS.items():
            values = trained(strategy, **settings)
            found |= {f"{name}/{kind}/{key}": value for key, value in values.items()}
        replicas = strategy.num_replicas_in_sync
        run = Gathered(strategy, lambda batch: batch)
        rows = run(lambda: elements(replicas, (8, 8)))  # noqa: B023
        found |= {f"{name}/gathered/{key}": value for key, value in rows.items()}
        check_same(strategy, 12, what="step")
    found |= {f"masks/{name}": value for name, value in masks(strategies["two"]).items()}
    try:
        with strategies["two"].scope():
            make_step(small_net(), strategy=strategies["two"], xla=True)
    except EmoError as error:
        found["xla"] = str(error)
    np.savez(sys.argv[1], **found)


if __name__ == "__main__":
    main()

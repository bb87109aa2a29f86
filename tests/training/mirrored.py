"""What training leaves on one device and on two logical processors, kept to be compared."""

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from emo_tf.training.trainer import Trainer


def one_and_two() -> dict[str, tf.distribute.Strategy]:
    """Returns the strategies by name; TensorFlow must not have started."""
    (processor,) = tf.config.list_physical_devices("CPU")
    parts = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(processor, parts)
    return {
        "one": tf.distribute.get_strategy(),
        "two": tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]),
    }


def values_of(
    trainer: Trainer, strategy: tf.distribute.Strategy, *, labels: np.ndarray, logits: np.ndarray
) -> dict[str, np.ndarray]:
    """Returns what was predicted, and each replica's copy of every weight."""
    values = {"logits": logits, "labels": labels}
    for number, weight in enumerate(trainer.model.weights):
        copies = strategy.experimental_local_results(weight.value)
        values[f"model/{number}"] = np.array([copy.numpy() for copy in copies])
    return values


def keep_both(
    runs: Iterable[str],
    trained: Callable[[tf.distribute.Strategy, Path, str], Mapping[str, np.ndarray]],
) -> None:
    """Trains each run on one device and on two: the `main` of a module DATA_DIR OUT.npz."""
    found = {
        f"{name}/{run}/{key}": value
        for name, strategy in one_and_two().items()
        for run in runs
        for key, value in trained(strategy, Path(sys.argv[1]), run).items()
    }
    np.savez(sys.argv[2], **found)

"""Trains models of groups for a step, on one device and on two logical processors.

    python -m tests.training.group_mirrored_run DATA_DIR OUT.npz

Logical processors have to be made before TensorFlow starts, hence a process of its own.
"""

import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

from emo_tf.data import builders
from emo_tf.data.group_pictures import GroupData
from emo_tf.training.config import Optimizer
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_task import GroupTask
from emo_tf.training.strategy import Cluster
from emo_tf.training.trainer import Trainer
from tests.training.mirrored import keep_both, values_of

PICTURES = 12
"""Where a ReLU is given 0 but for rounding, the gradient passes on one side only; among these
pictures none is."""
IMAGE = {"image_backbone": "tiny_resnet", "image_size": (32, 32)}
FACES = {"face_backbone": "tiny_resnet", "alignment": "box", "face_size": (32, 32), "faces": 4}
RUNS = {
    "global": ("group_global", IMAGE),
    "local": ("group_local", FACES),
    "attention": ("group_attention", {**IMAGE, **FACES, "dropout": 0.0}),
}
"""Models and their arguments. Masks of dropout are each replica's own, hence none."""


def trained(strategy: tf.distribute.Strategy, data_dir: Path, run: str) -> dict[str, np.ndarray]:
    """Returns the weights after a step, and what is said of the pictures of `val`."""
    model, arguments = RUNS[run]
    experiment = GroupExperiment(
        name="mirrored",
        dataset="group_affect/faces",
        model=model,
        model_arguments=arguments,
        epochs=1,
        batch_size=PICTURES,
        keep="last",
        data=GroupData(limit=PICTURES),
        optimizer=Optimizer(name="sgd", learning_rate=0.05),
    )
    dataset = builders.prepared("group_affect/faces", data_dir=data_dir)
    cluster = Cluster(strategy)
    task = GroupTask(experiment, dataset, cluster=cluster)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(task, Path(folder), cluster=cluster)
        trainer.fit()
    found = task.validate(trainer.average).detail
    return values_of(trainer, strategy, labels=found.labels, logits=found.logits)


if __name__ == "__main__":
    keep_both(RUNS, trained)

"""Trains models of videos for a step, on one device and on two logical processors.

    python -m tests.training.video_mirrored_run DATA_DIR OUT.npz

Logical processors have to be made before TensorFlow starts, hence a process of its own.
"""

import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

from emo_tf.data.clip_augment import ClipAugmentation
from emo_tf.training.config import Optimizer
from emo_tf.training.strategy import Cluster
from emo_tf.training.trainer import Trainer
from emo_tf.training.video_config import VideoExperiment, VideoLoss
from emo_tf.training.video_task import VideoTask
from tests.training.mirrored import keep_both, values_of
from tests.twins import video_datasets

SMALL = {"stem_filters": 8, "stage_filters": (8, 16), "stage_blocks": (1, 1)}
RUNS = {
    "clips": {"dataset": "vtt_friends/clips8"},
    "drawn": {
        "dataset": "vtt_friends/clips8",
        "shares": {"vtt_friends/clips8": 0.5, "affectnet": 0.5},
        "balanced": True,
        "steps": 1,
        "loss": VideoLoss(name="neutral_balanced"),
    },
}
"""Clips as they come, and clips and moving stills drawn by class."""


def trained(strategy: tf.distribute.Strategy, data_dir: Path, run: str) -> dict[str, np.ndarray]:
    """Returns the weights after a step, and what is said of the clips that validate."""
    experiment = VideoExperiment(
        name="mirrored",
        model="tsm",
        model_arguments={
            **{"frames": 4, "height": 32, "width": 32, "backbone_arguments": SMALL},
            "dropout": 0.0,  # Its masks are each replica's own.
        },
        epochs=1,
        batch_size=16,
        keep="last",
        augmentation=ClipAugmentation(),
        optimizer=Optimizer(name="sgd", learning_rate=0.05),
        **RUNS[run],
    )
    cluster = Cluster(strategy)
    task = VideoTask(experiment, video_datasets(experiment, data_dir), cluster=cluster)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(task, Path(folder), cluster=cluster)
        trainer.fit()
    found = task.validate(trainer.average).detail
    return values_of(trainer, strategy, labels=found.labels, logits=found.logits)


if __name__ == "__main__":
    keep_both(RUNS, trained)

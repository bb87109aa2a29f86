"""Trains a few steps on EMOTIC's twin, alone or with others, and keeps the weights.

    python -m benchmarks.distributed_worker OUT.npz --data-dir DATA --run RUN --strategy NAME

SGD with everything that has to see the whole batch switched on (synchronised batch normalisation,
weights of categories by the batch, clipping, an average of the weights), augmentation and dropout
off: however the batch is spread, the weights have to be the same. `TF_CONFIG` says who takes part.
Prints one line of JSON: the seconds that the steps after the first took, and how many there were.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import tensorflow as tf

from emo_tf.data import builders
from emo_tf.data.people import PeopleData
from emo_tf.data.person_augment import PersonAugmentation
from emo_tf.errors import EmoError
from emo_tf.training.config import Optimizer, Schedule
from emo_tf.training.emotic_config import EmoticExperiment, PersonLoss
from emo_tf.training.emotic_task import EmoticTask
from emo_tf.training.strategy import joined
from emo_tf.training.trainer import Trainer

STEPS = 10


def experiment(*, batch_size: int, side: int) -> EmoticExperiment:
    """Returns one epoch of `STEPS` steps.

    Args:
        batch_size: People in a batch of all workers.
        side: Height and width of scene and body in pixels.
    """
    return EmoticExperiment(
        name="distributed",
        dataset="emotic",
        model="context_fusion",
        model_arguments={
            "scene_backbone": "small_resnet",
            "body_backbone": "small_resnet",
            "scene_size": (side, side),
            "body_size": (side, side),
            "units": 16,
            "dropout": 0.0,
        },
        epochs=1,
        batch_size=batch_size,
        optimizer=Optimizer(name="sgd", learning_rate=1e-3, l2=1e-3, clip_norm=5.0, ema_decay=0.9),
        schedule=Schedule(name="cosine"),
        augmentation=PersonAugmentation(flip=False, brightness=0, contrast=0, saturation=0),
        loss=PersonLoss(categories="dynamic_squared_error", vad="smooth_l1", reduction="sum"),
        data=PeopleData(limit=STEPS * batch_size),
    )


class TimedStep:
    """A training step that says when it was called, and can end its own process.

    Args:
        step: The step.
        die_at: Number of the call, from 0, at which the process kills itself; None for never.
    """

    def __init__(self, step, *, die_at: int | None):
        self._step, self._die_at = step, die_at
        self.function = step.function
        self.ends: list[float] = []

    def __call__(self, batch):
        if len(self.ends) == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        figures = self._step(batch)
        float(figures["loss"])
        self.ends.append(time.perf_counter())
        return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("out", type=Path, help="where to write the weights")
    parser.add_argument("--data-dir", type=Path, required=True, help="where the twin lies, built")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--strategy", default="none", help="as for emo-tf train")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--processors", type=int, default=1, help="logical ones of this process")
    parser.add_argument("--meeting-timeout", type=float, default=60.0)
    parser.add_argument("--die-at", type=int, help="kill this process at that step")
    arguments = parser.parse_args()
    if arguments.processors > 1:
        (processor,) = tf.config.list_physical_devices("CPU")
        parts = [tf.config.LogicalDeviceConfiguration()] * arguments.processors
        tf.config.set_logical_device_configuration(processor, parts)
    with joined(
        arguments.strategy, meeting_timeout_s=arguments.meeting_timeout, stall_timeout_s=180
    ) as cluster:
        dataset = builders.prepared("emotic", data_dir=arguments.data_dir)
        config = experiment(batch_size=arguments.batch_size, side=arguments.side)
        task = EmoticTask(config, dataset, cluster=cluster)
        trainer = Trainer(task, arguments.run, cluster=cluster)
        trainer._step = TimedStep(trainer._step, die_at=arguments.die_at)
        trainer.fit()
        weights = {f"model{i}": w for i, w in enumerate(trainer.model.get_weights())}
        weights |= {f"average{i}": w for i, w in enumerate(trainer.average.get_weights())}
        ends = trainer._step.ends
    np.savez(arguments.out, **weights)
    print(json.dumps({"seconds": ends[-1] - ends[0], "steps": len(ends) - 1}))


if __name__ == "__main__":
    try:
        main()
    except EmoError as error:
        sys.exit(f"error: {error}")

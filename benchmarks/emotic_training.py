"""Training EMOTIC's network: a step against PyTorch's, its input, and several devices.

python -m benchmarks.emotic_training --shared ../shared --json emotic_training.json
"""

import itertools
import statistics
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from benchmarks.common import main, or_absent, ratio_row, row, spread
from benchmarks.distributed import measure_distributed
from benchmarks.golden_weights import emotic_tensors
from benchmarks.made_up_people import made_up_annotations, made_up_pixels, standardised
from benchmarks.torch_peer import TorchPeer
from benchmarks.twin_data import PEOPLE, built_twin
from emo_tf import configs
from emo_tf.data import builders
from emo_tf.data.people import People
from emo_tf.models.context_fusion import SIZES
from emo_tf.models.published import context_fusion_from_torch
from emo_tf.training.batch_norm import training_form
from emo_tf.training.emotic_config import EmoticExperiment
from emo_tf.training.emotic_task import EmoticTask
from emo_tf.training.optimizers import Optimizers
from emo_tf.training.step import TrainStep
from emo_tf.training.strategy import single

BATCH = 26
ROUNDS, STEPS = 7, 3
SPEED_BAR = 1.15
COMPARED, LOSS_BAR = 2, 1e-3
"""Steps whose losses are compared: after the second, rounding has grown to more than the bar.

Eager PyTorch itself is 1.7e-3 apart in the third if its convolutions only run channels last.
"""
INPUT_ROUNDS, INPUT_STEPS = 5, 5
INPUT_BAR = 1.1
CACHES, EPOCHS = ("none", "memory"), 3


def measure(shared: Path) -> list[dict]:
    """Trains the published recipe for some steps, on made-up people and on the twin.

    Args:
        shared: Folder with `goldens`.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    settings = experiment()
    if settings.deterministic:  # As `emo-tf train` does.
        tf.config.experimental.enable_op_determinism()
    data_dir = built_twin("emotic", seed=0, size=PEOPLE)
    dataset = builders.prepared("emotic", data_dir=data_dir)
    task = EmoticTask(settings, dataset, cluster=single())
    tensors = emotic_tensors(shared=shared)
    step = training_step(task, tensors)
    people = {**made_up_pixels(BATCH), **made_up_annotations(BATCH)}
    batch = {name: tf.constant(array, tf.float32) for name, array in people.items()}
    return [
        *or_absent(
            "Training EMOTIC's network against PyTorch",
            lambda: against_torch(step, batch, tensors),
        ),
        measure_input(step, batch, task),
        *(measure_pipeline(dataset, settings, cache=cache) for cache in CACHES),
        *measure_distributed(data_dir),
    ]


def experiment() -> EmoticExperiment:
    """Returns the published recipe with the notebook's batch and rate, and without dropout."""
    published = configs.load("emotic_cli")
    return replace(
        published,
        batch_size=BATCH,
        optimizer=replace(published.optimizer, learning_rate=1e-3),
        model_arguments={**published.model_arguments, "dropout": 0.0},
    )


def training_step(task: EmoticTask, tensors: Mapping[str, Mapping[str, np.ndarray]]) -> TrainStep:
    """Returns the trainer's step on one device, the network filled with tensors out of torch."""
    branches = {branch: tensors[branch] for branch in SIZES}
    filled = context_fusion_from_torch(
        tensors["head"], branches=branches, sources=dict.fromkeys(tensors, "goldens")
    )
    kept = task.build()
    kept.set_weights(filled.get_weights())
    model = training_form(task.to_train(kept))
    optimizers = Optimizers(task.experiment, model, steps_per_epoch=task.steps)
    strategy = tf.distribute.get_strategy()
    return TrainStep(model, kept, optimizers, task, strategy=strategy)


def take_steps(step: TrainStep, batches: Iterable) -> tuple[list[float], list[float]]:
    """Takes a step with each batch.

    Returns:
        The seconds of each step, waiting for its batch included, and its loss.
    """
    seconds, losses = [], []
    start = time.perf_counter()
    for batch in batches:
        losses.append(float(step(batch)["loss"]))
        end = time.perf_counter()
        seconds.append(end - start)
        start = end
    return seconds, losses


def without_first(seconds: Sequence[float]) -> float:
    """Returns the mean seconds of a round's steps but the first, which traces and warms up."""
    return statistics.fmean(seconds[1:])


def against_torch(
    step: TrainStep,
    batch: Mapping[str, tf.Tensor],
    tensors: Mapping[str, Mapping[str, np.ndarray]],
) -> list[dict]:
    """Times steps in turns with PyTorch; the first have to lose the same."""
    seconds = {"emo_tf": [], "PyTorch": []}
    losses = {"emo_tf": [], "PyTorch": []}
    with (
        tempfile.TemporaryDirectory() as folder,
        TorchPeer("torch_emotic_training.py", tensors, folder=Path(folder)) as peer,
    ):
        inputs = Path(folder) / "inputs.npz"
        np.savez(inputs, **standardised(made_up_pixels(BATCH)), **made_up_annotations(BATCH))
        for _ in range(ROUNDS):
            took, lost = take_steps(step, itertools.repeat(batch, STEPS))
            answer = peer.run(inputs, calls=STEPS)
            for name, times, values in (
                ("emo_tf", took, lost),
                ("PyTorch", answer["seconds"], answer["losses"]),
            ):
                seconds[name].append(without_first(times))
                losses[name] += values
        facts = peer.facts
    return [
        loss_row(losses["emo_tf"][:COMPARED], losses["PyTorch"][:COMPARED]),
        speed_row(seconds["emo_tf"], seconds["PyTorch"], facts=facts),
    ]


def loss_row(ours: Sequence[float], theirs: Sequence[float]) -> dict:
    """Compares the losses of the first steps."""
    errors = [abs(o / t - 1) for o, t in zip(ours, theirs, strict=True)]
    worst = max(errors)
    return row(
        f"Losses of the first {len(errors)} training steps against PyTorch's: largest relative "
        "difference",
        f"{worst:.1e}",
        bar=f"≤ {LOSS_BAR:g}",
        met=worst <= LOSS_BAR,
        details={
            f"step {number}": f"{o:.2f} against {t:.2f}, {error:.1e} apart"
            for number, (o, t, error) in enumerate(zip(ours, theirs, errors, strict=True), 1)
        },
    )


def speed_row(ours: Sequence[float], theirs: Sequence[float], *, facts: Mapping) -> dict:
    """Compares the seconds of a step, one number a round.

    Args:
        ours: Seconds of ours.
        theirs: Seconds of PyTorch's.
        facts: What PyTorch's process says of itself.
    """
    return ratio_row(
        f"People a second in training, B+I with ResNet-18, float32, batch {BATCH}, operations "
        "deterministic: our step / eager PyTorch",
        [BATCH / seconds for seconds in ours],
        [BATCH / seconds for seconds in theirs],
        peer=f"eager PyTorch {facts['torch']}",
        unit="people a second",
        at_least=SPEED_BAR,
        details={"threads": facts["threads"]},
    )


def measure_input(step: TrainStep, batch: Mapping[str, tf.Tensor], task: EmoticTask) -> dict:
    """Times steps with people read, cut out and changed at random beside steps without.

    Each round begins an epoch, so that its first step, which does not count, finds nothing ready.
    """
    real, made_up, first_batch = [], [], []
    for epoch in range(INPUT_ROUNDS):
        made_up.append(without_first(take_steps(step, itertools.repeat(batch, INPUT_STEPS))[0]))
        start = time.perf_counter()
        batches = iter(task.batches(epoch, 0))
        first = next(batches)
        first_batch.append(time.perf_counter() - start)
        rest = itertools.islice(batches, INPUT_STEPS - 1)
        real.append(without_first(take_steps(step, itertools.chain([first], rest))[0]))
    return input_row(real, made_up, first_batch=first_batch)


def input_row(
    real: Sequence[float], made_up: Sequence[float], *, first_batch: Sequence[float]
) -> dict:
    """Compares the seconds of a step, one number a round.

    Args:
        real: Seconds with people of the twin.
        made_up: Seconds with a batch that lies ready.
        first_batch: Seconds until the first batch of an epoch came.
    """
    return ratio_row(
        f"Seconds of that step with people of the twin, flipped and coloured at random, batch "
        f"{BATCH} / with one batch that lies ready",
        real,
        made_up,
        peer="with a batch that lies ready",
        unit="s",
        at_most=INPUT_BAR,
        details={"first batch of an epoch after, s": spread(first_batch, digits=2)},
    )


def measure_pipeline(
    dataset: tfds.core.DatasetBuilder, settings: EmoticExperiment, *, cache: str
) -> dict:
    """Reads epochs of the twin as in training, without a model."""
    people = People(
        dataset,
        "train",
        inputs=SIZES,
        batch_size=BATCH,
        settings=replace(settings.data, cache=cache),
    )
    seconds, count = [], people.steps() * BATCH
    for epoch in range(1 + EPOCHS):
        start = time.perf_counter()
        batches = people.training(epoch=epoch, seed=0, augmentation=settings.augmentation)
        read = sum(len(batch["vad"]) for batch in batches)
        seconds.append(time.perf_counter() - start)
        if read != count:
            raise RuntimeError(f"expected {count} people. Received: {read}")
    first, *others = seconds
    return row(
        f"People a second read for training, without a model, cache {cache}",
        round(count / statistics.median(others)),
        runs=spread([count / s for s in others], digits=0),
        details={"people an epoch": count, "first epoch": round(count / first)},
    )


if __name__ == "__main__":
    main(measure)

"""The training loop that every task runs in: resumable, over all devices, with averaged weights."""

import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from emo_tf.errors import EmoError
from emo_tf.files import replace_whole
from emo_tf.training.batch_norm import training_form
from emo_tf.training.checkpoints import Checkpoints
from emo_tf.training.kept_config import keep_config
from emo_tf.training.optimizers import Optimizers, set_frozen_batch_norm
from emo_tf.training.precision import precision_of
from emo_tf.training.profile import Profile
from emo_tf.training.replicas import check_same, distributed, seed_dropout
from emo_tf.training.reports import EpochReport, Progress, Validation
from emo_tf.training.step import TrainStep
from emo_tf.training.strategy import Cluster, single
from emo_tf.training.summaries import Summaries
from emo_tf.training.task import Task

BEST_WEIGHTS = "best.weights.h5"
PROGRESS_SECONDS = 0.5
"""How often at most a step's figures are looked at: each look waits for the device."""


class Trainer:
    """Trains a task's model; can be stopped at any moment.

    A run that was stopped and is started again with the same folder goes on after its last
    checkpoint: order, augmentation and dropout follow from seed and step, and weights, optimizer
    and averages come from the checkpoint. Where `experiment.deterministic` holds and the command
    line's way of starting is taken, it ends with the weights of a run that was not stopped.

    Args:
        task: What to train and how.
        run_dir: Folder of the run: `config.json`, `checkpoints/`, `logs/` (TensorBoard).
        cluster: The devices.
        initialise: Gives a new run's model its first weights; random ones if `None`.
        report: Called with an `EpochReport` after every epoch.
        progress: Called with a `Progress` now and then.
        graph: Whether to write the step's graph for TensorBoard.
        profile: First and last step, from 0, of those that TensorBoard's profiler looks at.

    Attributes:
        model: What is trained, in the form that suits the devices.
        average: The model as it will be saved, with the averaged weights.

    Raises:
        EmoError: The folder holds a run of another configuration, or the configuration asks for
            what cannot be.
    """

    def __init__(
        self,
        task: Task,
        run_dir: Path,
        *,
        cluster: Cluster | None = None,
        initialise: Callable[[keras.Model], None] | None = None,
        report: Callable[[EpochReport], None] = lambda _: None,
        progress: Callable[[Progress], None] = lambda _: None,
        graph: bool = False,
        profile: tuple[int, int] | None = None,
    ):
        self.task = task
        self.experiment = task.experiment
        self.run_dir = Path(run_dir)
        self._cluster = cluster or single()
        self._report, self._progress = report, progress
        self._graph, self._profile = graph, profile
        keep_config(self.run_dir, self.experiment, write=self._cluster.is_chief)
        keras.utils.set_random_seed(self.experiment.seed)
        with self._cluster.strategy.scope(), precision_of(self.experiment):
            self.average = task.build()
            if initialise is not None:
                initialise(self.average)
            self.model = training_form(task.to_train(self.average), replicas=self._replicas)
            set_frozen_batch_norm(self.model, self.experiment.optimizer)
            self._optimizers = Optimizers(self.experiment, self.model, steps_per_epoch=task.steps)
        self._step = TrainStep(
            self.model,
            self.average,
            self._optimizers,
            task,
            strategy=self._cluster.strategy,
            accumulation=self.experiment.accumulation,
            ema_decay=self.experiment.optimizer.ema_decay,
            xla=self.experiment.xla,
            any_length=task.any_length,
        )
        self._checkpoints = Checkpoints(
            self.run_dir / "checkpoints",
            {
                "model": self.model.weights,
                "average": self.average.weights,
                "optimizer": self._optimizers.variables,
            },
        )
        self._epoch, self._first_step = 0, 0
        self._best: float | None = None
        self._best_epoch = 0
        self._sums: dict[str, float] = {}

    @property
    def best_weights(self) -> Path:
        """The weights of the epoch of the best validation score, averaged if any are."""
        return self.run_dir / "checkpoints" / BEST_WEIGHTS

    @property
    def _replicas(self) -> int:
        return self._cluster.strategy.num_replicas_in_sync

    def fit(self) -> Path:
        """Trains to the last epoch, or until `experiment.patience` is at its end.

        Returns:
            `best_weights`.

        Raises:
            EmoError: The loss is no longer finite, or a checkpoint cannot be read or written.
        """
        self._restore()
        done = self._epoch * self.task.steps + self._first_step
        enabled = self._cluster.is_chief
        with Summaries(self.run_dir / "logs", enabled=enabled, first_step=done + 1) as summaries:
            profile = None
            if self._profile and enabled:
                profile = Profile(self.run_dir / "logs", *self._profile)
            try:
                while not self._is_over():
                    self._run_epoch(summaries, profile)
            finally:
                if profile:
                    profile.close()
        return self.best_weights

    def _is_over(self) -> bool:
        patience = self.experiment.patience
        if patience is not None and self._epoch - self._best_epoch > patience:
            return True
        return self._epoch >= self.experiment.epochs

    def _restore(self) -> None:
        state = self._checkpoints.restore()
        if state is not None:
            self._epoch, self._first_step = state["epoch"], state["step"]
            self._best, self._best_epoch = state["best"], state["best_epoch"]
            self._sums = state["sums"]
        check_same(
            self._cluster.strategy,
            int(self._optimizers.steps.numpy()),
            what="step that the workers' checkpoints go on from, in a folder that all share",
        )
        # The generators are in no checkpoint: an unbroken run has them here.
        seed_dropout(
            self._cluster.strategy,
            self.model,
            seed=self.experiment.seed,
            calls=int(self._optimizers.steps.numpy()) * self.experiment.accumulation,
            first_replica=self._cluster.worker * self._cluster.replicas,
        )

    def _save(self, step: int) -> None:
        if self._cluster.is_chief:
            state = {
                "epoch": self._epoch,
                "step": step,
                "best": self._best,
                "best_epoch": self._best_epoch,
                "sums": self._sums,
            }
            self._checkpoints.save(int(self._optimizers.steps.numpy()), state)

    def _run_epoch(self, summaries: Summaries, profile: Profile | None) -> None:
        start = time.perf_counter()
        first_step = self._first_step
        self._train_epoch(summaries, profile)
        elapsed = time.perf_counter() - start
        training = {name: total / self.task.steps for name, total in self._sums.items()}
        if self.experiment.optimizer.ema_decay is None:
            self.average.set_weights(self.model.get_weights())
        validation = self.task.validate(self.average)
        self._cluster.alive()
        score = validation.score
        is_best = score is None or self._best is None or score > self._best
        if is_best:
            self._best, self._best_epoch = score, self._epoch
            self._keep_best()
        seconds = time.perf_counter() - start
        steps = self.task.steps - first_step
        report = EpochReport(
            epoch=self._epoch + 1,
            epochs=self.experiment.epochs,
            training=training,
            validation=validation.figures,
            learning_rate=self._optimizers.learning_rate,
            examples_per_s=steps * self.experiment.batch_size / elapsed,
            seconds_left=seconds * self.task.steps / steps * (self._epochs_left() - 1),
            is_best=is_best,
            note=self.task.note(self._epoch),
        )
        self._epoch, self._first_step, self._sums = self._epoch + 1, 0, {}
        self._save(0)
        self._summarise(summaries, report, validation)
        self._report(report)

    def _epochs_left(self) -> float:
        """Returns how many epochs as costly as this one are left, itself included."""
        costs = [self.task.cost(epoch) for epoch in range(self._epoch, self.experiment.epochs)]
        return sum(costs) / costs[0]

    def _keep_best(self) -> None:
        if self._cluster.is_chief:
            with replace_whole(self.best_weights) as temporary:
                self.average.save_weights(temporary)

    def _train_epoch(self, summaries: Summaries, profile: Profile | None) -> None:
        """Takes the steps of an epoch that are left, and adds their figures up."""
        batches = iter(
            distributed(
                self._cluster.strategy,
                lambda: self.task.batches(self._epoch, self._first_step),
            )
        )
        looked, saved = time.perf_counter(), time.perf_counter()
        pending = []
        for number in range(self._first_step, self.task.steps):
            total = self._epoch * self.task.steps + number
            if profile:
                profile.step(total)
            batch = next(batches)
            if self._graph and total == self._epoch * self.task.steps + self._first_step:
                self._graph = False
                summaries.graph(self._step.function, batch)
            pending.append(self._step(batch))
            self._cluster.alive()
            now, is_last = time.perf_counter(), number + 1 == self.task.steps
            if now - looked < PROGRESS_SECONDS and not is_last:
                continue
            self._add_up(pending)
            now = time.perf_counter()
            rate = len(pending) / (now - looked)
            self._show(number + 1, rate, summaries, pending[-1])
            looked, pending = now, []
            if now - saved > 60 * self.experiment.checkpoint_minutes and not is_last:
                self._save(number + 1)
                saved = now

    def _add_up(self, pending: list[dict[str, tf.Tensor]]) -> None:
        for figures in pending:
            for name, value in figures.items():
                self._sums[name] = self._sums.get(name, 0.0) + float(value)
        if not np.isfinite(self._sums["loss"]):
            raise EmoError(
                f"epoch {self._epoch + 1}: expected a finite loss. Received: {self._sums['loss']}"
            )

    def _show(self, step: int, steps_per_s: float, summaries: Summaries, last: dict) -> None:
        total = self._epoch * self.task.steps + step
        summaries.scalars({f"step/{name}": float(v) for name, v in last.items()}, step=total)
        summaries.scalars({"step/learning_rate": self._optimizers.learning_rate}, step=total)
        steps_left = self.task.steps * self._epochs_left() - step
        self._progress(
            Progress(
                epoch=self._epoch + 1,
                epochs=self.experiment.epochs,
                step=step,
                steps=self.task.steps,
                loss=self._sums["loss"] / step,
                examples_per_s=steps_per_s * self.experiment.batch_size,
                seconds_left=steps_left / steps_per_s,
            )
        )

    def _summarise(self, summaries: Summaries, report: EpochReport, validation: Validation) -> None:
        summaries.scalars(
            {
                **report.training,
                **report.validation,
                "learning_rate": report.learning_rate,
                "examples_per_s": report.examples_per_s,
            },
            step=report.epoch,
        )
        drawn = report.epoch % self.experiment.picture_epochs == 0
        if self._cluster.is_chief and (drawn or report.epoch == report.epochs):
            self.task.summarise(summaries, validation, step=report.epoch)

"""The training loop: one optimiser step at a time, resumable, with averaged weights."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from emo_tf import models
from emo_tf.data.pipeline import training_batches
from emo_tf.errors import EmoError
from emo_tf.files import replace_whole
from emo_tf.metrics.classification import negative_log_likelihood
from emo_tf.training.config import Experiment
from emo_tf.training.fused_norm import with_fused_batch_norm
from emo_tf.training.schedule import WarmupCosine

BEST_WEIGHTS = "best.weights.h5"


@dataclass(frozen=True)
class EpochReport:
    """What one epoch came to; held-out figures are those of the averaged weights."""

    epoch: int
    epochs: int
    loss: float
    accuracy: float
    held_out_accuracy: float
    held_out_nll: float
    learning_rate: float
    side: int
    examples_per_s: float
    seconds_left: float
    is_best: bool


def predict_logits(model: keras.Model, images: np.ndarray, *, batch_size: int = 256) -> np.ndarray:
    """Returns logits of shape (N, C) for uint8 images of shape (N, H, W, 1)."""
    parts = [
        model(images[start : start + batch_size], training=False).numpy()
        for start in range(0, len(images), batch_size)
    ]
    return np.concatenate(parts)


class Trainer:
    """Trains a classifier of images that fit into memory, and can be stopped at any moment.

    A run that was stopped and is started again with the same folder goes on after its last whole
    epoch: order, augmentation and dropout follow from seed and step, and weights, optimiser and
    averages come from the checkpoint.

    Args:
        experiment: What to train and how.
        run_dir: Folder of the run: `config.json`, `checkpoints/`, `logs/` (TensorBoard).
        initial_weights: A `.weights.h5` file to start from; random weights if `None`.
        report: Called with an `EpochReport` after every epoch.

    Raises:
        EmoError: The folder holds a run of another configuration.
    """

    def __init__(
        self,
        experiment: Experiment,
        run_dir: Path,
        *,
        initial_weights: Path | None = None,
        report: Callable[[EpochReport], None] = lambda _: None,
    ):
        self.experiment = experiment
        self.run_dir = Path(run_dir)
        self.report = report
        self._keep_config()
        self.average = self._build()  # its weights are the moving averages of the model's
        if initial_weights:
            self.average.load_weights(initial_weights)
        self.model = with_fused_batch_norm(self.average)
        self._epoch = tf.Variable(0, dtype=tf.int64)
        self._best = tf.Variable(-1.0)
        self._cross_entropy = keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=experiment.label_smoothing
        )

    @property
    def best_weights(self) -> Path:
        """The averaged weights of the epoch with the best held-out accuracy."""
        return self.run_dir / "checkpoints" / BEST_WEIGHTS

    def fit(self, images, labels, held_out_images, held_out_labels) -> Path:
        """Trains to the last epoch.

        Args:
            images: uint8 training pixels of shape (N, H, W, 1).
            labels: Class indices of shape (N,).
            held_out_images: Images that choose the epoch to keep.
            held_out_labels: Their class indices.

        Returns:
            `best_weights`.

        Raises:
            EmoError: There are fewer images than a batch, none is held out, or the loss is no
                longer finite.
        """
        images, labels = images[: self.experiment.limit], labels[: self.experiment.limit]
        if len(images) < self.experiment.batch_size:
            raise EmoError(
                f"training images: expected at least one batch of {self.experiment.batch_size}. "
                f"Received: {len(images)}"
            )
        if len(held_out_images) == 0:
            raise EmoError("held-out images: expected at least one. Received: none")
        steps = len(images) // self.experiment.batch_size
        self._make_optimizer(steps)
        manager = self._restore()
        writer = tf.summary.create_file_writer(str(self.run_dir / "logs"))
        images, labels = tf.constant(images), tf.constant(labels, tf.int32)
        with writer.as_default():
            while int(self._epoch) < self.experiment.epochs:
                report = self._run_epoch(images, labels, held_out_images, held_out_labels)
                self._epoch.assign_add(1)
                manager.save()
                self._summarise(report)
                self.report(report)
        return self.best_weights

    def _keep_config(self) -> None:
        path = self.run_dir / "config.json"
        text = self.experiment.to_json()
        if path.exists() and path.read_text() != text:
            raise EmoError(
                f"{path}: expected the configuration of {self.experiment.name!r} as it is now, to "
                "go on with this run. Received: another one; choose another folder"
            )
        self.run_dir.mkdir(parents=True, exist_ok=True)
        with replace_whole(path) as temporary:
            temporary.write_text(text)

    def _build(self) -> keras.Model:
        keras.utils.set_random_seed(self.experiment.seed)
        before = keras.config.dtype_policy()
        if self.experiment.mixed_precision:
            keras.config.set_dtype_policy("mixed_bfloat16")
        try:
            return models.create(self.experiment.model, **self.experiment.model_arguments)
        finally:
            keras.config.set_dtype_policy(before)

    def _make_optimizer(self, steps: int) -> None:
        settings = self.experiment.optimisation
        self.schedule = WarmupCosine(
            settings.peak_learning_rate,
            warmup_steps=round(settings.warmup_epochs * steps),
            total_steps=self.experiment.epochs * steps,
        )
        self.optimizer = keras.optimizers.SGD(
            self.schedule,
            momentum=settings.momentum,
            nesterov=True,
            weight_decay=settings.weight_decay,
        )
        self.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self.optimizer.build(self.model.trainable_variables)
        self._step = tf.function(self._train_step, reduce_retracing=True)

    def _restore(self) -> tf.train.CheckpointManager:
        checkpoint = tf.train.Checkpoint(
            model=self.model,
            average=self.average,
            optimizer=self.optimizer,
            epoch=self._epoch,
            best=self._best,
        )
        manager = tf.train.CheckpointManager(
            checkpoint, str(self.run_dir / "checkpoints"), max_to_keep=3
        )
        if manager.latest_checkpoint:
            checkpoint.restore(manager.latest_checkpoint).assert_consumed()
        self._forward_dropout()
        return manager

    def _forward_dropout(self) -> None:
        """Puts the generators where an unbroken run has them: they are in no checkpoint."""
        for layer in self.model.layers:
            generator = getattr(layer, "seed_generator", None)
            if generator is not None:
                seed, _ = generator.state.numpy()
                generator.state.assign([seed, int(self.optimizer.iterations)])

    def _train_step(self, images, labels):
        with tf.GradientTape() as tape:
            logits = self.model(images, training=True)
            targets = tf.one_hot(labels, logits.shape[-1])
            loss = self._cross_entropy(targets, logits)
        gradients = tape.gradient(loss, self.model.trainable_variables)
        step = tf.cast(self.optimizer.iterations, tf.float32)
        self.optimizer.apply(gradients, self.model.trainable_variables)
        # The average follows closely at first, then with the decay of the configuration.
        decay = tf.minimum(self.experiment.optimisation.ema_decay, (1 + step) / (10 + step))
        for average, weight in zip(self.average.weights, self.model.weights, strict=True):
            if weight.dtype.startswith("float"):
                average.assign(average * decay + weight * (1 - decay))
        hits = tf.equal(tf.argmax(logits, axis=1, output_type=tf.int32), labels)
        return loss, tf.reduce_mean(tf.cast(hits, tf.float32))

    def _run_epoch(self, images, labels, held_out_images, held_out_labels) -> EpochReport:
        epoch = int(self._epoch)
        side = self.experiment.resolution(epoch)
        start = time.perf_counter()
        batches = training_batches(
            images,
            labels,
            batch_size=self.experiment.batch_size,
            epoch=epoch,
            seed=self.experiment.seed,
            settings=self.experiment.augmentation,
            side=side,
        )
        sums, steps = np.zeros(2), 0
        for batch_images, batch_labels in batches:
            sums += [float(value) for value in self._step(batch_images, batch_labels)]
            steps += 1
        elapsed = time.perf_counter() - start
        if not np.isfinite(sums[0]):
            raise EmoError(f"epoch {epoch + 1}: expected a finite loss. Received: {sums[0]}")
        logits = predict_logits(self.average, held_out_images)
        accuracy = float((logits.argmax(axis=1) == held_out_labels).mean())
        is_best = accuracy > float(self._best)
        if is_best:
            self._best.assign(accuracy)
            with replace_whole(self.best_weights) as temporary:
                self.average.save_weights(temporary)
        return EpochReport(
            epoch=epoch + 1,
            epochs=self.experiment.epochs,
            loss=float(sums[0] / steps),
            accuracy=float(sums[1] / steps),
            held_out_accuracy=accuracy,
            held_out_nll=negative_log_likelihood(tf.nn.softmax(logits).numpy(), held_out_labels),
            learning_rate=float(self.schedule(self.optimizer.iterations)),
            side=side,
            examples_per_s=steps * self.experiment.batch_size / elapsed,
            seconds_left=self._seconds_left(epoch, time.perf_counter() - start),
            is_best=is_best,
        )

    def _seconds_left(self, epoch: int, elapsed: float) -> float:
        """Estimates the rest of the run from one epoch: its time goes with the pixels."""
        sides = [self.experiment.resolution(e) for e in range(epoch, self.experiment.epochs)]
        return elapsed * sum(side**2 for side in sides[1:]) / sides[0] ** 2

    def _summarise(self, report: EpochReport) -> None:
        for name in ("loss", "accuracy", "held_out_accuracy", "held_out_nll", "learning_rate"):
            tf.summary.scalar(name, getattr(report, name), step=report.epoch)
        tf.summary.scalar("examples_per_s", report.examples_per_s, step=report.epoch)
        tf.summary.flush()

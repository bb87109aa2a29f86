"""One step of training: the gradients of a batch, over all devices and in parts."""

from collections.abc import Mapping
from typing import Protocol

import keras
import tensorflow as tf

from emo_tf.errors import EmoError
from emo_tf.training.optimizers import Optimizers

Batch = Mapping[str, tf.Tensor]


class Losses(Protocol):
    """What a task says about the loss of a batch. A replica holds B examples of it."""

    def totals(self, batch: Batch) -> dict[str, tf.Tensor]:
        """Returns what `losses` has to know of the whole batch: scalars, summed over examples."""

    def losses(
        self, model: keras.Model, batch: Batch, totals: Mapping[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Runs the model in training and returns its loss.

        Args:
            model: The model.
            batch: Some examples of the batch.
            totals: `totals` of the whole batch, over all replicas.

        Returns:
            The examples' share of the batch's loss, and of figures to report, by name: their sums
            over all examples are the batch's.
        """


class TrainStep:
    """Takes steps: gradients in parts, summed over replicas, applied; averages of the weights.

    Args:
        model: What is trained, made in the strategy's scope.
        average: The model that holds the averaged weights, or a copy of `model`'s where nothing is
            averaged.
        optimizers: Made in the strategy's scope.
        losses: The task's loss.
        strategy: The devices.
        accumulation: Parts of each replica's batch.
        ema_decay: Decay a step of the average; None for none.
        xla: Whether to compile the step with XLA.
        any_length: Whether batches differ in length, as the faces of pictures do: the step is then
            traced for any length.

    Raises:
        EmoError: XLA is asked for on several devices, or for any length; from the first step: a
            device gets fewer examples than parts.
    """

    def __init__(
        self,
        model: keras.Model,
        average: keras.Model,
        optimizers: Optimizers,
        losses: Losses,
        *,
        strategy: tf.distribute.Strategy,
        accumulation: int = 1,
        ema_decay: float | None = None,
        xla: bool = False,
        any_length: bool = False,
    ):
        if xla and any_length:
            raise EmoError("xla: expected false, as pictures differ in faces. Received: true")
        if xla and strategy.num_replicas_in_sync > 1:
            raise EmoError(
                f"xla: expected one device. Received: {strategy.num_replicas_in_sync}; "
                "--strategy none"
            )
        self._model = model
        self._optimizers = optimizers
        self._losses = losses
        self._strategy = strategy
        self._accumulation = accumulation
        self._ema_decay = ema_decay
        self._pairs = [
            (kept.value, weight.value)
            for kept, weight in zip(average.weights, model.weights, strict=True)
            if weight.dtype.startswith("float")
        ]
        # Without AutoGraph, so that an `EmoError` from inside arrives as it was raised. Traced anew
        # for each shape: if some replicas knew the number of their examples and others did not,
        # their synchronised batch normalisations would not exchange the same. A task of any length
        # keeps it from all of them.
        self.function = tf.function(
            self._step, autograph=False, jit_compile=xla, reduce_retracing=any_length
        )

    def __call__(self, batch: Batch) -> dict[str, tf.Tensor]:
        """Takes one step and returns the figures of the batch, scalars by name."""
        return self.function(batch)

    def _step(self, batch: Batch) -> dict[str, tf.Tensor]:
        figures = self._strategy.run(self._replica_step, args=(batch,))
        if self._ema_decay is not None:
            self._move_average()
        return {
            name: self._strategy.reduce("SUM", value, axis=None) for name, value in figures.items()
        }

    def _replica_step(self, batch: Batch) -> dict[str, tf.Tensor]:
        context = tf.distribute.get_replica_context()
        totals = self._losses.totals(batch)
        if context.num_replicas_in_sync > 1:
            totals = {name: context.all_reduce("SUM", value) for name, value in totals.items()}
        parts = [self._gradients(part, totals) for part in self._parts(batch)]
        gradients = [
            tf.add_n(list(same)) for same in zip(*(part[0] for part in parts), strict=True)
        ]
        self._optimizers.apply(gradients)
        return {name: tf.add_n([part[1][name] for part in parts]) for name in parts[0][1]}

    def _parts(self, batch: Batch) -> list[Batch]:
        count = self._accumulation
        if count == 1:
            return [batch]
        examples = next(iter(batch.values())).shape[0]
        if examples < count:
            raise EmoError(
                f"accumulation: expected at most {examples}, the examples of one device. "
                f"Received: {count}"
            )
        edges = [examples * number // count for number in range(count + 1)]
        return [
            {name: value[edges[number] : edges[number + 1]] for name, value in batch.items()}
            for number in range(count)
        ]

    def _gradients(self, batch: Batch, totals: Mapping[str, tf.Tensor]):
        trained = [variable.value for variable in self._optimizers.trained]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(trained)
            loss, figures = self._losses.losses(self._model, batch, totals)
        # A weight that the loss does not depend on has a gradient of zero.
        gradients = tape.gradient(loss, trained, unconnected_gradients="zero")
        return gradients, {"loss": loss, **figures}

    def _move_average(self) -> None:
        # The average follows closely at first, then with the decay of the configuration.
        steps = tf.cast(self._optimizers.steps.value, tf.float32) - 1
        decay = tf.minimum(self._ema_decay, (1 + steps) / (10 + steps))
        for kept, weight in self._pairs:
            kept.assign(kept * decay + weight * (1 - decay))

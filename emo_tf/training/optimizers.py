"""Keras optimizers for the weights of an experiment: which are trained, and at which rates."""

import functools
from collections.abc import Iterable, Sequence

import keras
import tensorflow as tf

from emo_tf.errors import EmoError, in_place, unknown_name
from emo_tf.training.config import Experiment, Optimizer
from emo_tf.training.schedule import make_schedule


def layer_at(model: keras.Model, path: str) -> keras.layers.Layer:
    """Returns a layer by its path through nested models: `head/fc1`.

    Args:
        model: The model.
        path: Names of layers between slashes.

    Raises:
        EmoError: There is none; close matches are listed.
    """
    layer = model
    for name in path.split("/"):
        inside = {item.name: item for item in getattr(layer, "layers", ())}
        if not inside:
            raise EmoError(
                f"layer {path} of {model.name}: expected a model that has {name}. "
                f"Received: {layer.name}, without layers"
            )
        if name not in inside:
            raise unknown_name(f"layer {path} of {model.name}", name, inside)
        layer = inside[name]
    return layer


class Optimizers:
    """The optimizers of a run, one for each learning rate.

    Args:
        experiment: What is trained how.
        model: The model.
        steps_per_epoch: Steps an epoch.

    Raises:
        EmoError: A path leads to no layer, or nothing is left to train.
    """

    def __init__(self, experiment: Experiment, model: keras.Model, *, steps_per_epoch: int):
        settings = experiment.optimizer
        self._settings = settings
        frozen = {
            id(v)
            for layer in _layers(model, "freeze", settings.freeze)
            for v in layer.trainable_variables
        }
        self.trained = [v for v in model.trainable_variables if id(v) not in frozen]
        if not self.trained:
            raise EmoError(
                "optimizer.freeze: expected weights left to train. Received: "
                f"freeze={settings.freeze}"
            )
        schedule_to = functools.partial(
            make_schedule,
            experiment.schedule,
            steps_per_epoch=steps_per_epoch,
            epochs=experiment.epochs,
        )
        self.schedule = schedule_to(settings.learning_rate)
        factors = _factors(model, settings)
        self._groups = []
        for factor in sorted({factors.get(id(v), 1.0) for v in self.trained}, reverse=True):
            places = [
                place for place, v in enumerate(self.trained) if factors.get(id(v), 1.0) == factor
            ]
            schedule = schedule_to(factor * settings.learning_rate)
            optimizer = _keras_optimizer(settings, schedule, [self.trained[i] for i in places])
            self._groups.append((optimizer, places))

    @property
    def steps(self) -> keras.Variable:
        """How many steps were taken so far, as a variable."""
        return self._groups[0][0].iterations

    @property
    def variables(self) -> list[keras.Variable]:
        """What the optimizers keep: moments, and how many steps they took."""
        return [variable for optimizer, _ in self._groups for variable in optimizer.variables]

    @property
    def learning_rate(self) -> float:
        """Of the next step, for weights without a factor of their own."""
        return float(self.schedule(self.steps.numpy()))

    def apply(self, gradients: Sequence[tf.Tensor]) -> None:
        """Takes a step; called on each replica with the gradients of its part of the batch.

        Args:
            gradients: One for each of `trained`; their sum over the replicas is that of the batch.
        """
        context = tf.distribute.get_replica_context()
        replicas = context.num_replicas_in_sync
        if self._settings.clip_norm is not None:
            # First summed, then clipped: the length of a part says nothing about the whole. Keras
            # sums over the replicas once more.
            if replicas > 1:
                gradients = context.all_reduce("SUM", list(gradients))
            gradients, _ = tf.clip_by_global_norm(gradients, self._settings.clip_norm)
            gradients = [gradient / replicas for gradient in gradients]
        if self._settings.l2:
            share = self._settings.l2 / replicas
            gradients = [
                gradient + share * tf.convert_to_tensor(weight.value)
                for gradient, weight in zip(gradients, self.trained, strict=True)
            ]
        for optimizer, places in self._groups:
            optimizer.apply(
                [gradients[place] for place in places], [self.trained[place] for place in places]
            )


def _keras_optimizer(
    settings: Optimizer,
    schedule: keras.optimizers.schedules.LearningRateSchedule,
    variables: Sequence[keras.Variable],
) -> keras.optimizers.Optimizer:
    decay = settings.weight_decay or None
    if settings.name == "sgd":
        optimizer = keras.optimizers.SGD(
            schedule, momentum=settings.momentum, nesterov=settings.nesterov, weight_decay=decay
        )
    elif settings.name == "adagrad":
        # Keras 2 and PyTorch sum from 0, Keras 3 from 0.1.
        optimizer = keras.optimizers.Adagrad(
            schedule, initial_accumulator_value=0.0, epsilon=1e-16, weight_decay=decay
        )
    else:
        optimizer = keras.optimizers.Adam(
            schedule, epsilon=1e-8, amsgrad=settings.amsgrad, weight_decay=decay
        )
    if decay:
        # Not by `var_names`, which Keras looks for in the names of the layers around as well.
        others = [variable for variable in variables if not variable.name.endswith("kernel")]
        optimizer.exclude_from_weight_decay(var_list=others)
    optimizer.build(variables)
    return optimizer


def _layers(model: keras.Model, setting: str, paths: Iterable[str]) -> list[keras.layers.Layer]:
    """Returns the layers that a setting names by their paths."""
    with in_place(f"optimizer.{setting}"):
        return [layer_at(model, path) for path in paths]


def _factors(model: keras.Model, settings: Optimizer) -> dict[int, float]:
    """Returns the factor on the learning rate of each variable that has one."""
    by_length = sorted(settings.rates, key=lambda path: path.count("/"))
    layers = _layers(model, "rates", by_length)
    return {
        id(v): settings.rates[path]
        for path, layer in zip(by_length, layers, strict=True)
        for v in layer.trainable_variables
    }


def set_frozen_batch_norm(model: keras.Model, settings: Optimizer) -> None:
    """Puts batch normalisation in frozen layers into the state that the settings ask for.

    Args:
        model: The model.
        settings: Which layers are frozen, and how.
    """
    if settings.frozen_batch_norm == "averaged":
        for layer in _layers(model, "freeze", settings.freeze):
            layer.trainable = False

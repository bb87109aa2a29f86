"""Data and results over the devices of a strategy."""

from collections.abc import Callable, Iterable

import keras
import numpy as np
import tensorflow as tf

from emo_tf.errors import EmoError


def distributed(
    strategy: tf.distribute.Strategy, make: Callable[[], tf.data.Dataset]
) -> Iterable[object]:
    """Returns what `strategy.run` takes, one element a step.

    Args:
        strategy: The devices.
        make: Makes a data set whose elements are what one device gets; as many as this process has
            devices make its part of a step.
    """
    return strategy.distribute_datasets_from_function(lambda _: make())


class Gathered:
    """A function over a data set on all devices, what it returns joined.

    Args:
        strategy: The devices.
        function: From an element to arrays by name whose first axis counts its examples; traced
            once.
        any_length: Whether elements differ in what does not count their examples: it is then
            traced for any length.
    """

    def __init__(
        self,
        strategy: tf.distribute.Strategy,
        function: Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]],
        *,
        any_length: bool = False,
    ):
        def run(element: object) -> dict[str, tf.Tensor]:
            outputs = strategy.run(function, args=(element,))
            return {name: strategy.gather(value, axis=0) for name, value in outputs.items()}

        self._strategy = strategy
        self._run = tf.function(run, autograph=False, reduce_retracing=any_length)

    def __call__(
        self, make: Callable[[], tf.data.Dataset], *, advance: Callable[[], None] = lambda: None
    ) -> dict[str, np.ndarray]:
        """Goes through a data set.

        Args:
            make: As for `distributed`; every element has the same number of examples.
            advance: Called after every element.

        Returns:
            The arrays of all elements, of all workers, one after the other; the same on every
            worker.
        """
        parts = []
        for element in distributed(self._strategy, make):
            parts.append({name: value.numpy() for name, value in self._run(element).items()})
            advance()
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def check_same(strategy: tf.distribute.Strategy, value: int, *, what: str) -> None:
    """Checks that all workers hold the same number.

    Args:
        strategy: What the workers train with.
        value: This worker's number.
        what: What it is called in messages.

    Raises:
        EmoError: They do not.
    """

    def of_all() -> tf.Tensor:
        context = tf.distribute.get_replica_context()
        return context.all_gather(tf.constant([value], tf.int64), axis=0)

    run = tf.function(lambda: strategy.run(of_all), autograph=False)
    found = strategy.experimental_local_results(run())[0].numpy().tolist()
    if len(set(found)) > 1:
        raise EmoError(
            f"{what}: expected the same on every worker. Received: {', '.join(map(str, found))}"
        )


def seed_dropout(
    strategy: tf.distribute.Strategy,
    model: keras.Model,
    *,
    seed: int,
    calls: int,
    first_replica: int = 0,
) -> None:
    """Puts the generators of a model's random layers where `calls` calls of it have them.

    Each replica draws from a stream of its own. Left alone, all would drop the same units.

    Args:
        strategy: The devices.
        model: Made in the strategy's scope.
        seed: Not negative.
        calls: How often each replica has called the model.
        first_replica: The number of this process's first replica among all.
    """
    states = [v for v in model.variables if v.path.endswith("seed_generator_state")]
    for number, state in enumerate(states):
        copies = strategy.experimental_local_results(state.value)
        for replica, copy in enumerate(copies, first_replica):
            (key,) = np.random.SeedSequence([seed, number, replica]).generate_state(1)
            copy.assign(tf.constant([int(key), calls], copy.dtype))

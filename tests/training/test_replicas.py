import keras
import numpy as np
import tensorflow as tf
from keras import layers

from emo_tf.training.replicas import Gathered, check_same, distributed, seed_dropout

STRATEGY = tf.distribute.get_strategy()


def numbers() -> tf.data.Dataset:
    values = {"index": tf.range(12), "square": tf.cast(tf.range(12)[:, None], tf.float32) ** 2}
    return tf.data.Dataset.from_tensor_slices(values).batch(4)


def test_one_device_gets_each_element_as_it_is():
    indices = [element["index"].numpy().tolist() for element in distributed(STRATEGY, numbers)]
    assert indices == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


def test_results_are_joined_in_the_order_of_the_examples():
    advanced = []
    run = Gathered(
        STRATEGY, lambda batch: {"root": tf.sqrt(batch["square"]), "index": batch["index"]}
    )
    found = run(numbers, advance=lambda: advanced.append(1))
    assert len(advanced) == 3
    assert set(found) == {"root", "index"}
    np.testing.assert_array_equal(found["index"], np.arange(12))
    np.testing.assert_allclose(found["root"], np.arange(12.0)[:, None], rtol=1e-6)


def test_one_worker_agrees_with_itself():
    check_same(STRATEGY, 2**40, what="step")


def test_dropout_follows_from_seed_and_calls():
    ones = keras.Input((32,))
    model = keras.Model(ones, layers.Dropout(0.5)(layers.Dropout(0.1)(ones)))

    def call() -> list[float]:
        return model(tf.ones((1, 32)), training=True).numpy()[0].tolist()

    seed_dropout(STRATEGY, model, seed=2**40, calls=0)
    first, second = call(), call()
    assert first != second
    seed_dropout(STRATEGY, model, seed=2**40, calls=1)
    assert call() == second
    seed_dropout(STRATEGY, model, seed=1, calls=0)
    assert call() not in (first, second)

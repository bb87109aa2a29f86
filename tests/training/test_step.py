import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf.errors import EmoError
from tests.training.small_steps import SquaredLoss, batch, make_step, small_net

RATE = 0.1


def mean_squared_error(model: keras.Model, examples: dict[str, np.ndarray]) -> tf.Tensor:
    errors = model(examples["x"], training=True) - examples["y"]
    return tf.reduce_mean(tf.reduce_sum(errors**2, axis=1))


@pytest.mark.parametrize("accumulation", [1, 2, 3])
def test_parts_of_a_batch_give_the_gradients_of_the_whole(accumulation):
    model, twin = (small_net(norm=False) for _ in range(2))
    take_step = make_step(model, learning_rate=RATE, accumulation=accumulation)
    for seed, size in enumerate((8, 8, 5)):
        examples = batch(size, seed)
        with tf.GradientTape() as tape:
            loss = mean_squared_error(twin, examples)
        gradients = tape.gradient(loss, [v.value for v in twin.trainable_variables])
        for variable, gradient in zip(twin.trainable_variables, gradients, strict=True):
            variable.assign_sub(RATE * gradient)
        figures = take_step(examples)
        assert set(figures) == {"loss", "absolute"}
        assert float(figures["loss"]) == pytest.approx(float(loss), rel=1e-5)
        for weight, expected in zip(model.get_weights(), twin.get_weights(), strict=True):
            np.testing.assert_allclose(weight, expected, atol=1e-6)


@pytest.mark.parametrize("accumulation", [1, 3])
def test_figures_are_sums_over_the_parts(accumulation):
    model, examples = small_net(norm=False), batch()
    expected = np.abs(model(examples["x"]) - examples["y"]).sum()
    figures = make_step(model, accumulation=accumulation)(examples)
    assert float(figures["absolute"]) == pytest.approx(expected, rel=1e-5)


def test_each_part_has_batch_normalisation_of_its_own():
    model = small_net()
    body = model.get_layer("body")
    norm, dense = body.get_layer("norm"), body.get_layer("dense")
    examples, expected = batch(), norm.moving_mean.numpy()
    values = dense(examples["x"]).numpy()
    for part in (values[:2], values[2:5], values[5:]):
        expected = 0.8 * expected + 0.2 * part.mean(axis=0)
    make_step(model, accumulation=3)(examples)
    np.testing.assert_allclose(norm.moving_mean.numpy(), expected, rtol=1e-5)


def test_the_average_follows_the_weights_and_statistics_step_by_step():
    model, average = small_net(), small_net()
    take_step = make_step(model, average, ema_decay=0.2)
    expected = average.get_weights()
    for number in range(4):
        take_step(batch(seed=number))
        decay = min(0.2, (1 + number) / (10 + number))
        expected = [
            decay * kept + (1 - decay) * weight
            for kept, weight in zip(expected, model.get_weights(), strict=True)
        ]
        for kept, weight in zip(average.get_weights(), expected, strict=True):
            np.testing.assert_allclose(kept, weight, rtol=1e-5, atol=1e-6)


def test_without_a_decay_the_average_is_left_alone():
    model, average = small_net(), small_net()
    before = average.get_weights()
    make_step(model, average)(batch())
    for kept, weight in zip(average.get_weights(), before, strict=True):
        np.testing.assert_array_equal(kept, weight)


class HiddenLoss(SquaredLoss):
    """The square of what the last layer gets: that layer is of no account."""

    def losses(self, model, batch, totals):
        body, head = model.get_layer("body"), model.get_layer("head")
        hidden = head.get_layer("fc1")(body(batch["x"], training=True))
        return tf.reduce_sum(hidden**2) / totals["examples"], {}


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_a_weight_that_the_loss_does_not_touch_stays(name):
    model = small_net(norm=False)
    take_step = make_step(model, losses=HiddenLoss(), name=name, clip_norm=1.0)
    before = [variable.numpy() for variable in model.trainable_variables]
    take_step(batch())
    unused = {id(variable) for variable in model.get_layer("head").get_layer("fc2").weights}
    for variable, start in zip(model.trainable_variables, before, strict=True):
        stays = np.array_equal(variable.numpy(), start)
        assert stays == (id(variable) in unused), variable.path


def test_a_step_that_xla_compiled_gives_the_same_weights():
    settings = {"name": "adam", "l2": 1e-2, "clip_norm": 1.0, "ema_decay": 0.9, "accumulation": 2}
    ends = []
    for xla in (False, True):
        model, average = small_net(), small_net()
        take_step = make_step(model, average, xla=xla, **settings)
        figures = [take_step(batch(seed=seed)) for seed in range(3)]
        ends.append([*model.get_weights(), *average.get_weights(), float(figures[-1]["loss"])])
    for value, expected in zip(*ends, strict=True):
        np.testing.assert_allclose(value, expected, atol=1e-5)


def test_mixed_precision_keeps_weights_and_averages_in_full():
    model, average = (small_net(dtype="mixed_bfloat16") for _ in range(2))
    plain = small_net()
    assert model(batch()["x"]).dtype == tf.bfloat16
    settings = {"ema_decay": 0.5, "learning_rate": 1e-3, "l2": 1e-2, "clip_norm": 1.0}
    mixed_step, plain_step = make_step(model, average, **settings), make_step(plain, **settings)
    for seed in range(2):
        figures = mixed_step(batch(seed=seed))
        plain_step(batch(seed=seed))
    assert figures["loss"].dtype == tf.float32
    for kind in (model, average):
        for weight in kind.weights:
            assert weight.dtype == "float32"
            rounded = tf.cast(tf.cast(weight.numpy(), tf.bfloat16), tf.float32)
            assert not np.array_equal(weight.numpy(), rounded), weight.path
    for weight, expected in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(weight, expected, atol=0.02)


class RefusedLoss(SquaredLoss):
    """A loss that cannot be had."""

    def losses(self, model, batch, totals):
        raise EmoError("labels: expected two. Received: one")


def test_an_error_of_the_loss_arrives_as_it_was_raised():
    with pytest.raises(EmoError) as caught:
        make_step(small_net(), losses=RefusedLoss())(batch())
    assert type(caught.value) is EmoError
    assert str(caught.value) == "labels: expected two. Received: one"


def test_more_parts_than_examples_of_a_device_are_an_error():
    take_step = make_step(small_net(), accumulation=3)
    with pytest.raises(EmoError, match=r"^accumulation: expected at most 2, .* Received: 3$"):
        take_step(batch(2))


def test_a_step_of_any_length_is_traced_for_the_first_length_and_for_all_others():
    lengths = (3, 5, 8, 4, 3)
    counts = {}
    for any_length in (False, True):
        take_step = make_step(small_net(), any_length=any_length)
        for length in lengths:
            take_step(batch(length))
        counts[any_length] = take_step.function.experimental_get_tracing_count()
    assert counts == {False: len(set(lengths)), True: 2}


def test_a_step_of_any_length_cannot_be_compiled():
    with pytest.raises(EmoError, match="xla: expected false"):
        make_step(small_net(), any_length=True, xla=True)

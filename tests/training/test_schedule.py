import keras
import numpy as np
import pytest

from emo_tf.training.schedule import WarmupCosine


@pytest.fixture(scope="module")
def rates():
    schedule = WarmupCosine(0.2, warmup_steps=4, total_steps=24)
    return [float(schedule(step)) for step in range(30)]


def test_the_rate_rises_in_equal_steps_to_the_peak(rates):
    np.testing.assert_allclose(rates[:4], [0.05, 0.1, 0.15, 0.2], rtol=1e-6)


def test_the_rate_falls_along_half_a_cosine(rates):
    share = np.arange(20) / 20
    np.testing.assert_allclose(rates[4:24], 0.1 * (1 + np.cos(np.pi * share)), rtol=1e-5)
    assert rates[14] == pytest.approx(0.1)


def test_the_rate_is_zero_from_the_end_on(rates):
    np.testing.assert_allclose(rates[24:], 0, atol=1e-8)
    assert rates[23] > 0
    assert max(rates) == pytest.approx(0.2)


def test_without_warm_up_the_rate_starts_at_the_peak():
    schedule = WarmupCosine(0.2, warmup_steps=0, total_steps=10)
    assert float(schedule(0)) == pytest.approx(0.2)


def test_a_saved_schedule_comes_back_as_it_was(rates):
    schedule = WarmupCosine(0.2, warmup_steps=4, total_steps=24)
    optimizer = keras.optimizers.SGD(schedule, momentum=0.5)
    revived = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert revived.get_config() == optimizer.get_config()
    revived.build([keras.Variable(1.0)])
    assert float(revived.learning_rate) == pytest.approx(rates[0])
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(schedule))
    assert isinstance(again, WarmupCosine)
    assert [float(again(step)) for step in range(30)] == rates

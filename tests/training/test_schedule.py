import keras
import numpy as np
import pytest

from emo_tf.training.config import Schedule
from emo_tf.training.schedule import WarmupCosine, WarmupSteps, make_schedule


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


@pytest.mark.parametrize(
    "schedule",
    [
        pytest.param(WarmupCosine(0.2, warmup_steps=4, total_steps=24), id="cosine"),
        pytest.param(WarmupSteps(0.2, warmup_steps=4, stretch=6, gamma=0.5), id="steps"),
    ],
)
def test_a_saved_schedule_comes_back_as_it_was(schedule):
    rates = [float(schedule(step)) for step in range(30)]
    optimizer = keras.optimizers.SGD(schedule, momentum=0.5)
    revived = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert revived.get_config() == optimizer.get_config()
    revived.build([keras.Variable(1.0)])
    assert float(revived.learning_rate) == pytest.approx(rates[0])
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(schedule))
    assert type(again) is type(schedule)
    assert [float(again(step)) for step in range(30)] == rates


def test_the_rate_falls_by_the_factor_after_each_stretch_as_pytorch_counts():
    schedule = WarmupSteps(0.2, warmup_steps=0, stretch=7, gamma=0.1)
    expected = [0.2 * 0.1 ** (step // 7) for step in range(30)]  # `StepLR`, in closed form
    np.testing.assert_allclose([float(schedule(step)) for step in range(30)], expected, rtol=1e-5)


def test_stretches_are_counted_from_the_start_of_the_rise():
    schedule = WarmupSteps(0.2, warmup_steps=4, stretch=3, gamma=0.5)
    found = [float(schedule(step)) for step in range(7)]
    np.testing.assert_allclose(found, [0.05, 0.1, 0.15, 0.1, 0.1, 0.1, 0.05], rtol=1e-6)


def test_a_factor_of_one_leaves_the_rate_as_it_is():
    schedule = WarmupSteps(0.2, warmup_steps=0, stretch=1, gamma=1.0)
    assert {float(schedule(step)) for step in (0, 1, 1000, 10**9)} == {np.float32(0.2)}


@pytest.mark.parametrize("stretch", [3, 7 * 905, 49_999_999])
def test_late_stretches_begin_to_the_step(stretch):
    schedule = WarmupSteps(1.0, warmup_steps=0, stretch=stretch, gamma=0.5)
    first = 10 * stretch
    assert float(schedule(first - 1)) == 2.0**-9
    assert float(schedule(first)) == 2.0**-10
    assert float(schedule(np.int64(first))) == 2.0**-10  # as optimizers count


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(Schedule(), [1.0] * 8, id="constant"),
        pytest.param(
            Schedule(warmup_epochs=1.5),
            [1 / 3, 2 / 3, 1, 1, 1, 1, 1, 1],
            id="constant after a rise",
        ),
        pytest.param(
            Schedule(name="step", step_epochs=2, gamma=0.1), [1, 1, 1, 1, *[0.1] * 4], id="step"
        ),
        pytest.param(
            Schedule(name="step", step_epochs=1, gamma=0.5, warmup_epochs=1),
            [0.5, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125],
            id="step after a rise",
        ),
        pytest.param(
            Schedule(name="cosine"), (1 + np.cos(np.pi * np.arange(8) / 8)) / 2, id="cosine"
        ),
        pytest.param(
            Schedule(name="cosine", warmup_epochs=1),
            [0.5, 1, *(1 + np.cos(np.pi * np.arange(6) / 6)) / 2],
            id="cosine after a rise",
        ),
    ],
)
def test_a_schedule_in_epochs_is_one_in_steps(settings, expected):
    schedule = make_schedule(settings, 0.3, steps_per_epoch=2, epochs=4)
    found = [float(schedule(step)) for step in range(8)]
    np.testing.assert_allclose(found, 0.3 * np.array(expected), rtol=1e-5, atol=1e-8)

import numpy as np
import pytest

from emo_tf.metrics.probability_figures import bootstrap_intervals, probability_figures

SURE = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.8, 0.1, 0.1]])


def drawn(count: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Returns calibrated probabilities and labels drawn from them."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet([1, 1, 1], size=count)
    labels = np.array([rng.choice(3, p=row) for row in probabilities])
    return probabilities, labels


def test_figures_worked_out_by_hand():
    figures = probability_figures(SURE, np.array([0, 1, 2, 1]))
    assert figures == pytest.approx(
        {
            "accuracy": 0.75,
            "balanced_accuracy": (1 + 0.5 + 1) / 3,
            "log_loss": -(3 * np.log(0.8) + np.log(0.1)) / 4,
            "ece": 0.05,
        }
    )


def test_a_class_that_does_not_occur_leaves_balanced_accuracy_alone():
    figures = probability_figures(SURE, np.array([0, 1, 1, 0]))
    assert figures["balanced_accuracy"] == pytest.approx((1 + 0.5) / 2)


def test_the_interval_of_accuracy_is_that_of_the_normal_approximation():
    probabilities, labels = drawn(2000)
    accuracy = probability_figures(probabilities, labels)["accuracy"]
    low, high = bootstrap_intervals(probabilities, labels)["accuracy"]
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / 2000)
    assert (low, high) == pytest.approx((accuracy - half, accuracy + half), abs=0.004)


@pytest.mark.parametrize("seed", range(5))
def test_every_figure_lies_in_its_own_interval_that_of_calibration_too(seed):
    probabilities, labels = drawn(300, seed=seed)
    intervals = bootstrap_intervals(probabilities, labels)
    for name, value in probability_figures(probabilities, labels).items():
        low, high = intervals[name]
        assert 0 <= low <= value <= high, name


def test_where_all_is_right_there_is_no_spread_and_nothing_passes_1():
    labels = np.array([0, 1, 2, 0])
    intervals = bootstrap_intervals(SURE, labels)
    assert intervals["accuracy"] == (1, 1)
    assert intervals["ece"] == pytest.approx((0.2, 0.2))


def test_the_same_examples_give_the_same_intervals():
    probabilities, labels = drawn(50)
    first, second = (bootstrap_intervals(probabilities, labels, resamples=50) for _ in range(2))
    assert first == second

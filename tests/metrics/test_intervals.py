import numpy as np
import pytest
from scipy import stats

from emo_tf.metrics.intervals import bootstrap_interval, difference_interval, wilson_interval


@pytest.mark.parametrize(
    ("hits", "count", "expected"),
    [(8, 10, (0.490162, 0.943318)), (0, 10, (0.0, 0.277533)), (1, 1, (0.206549, 1.0))],
    ids=["some", "none", "all of one"],
)
def test_wilson_intervals_are_those_worked_out_by_hand(hits, count, expected):
    assert wilson_interval(hits, count) == pytest.approx(expected, abs=1e-6)
    independent = stats.binomtest(hits, count).proportion_ci(method="wilson")
    assert wilson_interval(hits, count) == pytest.approx((independent.low, independent.high))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
    ],
    ids=["a", "b", "h"],
)
def test_differences_of_shares_are_those_of_newcombes_table(first, second, expected):
    assert difference_interval(first, second) == pytest.approx(expected, abs=5e-5)


def test_a_bootstrap_without_bias_and_skew_gives_percentiles():
    resampled = np.linspace(0, 1, 1001)
    low, high = bootstrap_interval(0.5, resampled, np.array([0.4, 0.5, 0.6]))
    assert (low, high) == pytest.approx((0.025, 0.975), abs=1e-6)


def test_the_ends_move_with_bias_and_skew_as_an_independent_bootstrap_has_them():
    sample = np.random.default_rng(3).exponential(size=25)
    found = stats.bootstrap((sample,), np.mean, n_resamples=999, method="BCa", rng=1)
    left_out = np.array([np.delete(sample, place).mean() for place in range(25)])
    interval = bootstrap_interval(sample.mean(), found.bootstrap_distribution, left_out)
    assert interval == pytest.approx(tuple(found.confidence_interval))
    assert sum(interval) > 2 * sample.mean()  # Skewed to the right, as the sample is.


@pytest.mark.parametrize(
    "resampled",
    [[0.5, np.nan, np.nan, np.nan, 0.4], [1.0] * 5],
    ids=["mostly not defined", "always the same"],
)
def test_a_bootstrap_that_tells_nothing_has_no_interval(resampled):
    assert bootstrap_interval(0.5, np.array(resampled), np.array([0.4, 0.6])) is None

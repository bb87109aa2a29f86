"""How far binned average precision is from the exact one, and that it is never further."""

import itertools

import numpy as np
import pytest

from emo_tf.metrics.average_precision import average_precision, mean_average_precision
from emo_tf.metrics.binned_average_precision import BinnedMeanAveragePrecision


def measured(labels, scores, **arguments) -> BinnedMeanAveragePrecision:
    metric = BinnedMeanAveragePrecision(labels.shape[1], **arguments)
    metric.update_state(labels, scores)
    return metric


def assert_bounds_hold(metric: BinnedMeanAveragePrecision, labels, scores) -> None:
    low, high = metric.average_precision_bounds()
    known = labels.any(axis=0)
    for values in (average_precision(labels, scores), metric.average_precision()):
        assert (low[known] - 1e-6 <= values[known]).all()
        assert (values[known] <= high[known] + 1e-6).all()
        assert np.isnan(values[~known]).all()
    off = abs(float(metric.result()) - mean_average_precision(labels, scores))
    assert off <= metric.error() + 1e-6


@pytest.mark.parametrize("bins", [1, 2, 5, 40, 1000])
@pytest.mark.parametrize("levels", [2, 7, 60, 10**9], ids=lambda levels: f"{levels} levels")
def test_the_bounds_hold_whatever_the_ties(draw_people, bins, levels):
    for seed in range(5):
        labels, scores = draw_people(people=70, categories=12, levels=levels, seed=seed)
        metric = measured(labels, scores, bins=bins, low=-0.1, high=1.4)
        assert_bounds_hold(metric, labels, scores)


def test_the_bounds_are_the_best_and_the_worst_of_all_orders():
    # Above: a positive and a negative. In the bin: two of each, in any weak order.
    labels = np.array([1, 0, 1, 1, 0, 0])[:, None]
    of_orders = [
        average_precision(labels, np.array([9, 8, *ranks])[:, None])[0]
        for ranks in itertools.product(range(4), repeat=4)
    ]
    scores = np.array([0.9, 0.8, 0.05, 0.05, 0.05, 0.05])[:, None]
    (low,), (high,) = measured(labels, scores, bins=10, low=0, high=1).average_precision_bounds()
    assert (low, high) == pytest.approx((min(of_orders), max(of_orders)))
    assert low < high


def test_one_person_a_bin_leaves_no_error():
    labels, scores = np.array([[1], [0], [1]]), np.array([[0.95], [0.55], [0.15]])
    metric = measured(labels, scores, bins=10, low=0, high=1)
    expected = average_precision(labels, scores)
    for bound in metric.average_precision_bounds():
        assert bound == pytest.approx(expected)
    assert metric.error() == pytest.approx(0, abs=1e-6)


def test_finer_bins_leave_less_error(draw_people):
    labels, scores = draw_people(people=300, categories=12, levels=10**9)
    errors = [measured(labels, scores, bins=bins).error() for bins in (20, 200, 2000)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 10 * errors[2] > 0


def test_the_bounds_hold_on_the_reference_as_near_as_the_docstring_says(emotic_golden):
    labels, scores = emotic_golden["labels"], emotic_golden["scores"]
    metric = measured(labels, scores)
    assert_bounds_hold(metric, labels, scores)
    exact = emotic_golden["average_precision"]
    assert float(metric.result()) - exact.mean() == pytest.approx(-2.3e-4, abs=5e-6)
    assert abs(metric.average_precision() - exact).max() == pytest.approx(1.03e-3, abs=5e-6)
    assert metric.error() == pytest.approx(7.2e-4, abs=5e-6)


def test_the_bounds_hold_on_uniform_scores_as_near_as_the_docstring_says():
    rng = np.random.default_rng(0)
    labels, scores = rng.random((3315, 26)) < 0.15, rng.random((3315, 26))
    metric = measured(labels, scores)
    assert_bounds_hold(metric, labels, scores)
    off = float(metric.result()) - mean_average_precision(labels, scores)
    assert (off, metric.error()) == pytest.approx((-3.4e-4, 1.7e-3), rel=0.02)


def test_scores_outside_the_range_are_in_the_error():
    labels, scores = np.array([[1], [0], [1]]), np.array([[3.0], [2.0], [-1.0]])
    metric = measured(labels, scores)
    assert_bounds_hold(metric, labels, scores)
    assert metric.error() > 0.2

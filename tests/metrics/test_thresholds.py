from fractions import Fraction

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.metrics.thresholds import break_even_thresholds, predictions


def column(*values: float) -> np.ndarray:
    return np.array(values)[:, None]


def gaps_by_threshold(labels: np.ndarray, scores: np.ndarray) -> dict[float, Fraction]:
    """|precision - recall| at each score that finds somebody rightly, as exact fractions."""
    gaps = {}
    for threshold in sorted(set(scores.tolist())):
        above = scores >= threshold
        hits = int(labels[above].sum())
        if hits:
            precision = Fraction(hits, int(above.sum()))
            gaps[threshold] = abs(precision - Fraction(hits, int(labels.sum())))
    return gaps


@pytest.mark.parametrize(
    ("labels", "scores", "expected"),
    [
        pytest.param([1, 1, 0, 0], [0.9, 0.8, 0.7, 0.6], 0.8, id="perfect"),
        pytest.param([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.6], 0.8, id="one right of two"),
        pytest.param([0, 0, 1], [0.9, 0.8, 0.7], 0.7, id="worst: only where something is found"),
        # At 0.9 they are 1 and 1/2, at 0.5 2/3 and 1, at 0.1 1/2 and 1.
        pytest.param([1, 1, 0, 0], [0.9, 0.5, 0.5, 0.1], 0.5, id="nearest crossing"),
        # At 0.9 they are 1 and 1/2, at 0.5 1/2 and 1.
        pytest.param([1, 1, 0, 0], [0.9, 0.5, 0.5, 0.5], 0.5, id="the lower of two as near"),
        pytest.param([1, 0], [0.5, 0.5], 0.5, id="all equal"),
        pytest.param([0, 0], [0.9, 0.1], np.nan, id="no positive"),
    ],
)
def test_break_even_by_hand(labels, scores, expected):
    found = break_even_thresholds(column(*labels), column(*scores))
    np.testing.assert_array_equal(found, [expected])


def test_break_even_is_that_of_the_reference(emotic_golden):
    labels, scores = emotic_golden["labels"], emotic_golden["scores"]
    expected = emotic_golden["threshold_where_precision_equals_recall"]
    found = break_even_thresholds(labels, scores)
    exact = ~np.isnan(expected)
    np.testing.assert_allclose(found[exact], expected[exact], atol=1e-4)
    assert exact.any()
    assert np.isfinite(found).all()


@pytest.mark.parametrize("levels", [3, 8, 10**9], ids=["heavy ties", "ties", "no ties"])
def test_break_even_is_the_nearest_crossing_of_all(draw_people, levels):
    labels, scores = draw_people(people=50, categories=40, levels=levels)
    found = break_even_thresholds(labels, scores)
    assert np.isnan(found[-1])
    crossings = 0
    for c in range(39):
        gaps = gaps_by_threshold(labels[:, c], scores[:, c])
        least = min(gaps.values())
        assert found[c] == min(threshold for threshold, gap in gaps.items() if gap == least)
        crossings += least == 0
    assert (crossings == 39) == (levels == 10**9)


def test_the_person_on_the_threshold_is_not_said_to_show_the_category(draw_people):
    labels, scores = draw_people(people=200, categories=5, levels=10**9)
    predicted = predictions(scores, break_even_thresholds(labels, scores))
    positives = labels.sum(axis=0)
    assert predicted.sum(axis=0).tolist() == [*(positives[:-1] - 1), 0]


def test_predictions_are_strictly_above_and_never_above_nan():
    scores = np.array([[0.5, 0.5, 9.0], [0.6, 0.4, -9.0]], np.float32)
    predicted = predictions(scores, [0.5, 0.45, np.nan])
    assert predicted.dtype == bool
    assert predicted.tolist() == [[False, True, False], [True, False, False]]


def test_a_float32_score_is_not_above_itself():
    scores = np.array([[0.1], [0.2]], np.float32)
    thresholds = break_even_thresholds([[1], [1]], scores)
    assert predictions(scores, thresholds).tolist() == [[False], [True]]


@pytest.mark.parametrize(
    ("scores", "thresholds", "message"),
    [
        pytest.param([[0.1, 0.2]], [0.1], r"^thresholds: .*2 categories. .*\(1,\)", id="length"),
        pytest.param([[0.1]], 0.1, r"^thresholds: .*1 categories. .*\(\)", id="one number"),
        pytest.param([[0.1]], [np.inf], "^thresholds: .*finite numbers or NaN", id="infinite"),
        pytest.param([[0.1]], ["low"], "^thresholds: expected numbers", id="words"),
        pytest.param([[np.nan]], [0.1], "^scores: .*finite", id="score missing"),
    ],
)
def test_bad_thresholds_are_an_error(scores, thresholds, message):
    with pytest.raises(EmoError, match=message):
        predictions(scores, thresholds)


def test_thresholds_of_nobody_are_an_error():
    with pytest.raises(EmoError, match="labels: expected at least one person"):
        break_even_thresholds(np.zeros((0, 2)), np.zeros((0, 2)))

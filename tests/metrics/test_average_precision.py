import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from emo_tf.errors import EmoError
from emo_tf.metrics.average_precision import (
    average_precision,
    mean_average_precision,
    mean_over_categories,
    precision_recall_curves,
)


def column(*values: float) -> np.ndarray:
    return np.array(values)[:, None]


def by_loops(labels: np.ndarray, scores: np.ndarray, *, interpolated: bool) -> float:
    """Average precision of one category, from counting people at every threshold."""
    points = [
        (labels[scores >= threshold].mean(), labels[scores >= threshold].sum() / labels.sum())
        for threshold in sorted(set(scores), reverse=True)
    ]
    area, recall_before = 0.0, 0.0
    for precision, recall in points:
        if interpolated:
            precision = max(p for p, r in points if r >= recall)
        area += precision * (recall - recall_before)
        recall_before = recall
    return area


@pytest.mark.parametrize(
    ("labels", "scores", "plain", "interpolated"),
    [
        pytest.param([1, 1, 0, 0], [0.9, 0.8, 0.7, 0.6], 1, 1, id="perfect"),
        pytest.param([0, 0, 1, 1], [0.9, 0.8, 0.7, 0.6], (1 / 3 + 1 / 2) / 2, 1 / 2, id="worst"),
        pytest.param([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.6], (1 + 2 / 3) / 2, 5 / 6, id="in turn"),
        pytest.param([0, 1, 1], [0.9, 0.8, 0.7], (1 / 2 + 2 / 3) / 2, 2 / 3, id="precision rises"),
        pytest.param([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5], 1 / 2, 1 / 2, id="all equal"),
        pytest.param([1, 0, 1], [0.5, 0.5, -0.2], (1 / 2 + 2 / 3) / 2, 2 / 3, id="a tie"),
        pytest.param([1], [-3.0], 1, 1, id="one person"),
    ],
)
def test_average_precision_by_hand(labels, scores, plain, interpolated):
    labels, scores = column(*labels), column(*scores)
    assert average_precision(labels, scores) == pytest.approx([plain])
    assert average_precision(labels, scores, interpolated=True) == pytest.approx([interpolated])


@pytest.mark.parametrize("levels", [3, 20, 10**9], ids=["heavy ties", "ties", "no ties"])
@pytest.mark.parametrize("interpolated", [False, True], ids=["plain", "interpolated"])
def test_average_precision_is_that_of_plain_loops(draw_people, levels, interpolated):
    labels, scores = draw_people(people=60, categories=6, levels=levels)
    found = average_precision(labels, scores, interpolated=interpolated)
    expected = [by_loops(labels[:, c], scores[:, c], interpolated=interpolated) for c in range(5)]
    np.testing.assert_allclose(found, [*expected, np.nan], atol=1e-12)


def test_average_precision_is_that_of_scikit_learn(draw_people):
    labels, scores = draw_people(people=500, categories=9, levels=50)
    expected = average_precision_score(labels[:, :-1], scores[:, :-1], average=None)
    np.testing.assert_allclose(average_precision(labels, scores)[:-1], expected, atol=1e-12)


def test_average_precision_is_that_of_the_reference(emotic_golden):
    labels, scores = emotic_golden["labels"], emotic_golden["scores"]
    np.testing.assert_allclose(
        average_precision(labels, scores), emotic_golden["average_precision"], atol=1e-4
    )
    np.testing.assert_allclose(
        average_precision(labels, scores, interpolated=True),
        emotic_golden["average_precision_interpolated"],
        atol=1e-4,
    )


def test_interpolation_never_lowers(draw_people):
    labels, scores = (array[:, :-1] for array in draw_people(people=90, categories=20, levels=40))
    gain = average_precision(labels, scores, interpolated=True) - average_precision(labels, scores)
    assert (gain >= -1e-12).all()
    assert gain.max() > 0.001


def test_the_curve_counts_scores_of_at_least_the_threshold():
    (curve, none) = precision_recall_curves([[0, 0], [1, 0], [1, 0]], [[0.1, 0], [0.2, 0], [0, 0]])
    assert none is None
    assert curve.thresholds.tolist() == [0, 0.1, 0.2]
    assert curve.precision == pytest.approx([2 / 3, 1 / 2, 1, 1])
    assert curve.recall == pytest.approx([1, 1 / 2, 1 / 2, 0])


@pytest.mark.parametrize("interpolated", [False, True], ids=["plain", "interpolated"])
def test_the_mean_is_over_the_categories_that_have_a_positive(interpolated):
    labels, scores = [[1, 0, 0], [0, 0, 1]], [[0.9, 0.5, 0.8], [0.1, 0.5, 0.2]]
    assert mean_average_precision(labels, scores, interpolated=interpolated) == 0.75


def test_no_positive_at_all_is_not_a_number():
    labels, scores = np.zeros((3, 2)), np.ones((3, 2))
    assert np.isnan(average_precision(labels, scores)).all()
    assert np.isnan(mean_average_precision(labels, scores))
    assert np.isnan(mean_over_categories(np.full(2, np.nan)))


@pytest.mark.parametrize(
    "kind", [bool, np.uint8, np.int64, np.float32], ids=lambda kind: kind.__name__
)
def test_labels_may_be_of_any_type(draw_people, kind):
    labels, scores = draw_people(people=40, categories=3, levels=9)
    np.testing.assert_array_equal(
        average_precision(labels.astype(kind), scores), average_precision(labels, scores)
    )


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        pytest.param([1, 0], [[1.0], [0.0]], r"^labels: .*row for each person.*\(2,\)", id="flat"),
        pytest.param([[1], [0]], [1.0, 0.0], r"^scores: .*row for each person", id="flat scores"),
        pytest.param(np.ones((2, 0)), np.ones((2, 0)), r"^labels: .*\(2, 0\)", id="no categories"),
        pytest.param(np.ones((0, 3)), np.ones((0, 3)), "^labels: .*one person", id="nobody"),
        pytest.param([[1], [0]], [[1.0, 0.0]], r"^scores: .*\(2, 1\).*\(1, 2\)", id="shapes"),
        pytest.param([[1, 2]], [[1.0, 0.0]], "^labels: .*0 and 1 alone. Received: 2", id="a two"),
        pytest.param([[1, np.nan]], [[1.0, 0.0]], "^labels: .*finite.*nan", id="label missing"),
        pytest.param([[1, 0]], [[1.0, np.nan]], "^scores: .*nan in row 0, column 1", id="NaN"),
        pytest.param([[1], [0]], [[0.0], [np.inf]], "^scores: .*inf in row 1, column 0", id="inf"),
        pytest.param([["joy"]], [[1.0]], r"^labels: expected an array of numbers", id="words"),
        pytest.param([[1]], [[1.0], [1.0, 2.0]], "^scores: expected an array", id="ragged"),
    ],
)
def test_what_cannot_be_measured_is_an_error(labels, scores, message):
    with pytest.raises(EmoError, match=message):
        average_precision(labels, scores)

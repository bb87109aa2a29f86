import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from emo_tf.errors import EmoError
from emo_tf.metrics.label_sets import (
    f1_by_category,
    f1_of_all,
    jaccard_by_category,
    jaccard_of_people,
)

# Four people: both found; one of two; one too many; none, and none predicted.
LABELS = np.array([[1, 1, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]])
PREDICTED = np.array([[1, 1, 0], [0, 1, 0], [1, 1, 0], [0, 0, 0]])


@pytest.fixture(scope="module")
def drawn(draw_people):
    labels, scores = draw_people(people=300, categories=8, levels=100)
    return labels, scores > 0.9


def test_figures_by_hand():
    np.testing.assert_allclose(f1_by_category(LABELS, PREDICTED), [2 / 4, 1, np.nan])
    np.testing.assert_allclose(jaccard_by_category(LABELS, PREDICTED), [1 / 3, 1, np.nan])
    assert f1_of_all(LABELS, PREDICTED) == pytest.approx(2 * 4 / (5 + 5))
    assert jaccard_of_people(LABELS, PREDICTED) == pytest.approx((1 + 1 / 2 + 1 / 2 + 1) / 4)


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [
        pytest.param(LABELS, 1, id="perfect"),
        pytest.param(1 - LABELS, 0, id="worst"),
    ],
)
def test_the_ends_of_the_scale(predicted, expected):
    np.testing.assert_array_equal(f1_by_category(LABELS, predicted)[:2], expected)
    np.testing.assert_array_equal(jaccard_by_category(LABELS, predicted)[:2], expected)
    assert f1_of_all(LABELS, predicted) == expected
    assert jaccard_of_people(LABELS, predicted) == expected


def test_figures_are_those_of_scikit_learn(drawn):
    labels, predicted = drawn
    known = slice(None, -1)
    np.testing.assert_allclose(
        f1_by_category(labels, predicted)[known],
        sklearn_metrics.f1_score(labels[:, known], predicted[:, known], average=None),
    )
    np.testing.assert_allclose(
        jaccard_by_category(labels, predicted)[known],
        sklearn_metrics.jaccard_score(labels[:, known], predicted[:, known], average=None),
    )
    assert f1_of_all(labels, predicted) == pytest.approx(
        sklearn_metrics.f1_score(labels, predicted, average="micro")
    )
    assert not (labels | predicted).any(axis=1).all()
    assert jaccard_of_people(labels, predicted) == pytest.approx(
        sklearn_metrics.jaccard_score(labels, predicted, average="samples", zero_division=1.0)
    )


def test_an_f1_score_follows_from_its_jaccard_coefficient(drawn):
    jaccard = jaccard_by_category(*drawn)
    np.testing.assert_allclose(f1_by_category(*drawn), 2 * jaccard / (1 + jaccard))


def test_a_false_alarm_for_somebody_without_a_category_counts_nothing():
    assert jaccard_of_people([[1, 0], [0, 0]], [[1, 0], [0, 1]]) == 0.5


@pytest.mark.parametrize("predicted", [0, 1], ids=["nothing predicted", "all predicted"])
def test_without_a_positive_label_nothing_can_be_told(predicted):
    labels = np.zeros((4, 3))
    predicted = np.full((4, 3), predicted)
    assert np.isnan(f1_by_category(labels, predicted)).all()
    assert np.isnan(jaccard_by_category(labels, predicted)).all()
    assert np.isnan(f1_of_all(labels, predicted))
    assert np.isnan(jaccard_of_people(labels, predicted))


@pytest.mark.parametrize(
    "figure", [f1_by_category, f1_of_all, jaccard_by_category, jaccard_of_people]
)
def test_what_is_no_pair_of_sets_is_an_error(figure):
    with pytest.raises(EmoError, match=r"^predictions: .*\(4, 3\), as labels has.*\(3, 4\)"):
        figure(LABELS, PREDICTED.T)
    with pytest.raises(EmoError, match=r"^predictions: .*0 and 1 alone. Received: 0.5"):
        figure(LABELS, PREDICTED / 2)

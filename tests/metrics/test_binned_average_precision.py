import keras
import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from emo_tf.errors import EmoError
from emo_tf.metrics.binned_average_precision import BinnedMeanAveragePrecision

ARGUMENTS = {"categories": 3, "bins": 7, "low": -1.0, "high": 2.0, "name": "binned"}
# One bin each: 1 of 1, 1 of 2, 2 of 3; and all four in one bin; and no positive.
LABELS = np.array([[1, 1, 0], [0, 0, 0], [1, 1, 0], [0, 0, 0]])
SCORES = np.array([[0.9, 0.31, 1], [0.7, 0.32, 0], [0.5, 0.33, 0], [0.1, 0.34, 0]], np.float32)
AREAS = [(1 + 2 / 3) / 2, 1 / 2]


def tenths(**changes) -> BinnedMeanAveragePrecision:
    """A metric of three categories whose bins are tenths of 0 to 1."""
    return BinnedMeanAveragePrecision(3, **{"bins": 10, "low": 0, "high": 1} | changes)


def after(metric: BinnedMeanAveragePrecision, labels, scores, *, batch: int = 50, weights=None):
    """Returns the metric after it has seen the people batch by batch."""
    for start in range(0, len(labels), batch):
        part = slice(start, start + batch)
        metric.update_state(
            labels[part], scores[part], sample_weight=None if weights is None else weights[part]
        )
    return metric


def counts(metric: BinnedMeanAveragePrecision) -> np.ndarray:
    return np.stack([np.asarray(metric.positives), np.asarray(metric.negatives)])


def test_a_metric_comes_back_with_its_arguments():
    metric = BinnedMeanAveragePrecision(**ARGUMENTS)
    revived = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
    assert type(revived) is BinnedMeanAveragePrecision
    for name, value in ARGUMENTS.items():
        assert getattr(revived, name) == value
    assert revived.positives.shape == revived.negatives.shape == (3, 7)
    assert revived.dtype == "float32"


def test_the_defaults_are_for_emotic_and_hold_what_its_scores_may_be():
    metric = BinnedMeanAveragePrecision()
    assert (metric.categories, metric.name) == (26, "mean_average_precision")
    assert metric.low < -0.2 < 1.2 < metric.high


def test_average_precision_by_hand():
    metric = after(tenths(), LABELS, SCORES)
    np.testing.assert_allclose(metric.average_precision(), [*AREAS, np.nan], rtol=1e-6)
    assert float(metric.result()) == pytest.approx(np.mean(AREAS))


@pytest.mark.parametrize(
    ("labels", "scores", "expected"),
    [
        pytest.param([1, 1, 0, 0], [0.9, 0.8, 0.3, 0.2], 1, id="perfect"),
        pytest.param([0, 0, 1, 1], [0.9, 0.8, 0.3, 0.2], (1 / 3 + 1 / 2) / 2, id="worst"),
        pytest.param([1, 0, 1, 0], [7.0, 0.99, 0.01, -7.0], 1 / 2, id="outside: in the end bins"),
        pytest.param([1, 0], [1.0, 0.0], 1, id="the ends are inside"),
    ],
)
def test_mean_over_one_category_by_hand(labels, scores, expected):
    metric = BinnedMeanAveragePrecision(1, bins=10, low=0, high=1)
    metric.update_state(np.array(labels)[:, None], np.array(scores)[:, None])
    assert float(metric.result()) == pytest.approx(expected)


@pytest.mark.parametrize("bins", [3, 100], ids=["three bins", "a hundred"])
def test_average_precision_is_that_of_scores_cut_to_bins(draw_people, bins):
    labels, scores = draw_people(people=400, categories=6, levels=10**6)
    metric = after(BinnedMeanAveragePrecision(6, bins=bins, low=0.2, high=1.1), labels, scores)
    cut = np.digitize(scores, np.linspace(0.2, 1.1, bins + 1)[1:-1])
    expected = average_precision_score(labels[:, :-1], cut[:, :-1], average=None)
    np.testing.assert_allclose(metric.average_precision()[:-1], expected, atol=1e-6)
    assert float(metric.result()) == pytest.approx(expected.mean(), abs=1e-6)


def test_without_a_positive_the_result_is_nothing_and_the_average_precision_not_a_number():
    metric = tenths()
    assert (float(metric.result()), metric.error()) == (0, 0)
    metric.update_state(np.zeros((4, 3)), SCORES)
    assert (float(metric.result()), metric.error()) == (0, 0)
    assert np.isnan(metric.average_precision()).all()
    assert np.isnan(metric.average_precision_bounds()).all()


def test_people_of_weight_0_do_not_count_whatever_they_hold(draw_people):
    labels, scores = draw_people(people=90, categories=3, levels=1000)
    weights = np.arange(90) % 3 > 0
    expected = counts(after(tenths(), labels[weights], scores[weights]))
    scores[~weights], labels = np.nan, labels.astype(float)
    labels[~weights] = np.nan
    for shape in ((90,), (90, 1)):
        metric = after(tenths(), labels, scores, weights=weights.reshape(shape), batch=25)
        np.testing.assert_array_equal(counts(metric), expected)
    assert expected.sum() == 60 * 3


def test_a_person_of_weight_2_counts_as_two():
    weighted = after(tenths(), LABELS, SCORES, weights=np.array([1, 2, 1, 1]))
    twice = [0, 1, 1, 2, 3]
    np.testing.assert_array_equal(
        counts(weighted), counts(after(tenths(), LABELS[twice], SCORES[twice]))
    )


def test_the_sums_of_replicas_are_the_state_of_one(draw_people):
    labels, scores = draw_people(people=95, categories=3, levels=1000)
    whole = after(tenths(), labels, scores)
    replicas = [after(tenths(), labels[k::2], scores[k::2]) for k in range(2)]
    merged = tenths()
    for variable, *parts in zip(*(metric.variables for metric in (merged, *replicas)), strict=True):
        variable.assign(sum(np.asarray(part) for part in parts))
    np.testing.assert_array_equal(counts(merged), counts(whole))
    assert float(merged.result()) == float(whole.result()) > 0
    assert {variable.aggregation for variable in whole.variables} == {"sum"}


def test_batches_of_any_size_come_to_the_same(draw_people):
    labels, scores = draw_people(people=95, categories=3, levels=1000)
    expected = counts(after(tenths(), labels, scores, batch=95))
    np.testing.assert_array_equal(counts(after(tenths(), labels, scores, batch=7)), expected)


def test_a_reset_forgets_everybody():
    metric = after(tenths(), LABELS, SCORES)
    metric.reset_state()
    assert not counts(metric).any()
    assert float(metric.result()) == 0
    after(metric, LABELS, SCORES)
    assert float(metric.result()) == pytest.approx(np.mean(AREAS))


@pytest.mark.parametrize("score", [np.nan, np.inf, -np.inf], ids=["nan", "inf", "-inf"])
@pytest.mark.parametrize("label", [0, 1], ids=["negative", "positive"])
def test_a_score_that_is_not_finite_shows_until_the_reset(score, label):
    metric = after(tenths(), LABELS, SCORES)
    metric.update_state(np.array([[label, 0, 0]]), np.array([[score, 0.5, 0.5]]))
    one = BinnedMeanAveragePrecision(1)
    one.update_state(np.array([[1]]), np.array([[score]]))
    assert np.isnan([float(one.result()), one.error()]).all()
    assert np.isnan(float(metric.result()))
    assert np.isnan(metric.error())
    metric.reset_state()
    assert float(after(metric, LABELS, SCORES).result()) == pytest.approx(np.mean(AREAS))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"categories": 0}, "^categories: .*1 or more. Received: 0", id="none"),
        pytest.param({"bins": 0}, "^bins: .*1 or more. Received: 0", id="no bins"),
        pytest.param({"bins": 2.5}, "^bins: .*Received: 2.5", id="half a bin"),
        pytest.param({"low": 2.0}, "^low, high: .*low=2.0, high=2.0", id="empty range"),
        pytest.param({"high": np.inf}, "^low, high: .*high=inf", id="endless range"),
        pytest.param({"low": np.nan}, "^low, high: .*low=nan", id="no number"),
    ],
)
def test_bad_arguments_are_an_error(changes, message):
    with pytest.raises(EmoError, match=message):
        BinnedMeanAveragePrecision(**ARGUMENTS | changes)


@pytest.mark.parametrize(
    ("labels", "scores", "weights", "message"),
    [
        pytest.param((4, 2), (4, 3), None, r"^y_true: .*\(B, 3\).*\(4, 2\)", id="labels"),
        pytest.param((4, 3), (4, 2), None, r"^y_pred: .*\(B, 3\).*\(4, 2\)", id="scores"),
        pytest.param((4, 3), (4, 3), (4, 3), r"^sample_weight: .*\(4, 3\)", id="a weight each"),
    ],
)
def test_batches_of_another_shape_are_an_error(labels, scores, weights, message):
    weights = None if weights is None else np.ones(weights)
    with pytest.raises(EmoError, match=message):
        tenths().update_state(np.ones(labels), np.ones(scores), sample_weight=weights)

import math

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from emo_tf.metrics.classification import (
    classification_report,
    confusion_matrix,
    expected_calibration_error,
    negative_log_likelihood,
    recalls,
)

NAMES = ("angry", "happy", "neutral")
# Three examples of the first class, one of the second; two right, and a right one in doubt.
PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.4, 0.3, 0.3], [0.1, 0.1, 0.8]])
LABELS = np.array([0, 0, 0, 1])


@pytest.fixture(scope="module")
def drawn():
    """A thousand drawn answers of seven classes, better than chance."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 7, 1000)
    scores = rng.exponential(size=(1000, 7)) + np.eye(7)[labels]
    return scores / scores.sum(axis=1, keepdims=True), labels


def top(confidence: float) -> list[float]:
    """Returns two probabilities of which the first is the top one."""
    return [confidence, 1 - confidence]


def test_confusion_counts_true_classes_in_rows():
    predictions = PROBABILITIES.argmax(axis=1)
    assert confusion_matrix(LABELS, predictions, classes=3).tolist() == [
        [2, 1, 0],
        [0, 0, 1],
        [0, 0, 0],
    ]


def test_confusion_is_that_of_scikit_learn(drawn):
    probabilities, labels = drawn
    predictions = probabilities.argmax(axis=1)
    np.testing.assert_array_equal(
        confusion_matrix(labels, predictions, classes=7),
        sklearn_metrics.confusion_matrix(labels, predictions),
    )


def test_recall_of_a_class_without_examples_is_not_a_number():
    np.testing.assert_allclose(
        recalls(np.array([[2, 1, 0], [0, 0, 1], [0, 0, 0]])), [2 / 3, 0, np.nan]
    )


def test_log_loss_by_hand():
    expected = -(math.log(0.7) + math.log(0.3) + math.log(0.4) + math.log(0.1)) / 4
    assert negative_log_likelihood(PROBABILITIES, LABELS) == pytest.approx(expected)


def test_log_loss_is_that_of_scikit_learn(drawn):
    probabilities, labels = drawn
    assert negative_log_likelihood(probabilities, labels) == pytest.approx(
        sklearn_metrics.log_loss(labels, probabilities)
    )


def test_log_loss_of_a_certain_answer_is_nothing_if_right_and_finite_if_wrong():
    certain = np.array([[1.0, 0.0]])
    assert negative_log_likelihood(certain, np.array([0])) == 0
    assert 20 < negative_log_likelihood(certain, np.array([1])) < math.inf


@pytest.mark.parametrize(
    ("confidences", "hits", "expected"),
    [
        pytest.param([1.0, 1.0], [True, True], 0.0, id="perfect"),
        pytest.param([1.0, 1.0], [False, False], 1.0, id="worst"),
        pytest.param([0.75, 0.75, 0.75, 0.75], [True, True, True, False], 0.0, id="as it says"),
        pytest.param([0.9, 0.9, 0.9, 0.9], [True, True, True, False], 0.15, id="one bin"),
        # 0.61 and 0.65 share a bin, where they even out to 0.37 in two; 0.95 is off by 0.95.
        pytest.param(
            [0.61, 0.65, 0.95],
            [True, False, False],
            (abs(0.39 - 0.65) + 0.95) / 3,
            id="two bins",
        ),
        # Both sides of an inner edge, 10/15: neighbours that do not even out.
        pytest.param(
            [0.66, 0.67],
            [True, False],
            (0.34 + 0.67) / 2,
            id="either side of an edge",
        ),
    ],
)
def test_calibration_error_by_hand(confidences, hits, expected):
    probabilities = np.array([top(confidence) for confidence in confidences])
    labels = np.where(hits, 0, 1)
    assert expected_calibration_error(probabilities, labels) == pytest.approx(expected)


@pytest.mark.parametrize("edge", range(8, 16))
def test_a_probability_on_an_edge_counts_to_the_bin_below(edge):
    # The one on the edge is wrong, the other right: they even out if they share a bin.
    on, below, above = edge / 15, (edge - 0.5) / 15, min((edge + 0.5) / 15, 1.0)
    together = expected_calibration_error(np.array([top(on), top(below)]), np.array([1, 0]))
    assert together == pytest.approx(abs(1 - below - on) / 2)
    if edge < 15:
        apart = expected_calibration_error(np.array([top(on), top(above)]), np.array([1, 0]))
        assert apart == pytest.approx((on + 1 - above) / 2)


@pytest.mark.parametrize("bins", [5, 15])
def test_calibration_error_is_that_of_a_plain_loop(drawn, bins):
    probabilities, labels = drawn
    confidence, predictions = probabilities.max(axis=1), probabilities.argmax(axis=1)
    expected = 0.0
    for lower in range(bins):
        inside = (confidence > lower / bins) & (confidence <= (lower + 1) / bins)
        if inside.any():
            gap = (predictions[inside] == labels[inside]).mean() - confidence[inside].mean()
            expected += inside.mean() * abs(gap)
    found = expected_calibration_error(probabilities, labels, bins=bins)
    assert found == pytest.approx(expected)
    assert found > 0.01


def test_a_report_holds_every_figure():
    report = classification_report(PROBABILITIES, LABELS, names=NAMES)
    assert report == {
        "examples": 4,
        "accuracy": 0.5,
        "mean_recall": 0.33333,  # of the two classes that have examples
        "expected_calibration_error": 0.575,  # 0.3, 0.6, 0.6 and 0.8, each in a bin of its own
        "negative_log_likelihood": 1.19488,
        "recall": {"angry": 0.66667, "happy": 0.0, "neutral": None},
        "confusion": [[2, 1, 0], [0, 0, 1], [0, 0, 0]],
    }


def test_a_report_of_certain_right_answers_is_perfect():
    report = classification_report(np.eye(3), np.arange(3), names=NAMES)
    assert (report["accuracy"], report["mean_recall"]) == (1, 1)
    assert report["expected_calibration_error"] == report["negative_log_likelihood"] == 0
    assert report["confusion"] == np.eye(3).tolist()


def test_mean_recall_weighs_classes_alike(drawn):
    probabilities, labels = drawn
    few = (labels != 0) | (np.arange(len(labels)) < 100)  # a tenth of the first class
    report = classification_report(probabilities[few], labels[few], names=tuple("abcdefg"))
    predictions = probabilities[few].argmax(axis=1)
    expected = sklearn_metrics.balanced_accuracy_score(labels[few], predictions)
    assert report["mean_recall"] == pytest.approx(expected, abs=1e-5)
    assert report["accuracy"] == pytest.approx((predictions == labels[few]).mean(), abs=1e-5)

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf.errors import EmoError
from emo_tf.losses import WeightedSquaredError, batch_counts

LABELS = np.array([[1, 0, 1], [1, 0, 0], [0, 1, 1]], np.float32)
SCORES = np.array([[0.5, 0.5, 2.0], [1.5, 3.0, 0.0], [0.5, 0.5, 0.5]], np.float32)


@pytest.fixture(scope="module")
def drawn():
    """Labels and scores of 52 people, some categories rare."""
    rng = np.random.default_rng(0)
    labels = rng.uniform(size=(52, 26)) < np.linspace(0.02, 0.4, 26)
    return labels, rng.normal(0.2, 0.3, (52, 26))


@pytest.mark.parametrize("weighting", ["dynamic", "static", "mean"])
def test_the_sum_is_the_published_one(goldens, weighting):
    loss = WeightedSquaredError(weighting, reduction="sum")
    assert float(loss(goldens["target"], goldens["pred"])) == pytest.approx(
        float(goldens[weighting]), rel=1e-5
    )


@pytest.mark.parametrize("weighting", ["dynamic", "static", "mean"])
def test_the_mean_is_the_published_sum_over_people_and_categories(goldens, weighting):
    loss = WeightedSquaredError(weighting, reduction="mean")
    assert float(loss(goldens["target"], goldens["pred"])) == pytest.approx(
        float(goldens[weighting]) / 52 / 26, rel=1e-5
    )


def test_two_people_by_hand():
    loss = WeightedSquaredError("dynamic", reduction="sum")
    once, twice, never = 1 / math.log(2.2), 1 / math.log(3.2), 1e-4
    values = loss.call(LABELS[:2], SCORES[:2])
    expected = [0.25 * twice + 0.25 * never + once, 0.25 * twice + 9 * never]
    np.testing.assert_allclose(values, expected, rtol=1e-6)
    assert float(loss(LABELS[:2], SCORES[:2])) == pytest.approx(sum(expected))


def test_the_gradient_by_hand(gradient):
    loss = WeightedSquaredError("mean", reduction="sum")
    np.testing.assert_allclose(gradient(loss, LABELS, SCORES), 2 * (SCORES - LABELS) / 3, rtol=1e-6)


def test_a_batch_without_any_label_weighs_next_to_nothing(gradient):
    loss = WeightedSquaredError("dynamic", reduction="sum")
    nothing = np.zeros((2, 26), np.float32)
    scores = np.full((2, 26), 0.5, np.float32)
    assert float(loss(nothing, scores)) == pytest.approx(52 * 0.25 * 1e-4, rel=1e-5)
    np.testing.assert_allclose(gradient(loss, nothing, scores), 1e-4, rtol=1e-5)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_halves_with_the_counts_of_the_whole_batch_add_up_to_its_loss(drawn, reduction):
    labels, scores = drawn
    loss = WeightedSquaredError("dynamic", reduction=reduction)
    halves = [slice(0, 20), slice(20, 52)]
    counts = sum(batch_counts(labels[half]) for half in halves)
    people = 52 if reduction == "mean" else 1
    total = sum(
        float(keras.ops.sum(loss.call(labels[half], scores[half], counts=counts)))
        for half in halves
    )
    whole = float(loss(labels, scores))
    assert total / people == pytest.approx(whole, rel=1e-5)
    apart = sum(float(keras.ops.sum(loss.call(labels[half], scores[half]))) for half in halves)
    assert apart / people != pytest.approx(whole, rel=1e-2)


@pytest.mark.parametrize("weighting", ["static", "mean"])
def test_counts_change_nothing_where_the_weights_are_fixed(drawn, weighting):
    loss = WeightedSquaredError(weighting, reduction="sum")
    np.testing.assert_array_equal(loss.call(*drawn, counts=np.zeros(26)), loss.call(*drawn))


@pytest.mark.parametrize("weights", [[1, 1, 0], [[1], [1], [0]]], ids=["one a person", "a column"])
def test_the_labels_of_padding_do_not_count(weights):
    loss = WeightedSquaredError("dynamic", reduction="sum")
    padded = loss(LABELS, SCORES, sample_weight=np.array(weights))
    assert float(padded) == pytest.approx(float(loss(LABELS[:2], SCORES[:2])))
    counted = float(keras.ops.sum(loss.call(LABELS, SCORES)[:2]))
    assert float(padded) != pytest.approx(counted, rel=1e-2)


def test_padding_does_not_count_in_keras_own_evaluation_either():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Activation("linear")])
    loss = WeightedSquaredError("dynamic", reduction="sum")
    model.compile(loss=loss)
    weights = np.array([1.0, 1.0, 0.0])
    found = model.evaluate(SCORES, LABELS, sample_weight=weights, batch_size=3, verbose=0)
    # Keras reports the loss a person; it multiplies by the batch and divides by it again.
    assert found == pytest.approx(float(loss(LABELS[:2], SCORES[:2])))


def test_counts_handed_in_are_taken_as_they_are_in_a_graph_too():
    loss = WeightedSquaredError("dynamic", reduction="sum")
    compiled = tf.function(lambda counts: loss.call(LABELS, SCORES, counts=counts))
    counts = np.array([0, 40, 7])
    weights = np.array([1e-4, 1 / math.log(41.2), 1 / math.log(8.2)])
    np.testing.assert_allclose(
        compiled(tf.constant(counts)), ((SCORES - LABELS) ** 2) @ weights, rtol=1e-5
    )


def test_an_unknown_weighting_is_an_error():
    with pytest.raises(EmoError, match="Unknown weighting: did you mean static"):
        WeightedSquaredError("statik", reduction="sum")


def test_static_weights_want_the_26_categories():
    loss = WeightedSquaredError("static", reduction="sum")
    with pytest.raises(EmoError, match=r"categories: expected 26.*Received: 3"):
        loss(LABELS, SCORES)


def test_counts_of_other_categories_are_an_error():
    loss = WeightedSquaredError("dynamic", reduction="sum")
    with pytest.raises(EmoError, match=r"counts: expected shape \(3,\).*Received: \(4,\)"):
        loss.call(LABELS, SCORES, counts=np.ones(4))

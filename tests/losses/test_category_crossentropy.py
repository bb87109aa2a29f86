import math

import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.losses import CategoryCrossentropy

SETTINGS = [
    pytest.param({}, id="plain"),
    pytest.param({"gamma_positive": 2, "gamma_negative": 2}, id="focal"),
    pytest.param({"gamma_positive": 2, "gamma_negative": 2, "alpha": 0.25}, id="balanced focal"),
    pytest.param({"gamma_positive": 1, "gamma_negative": 4, "margin": 0.05}, id="asymmetric"),
    pytest.param({"margin": 0.2}, id="margin alone"),
    pytest.param({"gamma_positive": 0.5, "gamma_negative": 0.3, "margin": 0.3}, id="small gammas"),
    pytest.param({"gamma_negative": 0.5}, id="square root"),
]


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def by_the_formula(
    labels, logits, *, gamma_positive=0.0, gamma_negative=0.0, margin=0.0, alpha=None
):
    """Computes the elements of the loss in float64, straight from the equations."""
    p = sigmoid(logits)
    shifted = np.maximum(p - margin, 0)
    positive = -((1 - p) ** gamma_positive) * np.log(p)
    negative = -(shifted**gamma_negative) * np.log(1 - shifted)
    if alpha is not None:
        positive, negative = alpha * positive, (1 - alpha) * negative
    return np.where(labels, positive, negative)


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=2, size=(8, 26))
    return rng.integers(0, 2, logits.shape), logits


@pytest.mark.parametrize(
    ("arguments", "label", "p", "expected"),
    [
        pytest.param({}, 1, 0.25, math.log(4), id="plain positive"),
        pytest.param({}, 0, 0.75, math.log(4), id="plain negative"),
        pytest.param({"gamma_positive": 2}, 1, 0.5, 0.25 * math.log(2), id="positive"),
        pytest.param({"gamma_positive": 2}, 0, 0.5, math.log(2), id="the other gamma's"),
        pytest.param({"gamma_negative": 3}, 0, 0.5, math.log(2) / 8, id="negative"),
        pytest.param({"alpha": 0.25}, 1, 0.5, 0.25 * math.log(2), id="alpha"),
        pytest.param({"alpha": 0.25}, 0, 0.5, 0.75 * math.log(2), id="one less alpha"),
        pytest.param({"margin": 0.1}, 0, 0.6, math.log(2), id="margin"),
        pytest.param({"margin": 0.1}, 1, 0.5, math.log(2), id="no margin on positives"),
        pytest.param({"margin": 0.1}, 0, 0.05, 0, id="below the margin"),
        pytest.param(
            {"margin": 0.1, "gamma_negative": 2}, 0, 0.6, math.log(2) / 4, id="both on a negative"
        ),
    ],
)
def test_one_output_by_hand(arguments, label, p, expected):
    loss = CategoryCrossentropy(**arguments, reduction="sum")
    assert float(loss([[label]], [[p]])) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("arguments", SETTINGS)
def test_values_are_those_of_the_formula(drawn, arguments):
    labels, logits = drawn
    loss = CategoryCrossentropy(**arguments, from_logits=True, reduction="sum")
    expected = by_the_formula(labels, logits, **arguments).sum(axis=1)
    np.testing.assert_allclose(loss.call(labels, logits), expected, rtol=1e-5)


@pytest.mark.parametrize("arguments", SETTINGS)
def test_gradients_are_those_of_the_whole_formula(gradient, drawn, arguments):
    labels, logits = drawn
    loss = CategoryCrossentropy(**arguments, from_logits=True, reduction="sum")
    step = 1e-6
    expected = (
        by_the_formula(labels, logits + step, **arguments)
        - by_the_formula(labels, logits - step, **arguments)
    ) / (2 * step)
    np.testing.assert_allclose(gradient(loss, labels, logits), expected, rtol=1e-3, atol=1e-6)


def test_negatives_below_the_margin_have_no_gradient(gradient):
    loss = CategoryCrossentropy(gamma_negative=4, margin=0.3, from_logits=True, reduction="sum")
    logits = np.array([[-3.0, -1.0, -0.5, 2.0]])
    found = gradient(loss, np.zeros((1, 4)), logits)
    assert (sigmoid(logits) < 0.3).tolist() == [[True, True, False, False]]
    assert (found == 0).tolist() == [[True, True, False, False]]


@pytest.mark.parametrize("arguments", SETTINGS)
def test_probabilities_give_the_loss_of_their_logits(gradient, drawn, arguments):
    labels, logits = drawn
    of_logits = CategoryCrossentropy(**arguments, from_logits=True, reduction="mean")
    of_probabilities = CategoryCrossentropy(**arguments, reduction="mean")
    p = sigmoid(logits)
    assert float(of_probabilities(labels, p)) == pytest.approx(
        float(of_logits(labels, logits)), rel=1e-5
    )
    chained = gradient(of_probabilities, labels, p) * p * (1 - p)
    np.testing.assert_allclose(chained, gradient(of_logits, labels, logits), rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("from_logits", [True, False])
def test_the_plain_one_is_keras_binary_crossentropy(drawn, from_logits):
    labels, logits = drawn
    outputs = logits if from_logits else sigmoid(logits)
    expected = keras.losses.BinaryCrossentropy(from_logits=from_logits)(labels, outputs)
    found = CategoryCrossentropy(from_logits=from_logits, reduction="mean")(labels, outputs)
    assert float(found) == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("alpha", [None, 0.25])
@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_the_focal_one_is_keras_own(drawn, alpha, gamma):
    labels, logits = drawn
    expected = keras.losses.BinaryFocalCrossentropy(
        apply_class_balancing=alpha is not None, alpha=alpha or 0.5, gamma=gamma
    )(labels, sigmoid(logits))
    found = CategoryCrossentropy(
        gamma_positive=gamma, gamma_negative=gamma, alpha=alpha, reduction="mean"
    )(labels, sigmoid(logits))
    assert float(found) == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("arguments", SETTINGS)
@pytest.mark.parametrize("label", [0, 1])
def test_logits_of_a_hundred_give_a_finite_loss_and_gradient(gradient, arguments, label):
    loss = CategoryCrossentropy(**arguments, from_logits=True, reduction="sum")
    logits = np.array([[-100.0, -30.0, 0.0, 30.0, 100.0]])
    labels = np.full(logits.shape, label)
    assert np.isfinite(float(loss(labels, logits)))
    assert np.isfinite(gradient(loss, labels, logits)).all()


def test_a_sure_and_wrong_logit_costs_itself_and_keeps_its_gradient(gradient):
    loss = CategoryCrossentropy(from_logits=True, reduction="sum")
    labels, logits = np.array([[1, 0]]), np.array([[-100.0, 100.0]])
    assert float(loss(labels, logits)) == pytest.approx(200)
    np.testing.assert_allclose(gradient(loss, labels, logits), [[-1, 1]])


@pytest.mark.parametrize("arguments", SETTINGS)
@pytest.mark.parametrize("label", [0, 1])
def test_probabilities_of_zero_and_one_give_a_finite_loss_and_gradient(gradient, arguments, label):
    loss = CategoryCrossentropy(**arguments, reduction="sum")
    p = np.array([[0.0, 1e-7, 1e-6, 0.05, 0.2, 0.3, 1 - 1e-6, 1.0]], np.float32)
    labels = np.full(p.shape, label)
    assert 0 < float(loss(labels, p)) < np.inf
    assert np.isfinite(gradient(loss, labels, p)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"gamma_positive": -1},
            r"gamma_positive: expected a number from 0 up. Received: -1",
            id="negative gamma of the positives",
        ),
        pytest.param(
            {"gamma_negative": -0.5},
            r"gamma_negative: expected a number from 0 up. Received: -0.5",
            id="negative gamma of the negatives",
        ),
        pytest.param(
            {"gamma_negative": "4"},
            r"gamma_negative: expected a number from 0 up. Received: '4'",
            id="text",
        ),
        pytest.param(
            {"margin": -0.1},
            r"margin: expected a number from 0 to below 1. Received: -0.1",
            id="negative margin",
        ),
        pytest.param(
            {"margin": 1},
            r"margin: expected a number from 0 to below 1. Received: 1",
            id="margin of one",
        ),
        pytest.param(
            {"alpha": 1.5},
            r"alpha: expected None or a number from 0 to 1. Received: 1.5",
            id="alpha above one",
        ),
    ],
)
def test_an_argument_out_of_its_range_is_an_error(arguments, message):
    with pytest.raises(EmoError, match=message):
        CategoryCrossentropy(**arguments, reduction="sum")

import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.losses import VadSmoothL1, VadSquaredError

# Errors of 0, .5, 1 and 3, of either sign.
LABELS = np.array([[5.0, 5.0], [5.0, 5.0]])
VAD = np.array([[5.0, 4.5], [6.0, 2.0]])


@pytest.mark.parametrize(
    ("loss", "golden"),
    [
        pytest.param(VadSquaredError(reduction="sum"), "l2_margin1", id="squared error"),
        pytest.param(VadSmoothL1(reduction="sum"), "smooth_l1", id="smooth L1"),
    ],
)
def test_the_sum_is_the_published_one(goldens, loss, golden):
    total = float(loss(goldens["vad_target"], goldens["vad_pred"]))
    assert total == pytest.approx(float(goldens[golden]), rel=1e-5)


@pytest.mark.parametrize(
    ("margin", "expected"),
    [
        pytest.param(0, [0.25, 10], id="no margin"),
        pytest.param(0.5, [0.25, 10], id="an error of the margin counts whole"),
        pytest.param(1, [0, 10], id="published"),
        pytest.param(1.5, [0, 9], id="only what is beyond"),
        pytest.param(4, [0, 0], id="beyond all"),
    ],
)
def test_squared_error_by_hand(margin, expected):
    values = VadSquaredError(margin, reduction="sum").call(LABELS, VAD)
    np.testing.assert_allclose(values, expected)


@pytest.mark.parametrize(
    ("beta", "expected"),
    [
        pytest.param(0.5, [0.25, 0.75 + 2.75], id="line from a half on"),
        pytest.param(1, [0.125, 0.5 + 2.5], id="published"),
        pytest.param(2, [0.0625, 0.25 + 2], id="line from two on"),
        pytest.param(4, [0.03125, 0.125 + 1.125], id="square throughout"),
    ],
)
def test_smooth_l1_by_hand(beta, expected):
    values = VadSmoothL1(beta, reduction="sum").call(LABELS, VAD)
    np.testing.assert_allclose(values, expected)


@pytest.mark.parametrize("beta", [0.3, 1.0, 2.5])
def test_smooth_l1_is_keras_huber_loss_over_beta(beta):
    rng = np.random.default_rng(0)
    labels, vad = rng.uniform(1, 10, (2, 20, 3))
    huber = keras.losses.Huber(delta=beta)(labels, vad)
    found = VadSmoothL1(beta, reduction="mean")(labels, vad)
    assert float(found) == pytest.approx(float(huber) / beta, rel=1e-5)


@pytest.mark.parametrize("beta", [0.3, 1.0, 2.5])
def test_smooth_l1_meets_in_value_and_slope_at_beta(gradient, beta):
    loss = VadSmoothL1(beta, reduction="sum")
    around = np.array([[beta - 1e-3], [beta + 1e-3]])
    below, above = np.array(loss.call(np.zeros((2, 1)), around))
    assert above - below == pytest.approx(2e-3, rel=1e-2)
    np.testing.assert_allclose(gradient(loss, np.zeros((2, 1)), around), 1, rtol=1e-2)


def test_the_gradient_of_the_squared_error_is_nothing_within_the_margin(gradient):
    loss = VadSquaredError(reduction="sum")
    np.testing.assert_allclose(gradient(loss, LABELS, VAD), [[0, 0], [2, -6]])


def test_the_gradient_of_smooth_l1_is_cut_off_at_one(gradient):
    loss = VadSmoothL1(reduction="sum")
    np.testing.assert_allclose(gradient(loss, LABELS, VAD), [[0, -0.5], [1, -1]])


@pytest.mark.parametrize("margin", [-0.1, float("nan"), float("inf"), "1", None])
def test_a_margin_that_is_no_number_from_zero_up_is_an_error(margin):
    with pytest.raises(EmoError, match=r"margin: expected a number from 0 up. Received: "):
        VadSquaredError(margin, reduction="sum")


@pytest.mark.parametrize("beta", [0, -1, float("nan"), float("inf"), "1"])
def test_a_beta_that_is_no_number_above_zero_is_an_error(beta):
    with pytest.raises(EmoError, match=r"beta: expected a number above 0. Received: "):
        VadSmoothL1(beta, reduction="sum")

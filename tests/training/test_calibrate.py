import numpy as np
import pytest

from emo_tf.metrics.classification import expected_calibration_error, negative_log_likelihood
from emo_tf.training.calibrate import fit_temperature, softmax

CLASSES = 7


def draw(temperature: float, *, count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Draws logits, and labels that follow their softmax at `temperature`."""
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=2.0 * temperature, size=(count, CLASSES))
    cumulative = softmax(logits / temperature).cumsum(axis=1)
    labels = (rng.uniform(size=(count, 1)) > cumulative).sum(axis=1)
    return logits.astype(np.float32), np.minimum(labels, CLASSES - 1)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_a_known_temperature_is_found(temperature):
    assert fit_temperature(*draw(temperature)) == pytest.approx(temperature, rel=0.03)


def test_the_temperature_found_has_the_least_log_loss():
    logits, labels = draw(2.0, count=500)
    best = fit_temperature(logits, labels)
    losses = [
        negative_log_likelihood(softmax(logits / (best * factor)), labels)
        for factor in (0.95, 1.0, 1.05)
    ]
    assert losses[1] == min(losses)


def test_calibration_evens_out_too_certain_answers():
    logits, labels = draw(3.0, count=5000)
    temperature = fit_temperature(logits, labels)
    before = expected_calibration_error(softmax(logits), labels)
    after = expected_calibration_error(softmax(logits / temperature), labels)
    assert after < 0.03 < before


def test_softmax_by_hand_and_of_huge_logits():
    np.testing.assert_allclose(softmax(np.log([[1.0, 2.0, 5.0]])), [[0.125, 0.25, 0.625]])
    np.testing.assert_allclose(softmax(np.array([1000.0, 1000.0, -1000.0])), [0.5, 0.5, 0.0])
    assert softmax(np.zeros((2, 3, 4))).shape == (2, 3, 4)

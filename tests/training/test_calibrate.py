import numpy as np
import pytest

from emo_tf.metrics.classification import expected_calibration_error
from emo_tf.softmax import softmax
from emo_tf.training.calibrate import fit_temperature

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


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_answers_are_as_certain_as_they_are_right(noise):
    logits, labels = draw(2.0, count=2000)
    rng = np.random.default_rng(1)
    labels = np.where(rng.uniform(size=2000) < noise, rng.integers(0, CLASSES, 2000), labels)
    probabilities = softmax(logits / fit_temperature(logits, labels))
    accuracy = (logits.argmax(axis=1) == labels).mean()
    assert probabilities.max(axis=1).mean() == pytest.approx(accuracy, abs=1e-6)


@pytest.mark.parametrize(("right", "temperature"), [(True, 0.05), (False, 20.0)])
def test_where_all_answers_are_right_or_wrong_the_temperature_stays_within_bounds(
    right, temperature
):
    logits, _ = draw(1.0, count=100)
    labels = logits.argmax(axis=1) if right else logits.argmin(axis=1)
    assert fit_temperature(logits, labels) == temperature


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

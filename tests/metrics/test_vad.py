import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.metrics.vad import concordance_correlation_coefficient, mean_absolute_error


def column(*values: float) -> np.ndarray:
    return np.array(values)[:, None]


def test_mean_absolute_error_by_hand():
    labels, vad = [[1.0, 5.0, 10.0], [3.0, 5.0, 1.0]], [[2.0, 5.0, 1.0], [3.5, 5.0, 10.0]]
    assert mean_absolute_error(labels, vad).tolist() == [0.75, 0, 9]


@pytest.mark.parametrize(
    ("labels", "vad", "expected"),
    [
        pytest.param([1, 5, 9], [1, 5, 9], 1, id="perfect"),
        pytest.param([1, 5, 9], [9, 5, 1], -1, id="worst"),
        # Covariance and variances 2/3, means one apart: (4/3) / (4/3 + 1).
        pytest.param([1, 2, 3], [2, 3, 4], 4 / 7, id="shifted"),
        # Covariance 4/3, variances 2/3 and 8/3, means 2 apart: (8/3) / (10/3 + 4).
        pytest.param([1, 2, 3], [2, 4, 6], 4 / 11, id="doubled"),
        pytest.param([1, 5, 9], [5, 5, 5], 0, id="constant prediction"),
        pytest.param([5.1, 5.1, 5.1], [1, 5, 9], 0, id="constant labels"),
        pytest.param([5.1, 5.1, 5.1], [5.1, 5.1, 5.1], 0, id="constant and equal"),
        pytest.param([5.1, 5.1, 5.1], [0.3, 0.3, 0.3], 0, id="constant and apart"),
        pytest.param([4.2], [4.2], 0, id="one person"),
        pytest.param([0, 1e-200], [0, 1e-200], 0, id="a spread that underflows"),
    ],
)
def test_concordance_by_hand(labels, vad, expected):
    found = concordance_correlation_coefficient(column(*labels), column(*vad))
    assert found == pytest.approx([expected])


def test_concordance_is_correlation_times_bias_correction():
    # Lin 1989, section 2: with the scale shift v and the location shift u, 2 / (v + 1/v + u^2).
    rng = np.random.default_rng(0)
    labels = rng.normal([6, 5, 4], [1, 2, 0.5], (200, 3))
    vad = 0.5 * labels + rng.normal([2, 3, 2.5], 0.4, (200, 3))
    for dimension, found in enumerate(concordance_correlation_coefficient(labels, vad)):
        x, y = labels[:, dimension], vad[:, dimension]
        v, u = x.std() / y.std(), (x.mean() - y.mean()) / np.sqrt(x.std() * y.std())
        assert found == pytest.approx(np.corrcoef(x, y)[0, 1] * 2 / (v + 1 / v + u**2))
        assert 0 < found < 1


@pytest.mark.parametrize("figure", [mean_absolute_error, concordance_correlation_coefficient])
@pytest.mark.parametrize(
    ("labels", "vad", "message"),
    [
        pytest.param([5.0], [[5.0]], r"^vad_labels: .*row for each person", id="flat"),
        pytest.param(np.ones((2, 3)), np.ones((3, 3)), r"^vad: .*\(2, 3\).*\(3, 3\)", id="shapes"),
        pytest.param([[np.nan]], [[5.0]], "^vad_labels: .*finite", id="label missing"),
        pytest.param([[5.0]], [[np.inf]], "^vad: .*finite", id="prediction infinite"),
        pytest.param(np.ones((0, 3)), np.ones((0, 3)), "^vad_labels: .*one person", id="nobody"),
    ],
)
def test_what_cannot_be_measured_is_an_error(figure, labels, vad, message):
    with pytest.raises(EmoError, match=message):
        figure(labels, vad)

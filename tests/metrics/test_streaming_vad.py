import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import VAD
from emo_tf.metrics.streaming_vad import ConcordanceCorrelation, VadMeanAbsoluteError
from emo_tf.metrics.vad import concordance_correlation_coefficient, mean_absolute_error

PAIRS = [
    pytest.param(VadMeanAbsoluteError, mean_absolute_error, id="mean absolute error"),
    pytest.param(ConcordanceCorrelation, concordance_correlation_coefficient, id="concordance"),
]
LABELS = np.array([[1.0, 5, 5], [2, 6, 5], [3, 7, 5]])
VALUES = np.array([[2.0, 5, 5], [3, 6, 5], [4, 7, 5]])


def drawn(count: int, *, around: float = 5.5) -> tuple[np.ndarray, np.ndarray]:
    """Returns labels and predictions of people, near but not equal, between 1 and 10."""
    rng = np.random.default_rng(0)
    labels = np.clip(rng.normal(around, [0.7, 1.0, 1.5], (count, 3)), 1, 10)
    values = labels + rng.normal(0.2, 0.6, (count, 3))
    return labels, np.clip(values, 1, 10)


def after(metric, labels, values, *, batch: int = 52, weights=None):
    """Returns the metric after it has seen the people batch by batch."""
    for start in range(0, len(labels), batch):
        part = slice(start, start + batch)
        metric.update_state(
            labels[part], values[part], sample_weight=None if weights is None else weights[part]
        )
    return metric


def each_dimension(kind, *arguments, **options) -> list[float]:
    return [float(after(kind(name), *arguments, **options).result()) for name in VAD]


@pytest.mark.parametrize("kind", [VadMeanAbsoluteError, ConcordanceCorrelation])
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"dimension": "arousal", "name": "other"}, id="all given"),
        pytest.param({"dimension": "dominance"}, id="name by default"),
    ],
)
def test_a_metric_comes_back_with_its_arguments(kind, arguments):
    metric = kind(**arguments)
    revived = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
    assert type(revived) is kind
    assert revived.dimension == arguments["dimension"]
    assert revived.name == metric.name == arguments.get("name", metric.name)


def test_names_tell_the_dimensions_apart():
    assert VadMeanAbsoluteError().name == "mean_absolute_error"
    assert VadMeanAbsoluteError("valence").name == "valence_mean_absolute_error"
    assert ConcordanceCorrelation().name == "concordance"
    assert ConcordanceCorrelation("dominance").name == "dominance_concordance"


def test_figures_by_hand():
    assert each_dimension(VadMeanAbsoluteError, LABELS, VALUES) == pytest.approx([1, 0, 0])
    # Valence: covariance and variances 2/3, means one apart. Dominance: nothing varies.
    assert each_dimension(ConcordanceCorrelation, LABELS, VALUES) == pytest.approx([4 / 7, 1, 0])
    assert float(after(VadMeanAbsoluteError(), LABELS, VALUES).result()) == pytest.approx(1 / 3)
    mean = float(after(ConcordanceCorrelation(), LABELS, VALUES).result())
    assert mean == pytest.approx((4 / 7 + 1) / 3)


@pytest.mark.parametrize(
    ("values", "error", "concordance"),
    [
        pytest.param(LABELS, 0, [1, 1, 0], id="perfect"),
        pytest.param(LABELS[::-1], 8 / 9, [-1, -1, 0], id="worst"),
        pytest.param(np.full((3, 3), 4.2), (6.6 / 3 + 5.4 / 3 + 0.8) / 3, [0, 0, 0], id="constant"),
    ],
)
def test_the_ends_of_the_scale(values, error, concordance):
    assert float(after(VadMeanAbsoluteError(), LABELS, values).result()) == pytest.approx(error)
    found = each_dimension(ConcordanceCorrelation, LABELS, values)
    assert found == pytest.approx(concordance, abs=1e-6)


@pytest.mark.parametrize(("kind", "exact"), PAIRS)
@pytest.mark.parametrize("around", [2.5, 8.5], ids=lambda around: f"around {around}")
@pytest.mark.parametrize("batch", [128, 4096], ids=lambda batch: f"batches of {batch}")
def test_sums_over_50000_people_hold_to_four_digits(kind, exact, around, batch):
    labels, values = drawn(50_000, around=around)
    found = float(after(kind(), labels, values, batch=batch).result())
    expected = exact(labels, values)
    assert found == pytest.approx(expected.mean(), abs=1e-4)
    assert (expected > 0.3).all()


@pytest.mark.parametrize(("kind", "exact"), PAIRS)
def test_each_dimension_is_that_of_the_exact_function(kind, exact):
    labels, values = drawn(300)
    assert each_dimension(kind, labels, values) == pytest.approx(exact(labels, values), abs=1e-5)


@pytest.mark.parametrize("value", [1, 5.1, 9.3, 10])
def test_what_never_varies_has_no_concordance_for_all_the_rounding(value):
    constant = np.full((10_000, 3), value)
    assert float(after(ConcordanceCorrelation(), constant, constant).result()) == 0
    labels, _ = drawn(10_000)
    found = float(after(ConcordanceCorrelation(), labels, constant).result())
    assert found == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(("kind", "exact"), PAIRS)
@pytest.mark.parametrize("shape", [(-1,), (-1, 1)], ids=["flat", "a column"])
def test_people_of_weight_0_do_not_count_whatever_they_hold(kind, exact, shape):
    labels, values = drawn(91)
    weights = np.arange(91) % 3 > 0
    expected = exact(labels[weights], values[weights]).mean()
    labels[~weights] = values[~weights] = np.nan
    metric = after(kind(), labels, values, weights=weights.reshape(shape), batch=25)
    assert float(metric.result()) == pytest.approx(expected, abs=1e-5)
    assert float(metric.people) == weights.sum()


@pytest.mark.parametrize(("kind", "exact"), PAIRS)
def test_weights_are_those_of_people_counted_so_often(kind, exact):
    labels, values = drawn(20)
    weights = np.arange(20) % 4
    expected = exact(np.repeat(labels, weights, axis=0), np.repeat(values, weights, axis=0))
    metric = after(kind(), labels, values, weights=weights)
    assert float(metric.result()) == pytest.approx(expected.mean(), abs=1e-5)


@pytest.mark.parametrize("kind", [VadMeanAbsoluteError, ConcordanceCorrelation])
def test_the_sums_of_replicas_are_the_state_of_one(kind):
    labels, values = drawn(95)
    whole, merged = after(kind(), labels, values), kind()
    replicas = [after(kind(), labels[k::2], values[k::2]) for k in range(2)]
    for variable, *parts in zip(*(metric.variables for metric in (merged, *replicas)), strict=True):
        variable.assign(sum(np.asarray(part) for part in parts))
    assert float(merged.result()) == pytest.approx(float(whole.result()), rel=1e-5)
    assert {variable.aggregation for variable in whole.variables} == {"sum"}


@pytest.mark.parametrize("kind", [VadMeanAbsoluteError, ConcordanceCorrelation])
def test_a_reset_forgets_everybody(kind):
    metric = kind()
    assert float(metric.result()) == 0
    after(metric, *drawn(30))
    before = float(metric.result())
    assert before > 0
    metric.reset_state()
    assert float(metric.result()) == 0
    assert float(after(metric, *drawn(30)).result()) == before


@pytest.mark.parametrize("kind", [VadMeanAbsoluteError, ConcordanceCorrelation])
def test_a_value_that_is_not_a_number_shows(kind):
    metric = after(kind(), *drawn(30))
    metric.update_state([[5.0, 5.0, 5.0]], [[5.0, np.nan, 5.0]])
    assert np.isnan(float(metric.result()))


@pytest.mark.parametrize("kind", [VadMeanAbsoluteError, ConcordanceCorrelation])
def test_bad_input_is_an_error(kind):
    with pytest.raises(EmoError, match=r"Unknown dimension: did you mean valence\?.*'valance'"):
        kind("valance")
    for labels, values, name in (((4, 2), (4, 3), "y_true"), ((4, 3), (4, 26), "y_pred")):
        with pytest.raises(EmoError, match=rf"^{name}: expected shape \(B, 3\)"):
            kind().update_state(np.ones(labels), np.ones(values))
    with pytest.raises(EmoError, match=r"^sample_weight: expected one weight a person"):
        kind().update_state(np.ones((4, 3)), np.ones((4, 3)), sample_weight=np.ones((4, 3)))

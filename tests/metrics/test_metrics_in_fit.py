"""The streaming metrics as a compiled model uses them."""

import keras
import numpy as np
import pytest
from keras import layers

from emo_tf.metrics.average_precision import mean_average_precision
from emo_tf.metrics.binned_average_precision import BinnedMeanAveragePrecision
from emo_tf.metrics.streaming_vad import ConcordanceCorrelation, VadMeanAbsoluteError
from emo_tf.metrics.vad import concordance_correlation_coefficient, mean_absolute_error

PEOPLE = 45  # two batches of 20 and an odd one


@pytest.fixture(scope="module")
def people():
    """Features, and labels that follow from them."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    features = rng.normal(size=(PEOPLE, 6)).astype(np.float32)
    categories = (features @ rng.normal(size=(6, 26)) > 1.5).astype(np.float32)
    vad = np.clip(5.5 + features[:, :3], 1, 10)
    return features, {"score": categories, "vad": vad}


def compiled_model() -> keras.Model:
    features = keras.Input((6,))
    outputs = {
        "score": layers.Dense(26, name="score")(features),
        "vad": layers.Dense(3, bias_initializer="ones", name="vad")(features),
    }
    model = keras.Model(features, outputs)
    model.compile(
        optimizer=keras.optimizers.Adam(0.01),
        loss={"score": "mse", "vad": "mse"},
        weighted_metrics={
            "score": [BinnedMeanAveragePrecision(bins=50_000, low=-9, high=9, name="map")],
            "vad": [VadMeanAbsoluteError(), ConcordanceCorrelation("valence")],
        },
        run_eagerly=False,
    )
    return model


def assert_exact(logs: dict, outputs: dict, targets: dict) -> None:
    """Checks the logs against the exact functions."""
    score, vad = outputs["score"], outputs["vad"]
    expected = {
        "score_map": mean_average_precision(targets["score"], score),
        "vad_mean_absolute_error": mean_absolute_error(targets["vad"], vad).mean(),
        "vad_valence_concordance": concordance_correlation_coefficient(targets["vad"], vad)[0],
    }
    assert {name: logs[name] for name in expected} == pytest.approx(expected, abs=2e-3)


def test_a_compiled_model_logs_the_exact_figures_with_an_odd_last_batch(people):
    features, targets = people
    model = compiled_model()
    history = model.fit(
        features, targets, validation_data=people, batch_size=20, epochs=2, verbose=0
    ).history
    logs = {name.removeprefix("val_"): values[-1] for name, values in history.items()}
    assert_exact(logs, model.predict(features, verbose=0), targets)
    assert 0 < history["score_map"][0] < 1


def test_people_that_only_fill_up_a_batch_do_not_count(people):
    features, targets = people
    model = compiled_model()
    weights = (np.arange(PEOPLE) < 31).astype(np.float32)
    logs = model.evaluate(
        features,
        targets,
        sample_weight={"score": weights, "vad": weights},
        batch_size=20,
        verbose=0,
        return_dict=True,
    )
    outputs = model.predict(features[:31], verbose=0)
    assert_exact(logs, outputs, {name: values[:31] for name, values in targets.items()})


def test_a_saved_model_comes_back_with_its_metrics(people, tmp_path):
    features, targets = people
    model = compiled_model()
    model.fit(features, targets, batch_size=20, verbose=0)
    before = model.evaluate(features, targets, batch_size=20, verbose=0, return_dict=True)
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    after = revived.evaluate(features, targets, batch_size=20, verbose=0, return_dict=True)
    assert after == pytest.approx(before, rel=1e-5)
    assert {"score_map", "vad_mean_absolute_error", "vad_valence_concordance"} <= after.keys()


@pytest.mark.parametrize(
    ("metric", "output"),
    [
        pytest.param(BinnedMeanAveragePrecision(), "score", id="average precision"),
        pytest.param(VadMeanAbsoluteError(), "vad", id="mean absolute error"),
        pytest.param(ConcordanceCorrelation(), "vad", id="concordance"),
    ],
)
def test_state_can_be_handed_in_and_out_as_other_backends_do(people, metric, output):
    features, targets = people
    outputs = compiled_model().predict(features, verbose=0)
    state = metric.stateless_reset_state()
    for part in (slice(0, 20), slice(20, None)):
        state = metric.stateless_update_state(state, targets[output][part], outputs[output][part])
    stateless = float(metric.stateless_result(state))
    assert all(not np.asarray(variable).any() for variable in metric.variables)
    metric.update_state(targets[output], outputs[output])
    assert stateless == pytest.approx(float(metric.result()), abs=1e-6)

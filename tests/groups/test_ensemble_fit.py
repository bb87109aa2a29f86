import functools
import sys

import numpy as np
import pytest
from sklearn.svm import SVC

from emo_tf.errors import EmoError
from emo_tf.groups.ensemble_evaluation import compare_out_of_fold, evaluate_verdicts
from emo_tf.groups.ensemble_fit import fit_ensemble, fit_with_verdicts
from emo_tf.groups.ensemble_stack import REGULARISATIONS, out_of_fold
from emo_tf.groups.model_outputs import ModelOutputs
from emo_tf.metrics.classification import negative_log_likelihood

NAMES = ("good", "fair", "idle")


def draw(pictures: int = 300, *, seed: int = 0) -> ModelOutputs:
    """Draws outputs of a good model, of a fair one, and of one that says things at random."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, pictures)
    logits = rng.normal(size=(pictures, 3, 3))
    logits += np.eye(3)[labels][:, None] * np.array([2.0, 1.0, 0.0])[:, None]
    return of_logits(logits, labels)


def of_logits(logits: np.ndarray, labels: np.ndarray) -> ModelOutputs:
    totals = np.log(np.exp(logits).sum(axis=2, keepdims=True))
    return ModelOutputs(NAMES, logits - totals, labels, "drawn.npz")


def log_loss(ensemble, outputs: ModelOutputs) -> float:
    return negative_log_likelihood(ensemble.combine(outputs.probabilities), outputs.labels)


@pytest.fixture(scope="module")
def outputs():
    return draw()


@pytest.fixture(scope="module")
def stacked(outputs):
    return fit_with_verdicts(outputs, method="stack")


def test_the_mean_needs_no_fit(outputs):
    fitted = fit_with_verdicts(outputs, method="mean")
    np.testing.assert_allclose(fitted.verdicts, outputs.probabilities.mean(axis=1))
    assert not fitted.out_of_fold
    assert fitted.ensemble.fit == {"file": "drawn.npz", "pictures": 300}


@pytest.mark.parametrize("weights", [(2, 1, 0), (2000, 1000, 0), (3, 1, -0.5)])
def test_no_other_inverse_temperature_has_a_smaller_log_loss(outputs, weights):
    ensemble = fit_ensemble(outputs, method="weights", weights=weights)
    assert ensemble.coefficients["weights"].tolist() == list(weights)
    found = ensemble.coefficients["inverse_temperature"]
    least = log_loss(ensemble, outputs)
    for factor in (0.5, 0.9, 1.1, 2.0):
        scaled = [factor * weight for weight in weights]
        coefficients = {"weights": np.array(scaled), "inverse_temperature": found}
        other = type(ensemble)(NAMES, "weights", coefficients)
        assert log_loss(other, outputs) > least


def test_a_few_sure_mistakes_keep_the_answers_from_being_certain():
    # One picture in a hundred is taken for the next class, beyond any doubt.
    labels = np.arange(600) % 3
    said = (labels + (np.arange(600) % 100 == 7)) % 3
    logits = np.tile(30.0 * np.eye(3)[said][:, None], (1, 3, 1))
    ensemble = fit_ensemble(of_logits(logits, labels), method="weights", weights=(1, 1, 1))
    joint = ensemble.combine(of_logits(logits, labels).probabilities)
    np.testing.assert_allclose(joint.max(axis=1), 0.99, atol=0.001)


def test_weights_that_mislead_come_out_as_knowing_nothing(outputs):
    ensemble = fit_ensemble(outputs, method="weights", weights=(-1, -1, 0))
    joint = ensemble.combine(outputs.probabilities)
    np.testing.assert_allclose(joint, 1 / 3, atol=0.01)


def test_an_svm_scores_classes_as_scikit_learn_does(outputs):
    ensemble = fit_ensemble(outputs, method="svm", regularisation=0.02)
    features = outputs.probabilities.reshape(300, 9)
    machine = SVC(kernel="linear", C=0.02).fit(features, outputs.labels)
    others = draw(seed=1)
    scores = machine.decision_function(others.probabilities.reshape(300, 9))
    scores *= ensemble.coefficients["inverse_temperature"]
    joint = ensemble.combine(others.probabilities)
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(joint, expected)
    assert ensemble.fit["regularisation"] == 0.02


def test_an_svm_takes_the_published_regularisation_unless_told(outputs):
    assert fit_ensemble(outputs, method="svm").fit["regularisation"] == 9e-5


def test_a_stack_trusts_good_models_and_is_better_than_the_mean_on_others(stacked):
    table = stacked.ensemble.coefficients["coefficients"]
    good, fair, idle = np.abs(table).sum(axis=(0, 2))
    assert good > fair > 2 * idle
    others = draw(3000, seed=1)
    mean = fit_ensemble(others, method="mean")
    assert log_loss(stacked.ensemble, others) < log_loss(mean, others) - 0.03


def test_the_verdicts_of_a_stack_are_those_out_of_fold(outputs, stacked):
    assert stacked.out_of_fold
    own = stacked.ensemble.combine(outputs.probabilities)
    assert negative_log_likelihood(own, outputs.labels) < negative_log_likelihood(
        stacked.verdicts, outputs.labels
    )


def test_the_regularisation_of_a_stack_comes_from_the_grid_and_is_the_same_again(outputs, stacked):
    again = fit_ensemble(outputs, method="stack")
    assert again.fit["regularisation"] in REGULARISATIONS
    np.testing.assert_array_equal(
        again.coefficients["coefficients"], stacked.ensemble.coefficients["coefficients"]
    )


def test_a_stack_on_few_pictures_of_idle_models_is_held_back():
    rng = np.random.default_rng(0)
    outputs = of_logits(rng.normal(size=(60, 3, 3)), np.arange(60) % 3)
    assert fit_ensemble(outputs, method="stack").fit["regularisation"] == REGULARISATIONS[0]


def test_each_picture_is_judged_by_an_ensemble_that_was_not_fitted_on_it(outputs):
    fitted_on = []

    def fit(part: ModelOutputs):
        fitted_on.append({row.tobytes() for row in part.log_probabilities})
        return fit_ensemble(part, method="mean")

    verdicts = out_of_fold(outputs, fit, folds=3)
    np.testing.assert_allclose(verdicts, outputs.probabilities.mean(axis=1))
    every = {row.tobytes() for row in outputs.log_probabilities}
    left_out = [every - part for part in fitted_on]
    assert sorted(map(len, left_out)) == [100, 100, 100]
    assert set.union(*left_out) == every


def test_pictures_without_all_verdicts_are_left_out(outputs):
    logs = outputs.log_probabilities.copy()
    logs[:20, 1] = np.nan
    fitted = fit_with_verdicts(
        ModelOutputs(NAMES, logs, outputs.labels, "drawn.npz"), method="weights", weights=(1, 1, 1)
    )
    assert fitted.ensemble.fit["pictures"] == len(fitted.verdicts) == 280


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "voting"}, "Unknown method: expected one of mean, stack, svm, weights"),
        ({"method": "weights"}, "weights: .*Received: none"),
        ({"method": "svm", "weights": (1, 1, 1)}, "weights: .*Received: some with svm"),
        ({"method": "weights", "weights": (1, 1)}, "one for each of 3 models, good, .*Received: 2"),
        ({"method": "weights", "weights": (0, 0, 0)}, "not all 0"),
        ({"method": "weights", "weights": (1, np.nan, 0)}, "finite"),
        ({"method": "stack", "regularisation": 1.0}, "with the method svm alone. Received: stack"),
        ({"method": "svm", "regularisation": 0.0}, "expected above 0"),
        ({"method": "svm", "regularisation": np.inf}, "finite"),
    ],
    ids=[
        "unknown method",
        "no weights",
        "weights for an svm",
        "a weight too few",
        "all zero",
        "not a number",
        "regularisation of a stack",
        "no regularisation",
        "infinite",
    ],
)
def test_arguments_that_do_not_go_together_are_refused(outputs, arguments, message):
    with pytest.raises(EmoError, match=message):
        fit_ensemble(outputs, **arguments)


@pytest.mark.parametrize(
    ("method", "labels", "message"),
    [
        ("svm", [0, 2] * 30, "of every class. Received: none of neutral"),
        ("stack", [0, 1] * 29 + [2] * 2, "5 pictures of each class.*Received: 2 of positive"),
    ],
    ids=["svm", "stack"],
)
def test_too_few_pictures_of_a_class_are_refused(method, labels, message):
    outputs = of_logits(np.random.default_rng(0).normal(size=(60, 3, 3)), np.array(labels))
    with pytest.raises(EmoError, match=f"drawn.npz: .*{message}"):
        fit_ensemble(outputs, method=method)


@pytest.mark.parametrize(
    ("method", "module"),
    [("svm", "sklearn.svm"), ("stack", "sklearn.linear_model"), ("stack", "sklearn")],
)
def test_without_scikit_learn_the_extra_is_named(outputs, monkeypatch, method, module):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "sklearn.model_selection", raising=False)
    with pytest.raises(EmoError, match=r"pip install 'emo_tf\[groups\]'"):
        fit_ensemble(outputs, method=method)


def test_verdicts_stand_beside_the_mean_and_the_best_model(outputs, stacked):
    figures = evaluate_verdicts(stacked.verdicts, outputs)
    assert figures["best_single"]["model"] == "good"
    right = outputs.probabilities[:, 0].argmax(axis=1) == outputs.labels
    assert figures["best_single"]["accuracy"] == pytest.approx(right.mean(), abs=1e-5)
    assert np.sum(figures["ensemble"]["confusion"]) == figures["pictures"] == 300
    low, high = figures["mean"]["intervals"]["log_loss"]
    assert low < figures["mean"]["log_loss"] < high


def test_ways_to_make_an_ensemble_are_compared_with_the_first(outputs):
    compared = compare_out_of_fold(
        outputs,
        {
            "mean": functools.partial(fit_ensemble, method="mean"),
            "weights": functools.partial(fit_ensemble, method="weights", weights=(2, 1, 0)),
        },
        folds=3,
        repeats=2,
    )
    mean, weights = compared["mean"], compared["weights"]
    assert mean["difference"] == mean["standard_error"] == 0
    assert weights["difference"] == pytest.approx(weights["log_loss"] - mean["log_loss"])
    assert weights["difference"] < -2 * weights["standard_error"] < 0
    expected = outputs.probabilities.mean(axis=1).argmax(axis=1) == outputs.labels
    assert mean["accuracy"] == pytest.approx(expected.mean())

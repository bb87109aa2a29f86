import json
import math

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime.ensemble import CLASS_PAIRS, METHODS, Ensemble, log_probabilities

NAMES = ("faces", "scenes")
# Two models on two pictures.
SAID = np.array(
    [
        [[0.2, 0.4, 0.4], [0.0, 0.2, 0.8]],
        [[0.7, 0.2, 0.1], [0.5, 0.25, 0.25]],
    ]
)


def made(method: str, models: tuple[str, ...] = NAMES) -> Ensemble:
    """Returns an ensemble with drawn coefficients."""
    rng = np.random.default_rng(0)
    coefficients = {
        name: np.abs(rng.normal(size=shape)) if shape == () else rng.normal(size=shape)
        for name, shape in METHODS[method].shapes(len(models)).items()
    }
    return Ensemble(models, method, coefficients, fit={"pictures": 7})


def drawn(pictures: int, models: int = 2) -> np.ndarray:
    return np.random.default_rng(1).dirichlet((0.5, 0.5, 0.5), (pictures, models))


def softmax(scores: list[float]) -> list[float]:
    powers = [math.exp(score) for score in scores]
    return [power / sum(powers) for power in powers]


def test_the_mean_by_hand():
    expected = [[0.1, 0.3, 0.6], [0.6, 0.225, 0.175]]
    np.testing.assert_allclose(Ensemble(NAMES, "mean").combine(SAID), expected)


def test_weights_multiply_powers_of_the_probabilities():
    weights = {"weights": [2.0, -1.0], "inverse_temperature": 0.5}
    (_, joint) = Ensemble(NAMES, "weights", weights).combine(SAID)
    powers = np.array([0.7**2 / 0.5, 0.2**2 / 0.25, 0.1**2 / 0.25]) ** 0.5
    np.testing.assert_allclose(joint, powers / powers.sum())


def test_a_probability_of_zero_counts_as_one_in_ten_million():
    weights = {"weights": [0.0, 1.0], "inverse_temperature": 1.0}
    (joint, _) = Ensemble(NAMES, "weights", weights).combine(SAID)
    np.testing.assert_allclose(joint, np.array([1e-7, 0.2, 0.8]) / (1 + 1e-7))
    np.testing.assert_array_equal(log_probabilities(np.array([0.0, 1e-9])), [np.log(1e-7)] * 2)


def test_a_stack_is_a_softmax_over_lines_in_the_log_probabilities():
    stack = made("stack")
    table, intercepts = (stack.coefficients[name] for name in ("coefficients", "intercepts"))
    for picture, joint in zip(SAID, stack.combine(SAID), strict=True):
        scores = [
            intercepts[k]
            + sum(
                table[k, m, c] * math.log(max(picture[m, c], 1e-7))
                for m in range(2)
                for c in range(3)
            )
            for k in range(3)
        ]
        np.testing.assert_allclose(joint, softmax(scores))


@pytest.mark.parametrize(
    ("margins", "votes", "sums"),
    [
        pytest.param((1.0, 2.0, -3.0), (2, 0, 1), (3.0, -4.0, 1.0), id="the first has two votes"),
        pytest.param((-1.0, 0.5, -3.0), (1, 1, 1), (-0.5, -2.0, 2.5), id="one vote each"),
        pytest.param((0.0, 0.0, 0.0), (2, 1, 0), (0.0, 0.0, 0.0), id="on all the planes"),
    ],
)
def test_the_votes_of_the_hyperplanes_become_probabilities(margins, votes, sums):
    assert CLASS_PAIRS == ((0, 1), (0, 2), (1, 2))
    machine = Ensemble(
        NAMES,
        "svm",
        {"hyperplanes": np.zeros((3, 2, 3)), "intercepts": margins, "inverse_temperature": 2.0},
    )
    scores = [v + s / (3 * (abs(s) + 1)) for v, s in zip(votes, sums, strict=True)]
    expected = softmax([2 * score for score in scores])
    np.testing.assert_allclose(machine.combine(SAID), [expected] * 2)


def test_a_hyperplane_weighs_each_probability_of_each_model():
    hyperplanes = np.zeros((3, 2, 3))
    hyperplanes[0, 1, 2], hyperplanes[1, 0, 0], hyperplanes[2, 1, 1] = 1.0, -2.0, 3.0
    machine = Ensemble(
        NAMES,
        "svm",
        {"hyperplanes": hyperplanes, "intercepts": [-0.5, 0, 0], "inverse_temperature": 1.0},
    )
    # Margins of the first picture: 0.8 - 0.5, -2 x 0.2 and 3 x 0.2.
    scores = [1 - 0.1 / 3.3, 1 + 0.3 / 3.9, 1 - 0.2 / 3.6]
    np.testing.assert_allclose(machine.combine(SAID)[0], softmax(scores))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_distributions(method):
    joint = made(method, ("a", "b", "c")).combine(drawn(50, 3))
    assert joint.shape == (50, 3)
    assert (joint >= 0).all()
    np.testing.assert_allclose(joint.sum(axis=1), 1)


@pytest.mark.parametrize("method", METHODS)
def test_no_picture_no_row(method):
    assert made(method).combine(np.empty((0, 2, 3))).shape == (0, 3)


@pytest.mark.parametrize("method", METHODS)
def test_the_file_gives_the_same_verdicts(method, tmp_path):
    ensemble = made(method)
    ensemble.save(tmp_path / "made" / "ensemble.json")
    again = Ensemble.read(tmp_path / "made" / "ensemble.json")
    assert (again.models, again.method, again.fit) == (NAMES, method, {"pictures": 7})
    np.testing.assert_array_equal(again.combine(drawn(20)), ensemble.combine(drawn(20)))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (SAID[:, :1], r"shape \(N, 2, 3\).*faces, scenes.*Received: \(2, 1, 3\)"),
        (SAID[..., :2], r"Received: \(2, 2, 2\)"),
        (SAID[0], r"Received: \(2, 3\)"),
        (np.where(SAID == 0.25, np.nan, SAID), "'scenes', row 1: .*nan"),
        (np.add(SAID, [[0, 0, 0.1], [0, 0, 0]]), "'faces', row 0: expected .* add up to 1"),
        (np.add(SAID, [[0, 0, 0], [-0.3, 0.3, 0]]), "'scenes', row 0: expected values of 0 to 1"),
    ],
    ids=["a model less", "two classes", "one picture", "no verdict", "sum", "negative"],
)
@pytest.mark.parametrize("method", METHODS)
def test_what_are_no_verdicts_of_the_members_is_refused(method, said, message):
    with pytest.raises(EmoError, match=message):
        made(method).combine(said)


@pytest.mark.parametrize(
    ("models", "method", "coefficients", "message"),
    [
        ((), "mean", {}, "models: expected names"),
        (("a", "a"), "mean", {}, "each once"),
        (("a", ""), "mean", {}, "models: expected names"),
        (NAMES, "stak", {}, "did you mean stack"),
        (NAMES, "mean", {"weights": [1, 2]}, "mean: expected none. Received: weights"),
        (NAMES, "weights", {"weights": [1, 2]}, "expected weights, inverse_temperature"),
        (NAMES, "weights", {"weights": [1], "inverse_temperature": 1}, r"shape \(2,\)"),
        (NAMES, "weights", {"weights": [1, math.inf], "inverse_temperature": 1}, "finite"),
        (NAMES, "weights", {"weights": [1, 2], "inverse_temperature": -1}, "0 or more"),
        (NAMES, "weights", {"weights": ["a", 2], "inverse_temperature": 1}, "expected numbers"),
        (NAMES, "stack", {"coefficients": [[1], [1, 2]], "intercepts": [0, 0, 0]}, "numbers of"),
    ],
    ids=[
        "no model",
        "a name twice",
        "an empty name",
        "unknown method",
        "a coefficient too many",
        "a coefficient too few",
        "another number of models",
        "infinite",
        "cold",
        "text",
        "ragged",
    ],
)
def test_coefficients_that_cannot_be_are_refused(models, method, coefficients, message):
    with pytest.raises(EmoError, match=message):
        Ensemble(models, method, coefficients)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classes": ["positive", "neutral", "negative"]}, "negative, neutral, positive in this"),
        ({"classes": None}, "in this order. Received: None"),
        ({"format": "emo_tf scene network"}, "format 'emo_tf ensemble'.*scene network"),
        ({"version": 2}, "version 1. Received: 'emo_tf ensemble', 2"),
        ({"method": "vote"}, "Unknown method"),
        ({"method": ["mean"]}, "method: expected text"),
        ({"models": ["a"]}, r"weights: expected shape \(1,\). Received: \(2,\)"),
        ({"models": "ab"}, "models: expected a list"),
        ({"models": [1, 2]}, "models: expected names"),
        ({"coefficients": [1, 2]}, "coefficients: expected an object"),
        ({"coefficients": {"weights": [1, math.nan], "inverse_temperature": 1}}, "finite"),
        ({"coefficients": {"weights": [1, 10**400], "inverse_temperature": 1}}, "numbers of"),
        ({"fit": None}, "fit: expected an object"),
    ],
    ids=[
        "order of classes",
        "no classes",
        "another format",
        "newer",
        "unknown method",
        "a list of methods",
        "another number of models",
        "no list of models",
        "models by number",
        "a list of coefficients",
        "not a number",
        "too large a number",
        "no fit",
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name(changes, message, tmp_path):
    path = tmp_path / "ensemble.json"
    made("weights").save(path)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")
    with pytest.raises(EmoError, match=f"ensemble.json: .*{message}"):
        Ensemble.read(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"format": "emo_tf ens', "expected JSON"),
        (b"\xff\xfe\x00", "expected JSON"),
        (b"[]", "expected an object"),
        (None, "no such file"),
    ],
    ids=["cut short", "no text", "a list", "missing"],
)
def test_a_damaged_file_is_refused(content, message, tmp_path):
    path = tmp_path / "ensemble.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EmoError, match=message):
        Ensemble.read(path)

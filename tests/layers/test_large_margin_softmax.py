import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf.errors import EmoError
from emo_tf.layers.large_margin_softmax import MARGINS, LargeMarginSoftmax, angle_margin
from emo_tf.models.golden import relative_error

MARGINED = {"base": 0.0, "least": 0.0}
"""A schedule that leaves nothing of the plain softmax."""


@pytest.fixture(scope="module")
def features() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((32, 5)).astype(np.float32)


@pytest.fixture(scope="module")
def labels() -> np.ndarray:
    return np.arange(32) % 3


def built(**arguments) -> LargeMarginSoftmax:
    layer = LargeMarginSoftmax(3, **arguments)
    layer.build((None, 5))
    return layer


def psi(angle: np.ndarray, margin: int) -> np.ndarray:
    """Equation 6 of Liu et al. 2016 as it stands there."""
    k = np.minimum(np.floor(angle * margin / np.pi), margin - 1)
    return (-1) ** k * np.cos(margin * angle) - 2 * k


def margined(features: np.ndarray, kernel: np.ndarray, labels: np.ndarray, margin: int):
    """Returns plain logits with the margined ones of the labels in their place."""
    logits = features @ kernel
    norms = np.linalg.norm(features, axis=1, keepdims=True) * np.linalg.norm(kernel, axis=0)
    angles = np.arccos(np.clip(logits / norms, -1, 1))
    is_true = np.arange(kernel.shape[1]) == labels[:, None]
    return np.where(is_true, norms * psi(angles, margin), logits)


def test_it_is_linear_but_in_training_with_labels(features, labels):
    layer = built()
    kernel, step = layer.get_weights()
    assert (kernel.shape, step) == ((5, 3), 0)
    assert [weight.path for weight in layer.trainable_weights] == [layer.kernel.path]
    plain = features @ kernel
    for arguments in ({}, {"labels": labels}, {"training": True}):
        np.testing.assert_allclose(layer(features, **arguments), plain, rtol=1e-4, atol=1e-5)
    assert layer.compute_output_shape((None, 5)) == (None, 3)


def test_a_saved_layer_comes_back_as_it_was(features, labels, tmp_path):
    inputs = {
        "features": keras.Input((5,), name="features"),
        "labels": keras.Input((), dtype="int32", name="labels"),
    }
    settings = {"margin": 3, "base": 7.0, "gamma": 0.5, "power": 2.0, "least": 0.25}
    layer = LargeMarginSoftmax(3, name="classifier", **settings)
    model = keras.Model(inputs, layer(inputs["features"], labels=inputs["labels"]))
    given = {"features": features, "labels": labels}
    model(given, training=True)
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    found = revived.get_layer("classifier")
    assert isinstance(found, LargeMarginSoftmax)
    assert found.classes == 3
    assert {name: getattr(found, name) for name in settings} == settings
    assert found.step.numpy() == 1
    np.testing.assert_array_equal(revived(given, training=True), model(given, training=True))


@pytest.mark.parametrize("margin", MARGINS)
def test_psi_is_that_of_the_paper(margin):
    angles = np.linspace(0, np.pi, 1001)
    found = angle_margin(np.cos(angles).astype(np.float32), margin=margin)
    np.testing.assert_allclose(found, psi(angles, margin), atol=2e-5)


@pytest.mark.parametrize("margin", MARGINS)
def test_psi_falls_all_the_way_and_never_lies_above_the_cosine(margin):
    cosines = np.linspace(1, -1, 2001).astype(np.float32)
    found = np.asarray(angle_margin(cosines, margin=margin))
    assert (np.diff(found) < 1e-6).all()
    assert (found <= cosines + 1e-6).all()
    assert (found[0], found[-1]) == (1, 1 - 2 * margin)


@pytest.mark.parametrize("margin", MARGINS)
def test_the_true_class_has_its_margined_logit_in_training(margin, features, labels):
    layer = built(margin=margin, **MARGINED)
    found = layer(features, labels=labels, training=True)
    expected = margined(features, layer.kernel.numpy(), labels, margin)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("margin", MARGINS)
def test_the_numbers_are_those_of_another_implementation(margin, shared):
    with np.load(shared / "goldens" / "lsoftmax.npz") as golden:
        layer = LargeMarginSoftmax(3, margin=margin, **MARGINED)
        layer.build(golden["features"].shape)
        layer.kernel.assign(golden["weight"])
        found = layer(golden["features"], labels=golden["labels"], training=True)
        assert relative_error(np.asarray(found), golden[f"logits_margin{margin}"]) <= 1e-4


def test_the_plain_logit_counts_lambda_times(features, labels):
    layer = built(margin=4, base=3.0, gamma=0.0, least=0.0)
    plain = features @ layer.kernel.numpy()
    expected = (3 * plain + margined(features, layer.kernel.numpy(), labels, 4)) / 4
    found = layer(features, labels=labels, training=True)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


def test_lambda_falls_with_each_step_of_training_to_its_least(features, labels):
    layer = built(base=10.0, gamma=1.0, power=2.0, least=0.5)
    weights = []
    for _ in range(5):
        weights.append(float(layer.plain_weight()))
        layer(features, labels=labels, training=True)
        layer(features, labels=labels, training=False)
    np.testing.assert_allclose(weights, [10, 10 / 4, 10 / 9, 10 / 16, 0.5], rtol=1e-5)


@pytest.mark.parametrize("margin", MARGINS)
@pytest.mark.parametrize(
    "direction",
    [
        pytest.param([1.0, 0.0], id="at the class"),
        pytest.param([-1.0, 0.0], id="opposite the class"),
        pytest.param([0.0, 1.0], id="at a right angle"),
        pytest.param([0.0, 0.0], id="nowhere"),
        pytest.param([1e4, -1e4], id="far off"),
    ],
)
def test_gradients_are_finite(margin, direction):
    layer = LargeMarginSoftmax(2, margin=margin, **MARGINED)
    layer.build((None, 2))
    layer.kernel.assign([[1.0, 0.5], [0.0, 0.5]])
    features = tf.Variable([direction])
    with tf.GradientTape() as tape:
        logits = layer(features, labels=np.array([0]), training=True)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits([0], logits)
    gradients = tape.gradient(loss, [features, layer.kernel.value])
    assert np.isfinite(logits).all()
    assert np.isfinite(loss)
    assert all(np.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.parametrize("margin", MARGINS)
def test_gradients_are_those_of_the_formula(margin, features, labels):
    layer = built(margin=margin, **MARGINED)
    kernel = layer.kernel.numpy().astype(np.float64)
    upstream = np.random.default_rng(1).standard_normal((32, 3))
    watched = tf.Variable(features)
    with tf.GradientTape() as tape:
        found = layer(watched, labels=labels, training=True)
        total = tf.reduce_sum(found * upstream.astype(np.float32))
    step, slopes = 1e-6, np.zeros((32, 5))
    for column in range(5):
        apart = step * (np.arange(5) == column)
        above, below = (
            margined(features + sign * apart, kernel, labels, margin) for sign in (1, -1)
        )
        slopes[:, column] = ((above - below) * upstream).sum(axis=1) / (2 * step)
    np.testing.assert_allclose(tape.gradient(total, watched), slopes, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        pytest.param(
            lambda: LargeMarginSoftmax(3, margin=0),
            r"^margin: expected 1, 2, 3 or 4\. Received: 0$",
            id="no margin",
        ),
        pytest.param(
            lambda: LargeMarginSoftmax(3, margin=5),
            r"^margin: expected 1, 2, 3 or 4\. Received: 5$",
            id="too wide a margin",
        ),
        pytest.param(
            lambda: LargeMarginSoftmax(0),
            r"^classes: expected 1 or more\. Received: 0$",
            id="no classes",
        ),
        pytest.param(
            lambda: LargeMarginSoftmax(3, gamma=-0.1),
            r"^gamma: expected 0 or more\. Received: -0\.1$",
            id="rising lambda",
        ),
        pytest.param(
            lambda: LargeMarginSoftmax(3, base=float("nan")),
            r"^base: expected 0 or more\. Received: nan$",
            id="NaN",
        ),
        pytest.param(
            lambda: LargeMarginSoftmax(3).build((None, 8, 8)),
            r"^features: expected \(B, D\) with a known D\. Received: ",
            id="maps",
        ),
    ],
)
def test_what_cannot_be_is_refused(build, message):
    with pytest.raises(EmoError, match=message):
        build()

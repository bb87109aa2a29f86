import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.losses import NeutralBalancedCrossentropy

TERMS = {"neutral_term": 1.0, "emotion_term": 0.0, "total_lambda_half": 0.5}


@pytest.fixture(scope="module")
def drawn():
    """Labels, one a row, and logits of 4 clips of 3 frames."""
    rng = np.random.default_rng(0)
    labels = np.eye(7, dtype=np.float32)[rng.integers(0, 7, (4, 3))]
    return labels, rng.normal(scale=2, size=labels.shape).astype(np.float32)


def crossentropy(label, logit):
    probability = 1 / (1 + np.exp(-np.asarray(logit, np.float64)))
    return -(label * np.log(probability) + (1 - label) * np.log(1 - probability))


@pytest.mark.parametrize("term", list(TERMS))
def test_the_loss_and_both_of_its_terms_are_those_of_the_published_code(term, shared):
    with np.load(shared / "goldens" / "neutral_balanced_bce.npz") as golden:
        loss = NeutralBalancedCrossentropy(neutral_share=TERMS[term])
        found = float(loss(golden["target"], golden["logits"]))
        assert found == pytest.approx(float(golden[term]), rel=1e-5)


@pytest.mark.parametrize(
    ("label", "best"), [(0, 2), (1, 2), (2, 2)], ids=["another", "neutral", "the best"]
)
def test_neutral_is_weighed_against_the_strongest_of_the_others(label, best):
    logits = np.array([0.5, -1.0, 2.0])
    labels = np.eye(3)[label]
    pair = crossentropy(labels[1], logits[1]) + crossentropy(1 - labels[1], logits[best])
    expected = 0.25 * pair / 2 + 0.75 * crossentropy(labels, logits).mean()
    loss = NeutralBalancedCrossentropy(neutral=1, neutral_share=0.25)
    assert float(loss(labels[None], logits[None])) == pytest.approx(expected, rel=1e-6)


def test_each_frame_of_a_clip_has_a_loss_of_its_own(drawn):
    labels, logits = drawn
    loss = NeutralBalancedCrossentropy()
    frames = np.asarray(loss.call(labels, logits))
    assert frames.shape == (4, 3)
    rows = np.asarray(loss.call(labels.reshape(-1, 7), logits.reshape(-1, 7)))
    np.testing.assert_allclose(frames.reshape(-1), rows, rtol=1e-6)
    assert float(loss(labels, logits)) == pytest.approx(rows.mean(), rel=1e-6)


def test_reductions_and_weights_are_keras_own(drawn):
    labels, logits = (array[:, 0] for array in drawn)
    rows = np.asarray(NeutralBalancedCrossentropy(reduction="none")(labels, logits))
    assert rows.shape == (4,)
    weights = np.array([1.0, 0.0, 2.0, 0.5])
    total = NeutralBalancedCrossentropy(reduction="sum")(labels, logits, sample_weight=weights)
    assert float(total) == pytest.approx((weights * rows).sum(), rel=1e-6)


def test_certain_and_wrong_logits_have_a_finite_loss_and_gradient(gradient):
    labels = np.array([[1.0, 0.0, 0.0]])
    logits = np.array([[-1e4, 1e4, 1e4]])
    loss = NeutralBalancedCrossentropy(neutral=2)
    assert np.isfinite(float(loss(labels, logits)))
    found = gradient(loss, labels, logits)
    assert np.isfinite(found).all()
    assert found[0, 0] < 0 < found[0, 2]


def test_whole_labels_in_half_precision_are_counted_in_full(drawn):
    labels, logits = drawn
    half = NeutralBalancedCrossentropy()(labels.astype(np.int32), logits.astype(np.float16))
    assert half.dtype == "float32"
    assert float(half) == pytest.approx(float(NeutralBalancedCrossentropy()(labels, logits)), 1e-3)


def test_a_saved_loss_comes_back_as_it_was(drawn):
    settings = {"neutral": 2, "neutral_share": 0.125, "reduction": "sum", "name": "balanced"}
    loss = NeutralBalancedCrossentropy(**settings)
    revived = keras.losses.deserialize(keras.losses.serialize(loss))
    assert isinstance(revived, NeutralBalancedCrossentropy)
    assert {name: getattr(revived, name) for name in settings} == settings
    assert float(revived(*drawn)) == float(loss(*drawn))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"neutral_share": 1.5}, r"^neutral_share: expected a number from 0 to 1\. Received: 1\.5"),
        ({"neutral": -1}, r"^neutral: expected the index of a class\. Received: -1$"),
    ],
    ids=["share", "class"],
)
def test_settings_out_of_their_range_are_an_error(settings, message):
    with pytest.raises(EmoError, match=message):
        NeutralBalancedCrossentropy(**settings)


@pytest.mark.parametrize(
    ("labels", "logits"),
    [((2, 7), (3, 7)), ((2,), (2, 7)), ((2, 6), (2, 6)), ((2, 2, 2, 7), (2, 2, 2, 7))],
    ids=["other rows", "class numbers", "no neutral", "too many axes"],
)
def test_shapes_that_do_not_fit_are_an_error(labels, logits):
    with pytest.raises(EmoError, match=r"expected y_true and y_pred of one shape \(B, C\) or"):
        NeutralBalancedCrossentropy()(np.zeros(labels), np.zeros(logits))


def test_one_class_alone_has_no_others():
    with pytest.raises(EmoError, match="with class 0 and others"):
        NeutralBalancedCrossentropy(neutral=0)(np.zeros((2, 1)), np.zeros((2, 1)))

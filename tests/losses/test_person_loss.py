import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf.errors import EmoError
from emo_tf.losses import CategoryCrossentropy, VadSmoothL1, VadSquaredError, WeightedSquaredError

LOSSES = {
    "weighted squared error": (WeightedSquaredError, {"weighting": "mean"}),
    "crossentropy": (
        CategoryCrossentropy,
        {
            "gamma_positive": 1.0,
            "gamma_negative": 3.0,
            "margin": 0.1,
            "alpha": 0.4,
            "from_logits": True,
        },
    ),
    "VAD squared error": (VadSquaredError, {"margin": 0.25}),
    "VAD smooth L1": (VadSmoothL1, {"beta": 0.5}),
}
ALL = pytest.mark.parametrize(("kind", "arguments"), LOSSES.values(), ids=LOSSES)


def pair(people: int = 4, outputs: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, (people, outputs)).astype("float32")
    return labels, rng.normal(size=(people, outputs)).astype("float32")


def two_headed(policy: str = "float32") -> keras.Model:
    """A network of four numbers to categories and VAD, not yet compiled."""
    keras.utils.set_random_seed(0)
    features = keras.Input((4,), name="features")
    score = keras.layers.Dense(26, dtype=policy, name="score")(features)
    vad = keras.layers.Dense(3, dtype=policy, name="vad")(features)
    return keras.Model(features, {"score": score, "vad": vad})


def two_headed_batch() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    rng = np.random.default_rng(2)
    labels = {"score": rng.integers(0, 2, (6, 26)), "vad": rng.uniform(1, 10, (6, 3))}
    return rng.normal(size=(6, 4)).astype("float32"), labels


@ALL
def test_a_loss_comes_back_from_its_serialised_form(kind, arguments):
    loss = kind(**arguments, reduction="sum", name="mine")
    revived = keras.losses.deserialize(keras.losses.serialize(loss))
    assert type(revived) is kind
    settings = {**arguments, "reduction": "sum", "name": "mine"}
    assert revived.get_config() == settings
    assert {name: getattr(revived, name) for name in settings} == settings


@ALL
def test_a_compiled_model_comes_back_with_its_loss(kind, arguments, tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("sgd", loss=kind(**arguments, reduction="sum"))
    model.fit(np.ones((4, 4)), pair()[0], verbose=0)
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    assert type(revived.loss) is kind
    assert revived.loss.get_config() == model.loss.get_config()
    assert {name: getattr(revived.loss, name) for name in arguments} == arguments
    batch = np.ones((4, 4)), pair()[0]
    assert revived.evaluate(*batch, verbose=0) == model.evaluate(*batch, verbose=0)


@ALL
def test_totals_are_the_sum_and_the_mean_over_people_and_outputs(kind, arguments):
    labels, outputs = pair()
    summing = kind(**arguments, reduction="sum")
    averaging = kind(**arguments, reduction="mean")
    values = np.array(summing.call(labels, outputs))
    assert values.shape == (4,)
    assert (values > 0).all()
    np.testing.assert_allclose(averaging.call(labels, outputs), values / 3, rtol=1e-5)
    assert float(summing(labels, outputs)) == pytest.approx(values.sum(), rel=1e-5)
    assert float(averaging(labels, outputs)) == pytest.approx(values.sum() / 12, rel=1e-5)


@ALL
def test_a_mean_over_weighted_people_divides_by_all_of_them(kind, arguments):
    labels, outputs = pair()
    weights = np.array([1.0, 0.5, 0.0, 2.0])
    for reduction, people in (("sum", 1), ("mean", 4)):
        loss = kind(**arguments, reduction=reduction)
        expected = (np.array(loss.call(labels, outputs)) * weights).sum() / people
        found = loss(labels, outputs, sample_weight=weights)
        assert float(found) == pytest.approx(expected, rel=1e-5)


@ALL
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_outputs_of_half_precision_are_computed_in_float32(kind, arguments, dtype):
    loss = kind(**arguments, reduction="sum")
    outputs = tf.cast(tf.fill((2, 26), 120.0), dtype)
    labels = tf.zeros((2, 26))
    values = loss.call(labels, outputs)
    assert values.dtype == tf.float32
    np.testing.assert_allclose(values, loss.call(labels, tf.fill((2, 26), 120.0)), rtol=1e-6)


@ALL
def test_labels_may_be_integers_or_booleans(kind, arguments):
    labels, outputs = pair()
    loss = kind(**arguments, reduction="sum")
    expected = loss(labels, outputs)
    for dtype in ("int64", "bool", "float64"):
        assert float(loss(labels.astype(dtype), outputs)) == float(expected)
        assert float(loss(tf.constant(labels.astype(dtype)), outputs)) == float(expected)


@ALL
def test_a_graph_gives_the_loss_of_eager_mode_for_any_number_of_people(kind, arguments):
    loss = kind(**arguments, reduction="mean")
    signature = [tf.TensorSpec((None, 3)), tf.TensorSpec((None, 3)), tf.TensorSpec((None,))]
    compiled = tf.function(lambda *batch: loss(*batch), input_signature=signature)
    for people in (1, 4):
        batch = (*map(tf.constant, pair(people)), tf.linspace(0.5, 2.0, people))
        assert float(compiled(*batch)) == pytest.approx(float(loss(*batch)), rel=1e-6)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_keras_trains_two_heads_on_their_losses(policy, reduction):
    model = two_headed(policy)
    losses = {
        "score": WeightedSquaredError("dynamic", reduction=reduction),
        "vad": VadSmoothL1(reduction=reduction),
    }
    features, labels = two_headed_batch()
    outputs = model(features)
    assert outputs["vad"].dtype.name == policy.removeprefix("mixed_")
    first = sum(0.5 * float(losses[head](labels[head], outputs[head])) for head in losses)
    model.compile(keras.optimizers.SGD(1e-3), loss=losses, loss_weights={"score": 0.5, "vad": 0.5})
    history = model.fit(features, labels, batch_size=6, epochs=3, verbose=0).history["loss"]
    assert history[0] == pytest.approx(first, rel=1e-2 if "mixed" in policy else 1e-5)
    assert history[0] > history[1] > history[2] > 0


@ALL
@pytest.mark.parametrize(
    ("labels", "outputs"),
    [
        pytest.param((4, 26), (4, 25), id="another number of outputs"),
        pytest.param((4, 1), (4, 26), id="one output"),
        pytest.param((3, 26), (4, 26), id="another number of people"),
        pytest.param((26,), (4, 26), id="one person"),
        pytest.param((26,), (26,), id="no people"),
        pytest.param((2, 4, 26), (2, 4, 26), id="one dimension more"),
    ],
)
def test_labels_and_outputs_that_do_not_fit_are_an_error(kind, arguments, labels, outputs):
    loss = kind(**arguments, reduction="sum")
    with pytest.raises(EmoError, match="expected y_true and y_pred of one shape") as caught:
        loss(np.zeros(labels), np.zeros(outputs), sample_weight=np.ones(4))
    assert str(labels) in str(caught.value)
    assert str(outputs) in str(caught.value)


@ALL
@pytest.mark.parametrize(
    ("labels", "outputs"),
    [
        pytest.param((None, 26), (None, 25), id="another number of outputs"),
        pytest.param((None, None), (None, None), id="unknown number of outputs"),
    ],
)
def test_shapes_that_do_not_fit_are_an_error_when_the_graph_is_traced(
    kind, arguments, labels, outputs
):
    loss = kind(**arguments, reduction="sum")
    compiled = tf.function(lambda *batch: loss(*batch), autograph=False)
    with pytest.raises(EmoError, match=r"y_true of shape \(None, .*y_pred of shape \(None, "):
        compiled.get_concrete_function(tf.TensorSpec(labels), tf.TensorSpec(outputs))


def test_labels_that_do_not_fit_are_an_error_in_keras_own_training_too():
    model = two_headed()
    model.compile("sgd", loss={"vad": VadSmoothL1(reduction="sum"), "score": None})
    features, labels = two_headed_batch()
    with pytest.raises(EmoError, match=r"y_true of shape \(None, 2\), y_pred .* \(None, 3\)"):
        model.fit(features, labels | {"vad": labels["vad"][:, :2]}, verbose=0)


@ALL
@pytest.mark.parametrize("reduction", ["none", None, "sum_over_batch_size", "total"])
def test_another_reduction_is_an_error(kind, arguments, reduction):
    with pytest.raises(EmoError, match=f"Unknown reduction: .*sum.*Received: {reduction!r}"):
        kind(**arguments, reduction=reduction)


@ALL
def test_a_reduction_has_to_be_chosen(kind, arguments):
    with pytest.raises(TypeError, match="reduction"):
        kind(**arguments)

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from emo_tf.errors import EmoError
from emo_tf.training.config import Schedule
from emo_tf.training.optimizers import Optimizers
from tests.training.small_steps import batch, make_optimizers, make_step, small_net

STEPS = 6


def layer_net(*names: str) -> keras.Model:
    """Returns a model of two dense layers of 3 units or batch normalisations, named as given."""
    x = features = keras.Input((3,))
    for name in names:
        is_norm = name.startswith("norm")
        x = layers.BatchNormalization(name=name)(x) if is_norm else layers.Dense(3, name=name)(x)
    return keras.Model(features, x, name="layer_net")


@pytest.fixture
def one_layer() -> keras.Model:
    """A dense layer with uneven weights."""
    model = layer_net("dense")
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.weights])
    return model


def gradients_of(optimizers: Optimizers, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=v.shape).astype(np.float32) for v in optimizers.trained]


def take(optimizers: Optimizers, gradients: list[np.ndarray]) -> None:
    optimizers.apply([tf.constant(gradient) for gradient in gradients])


def torch_adam(weight, gradients, *, l2, amsgrad):
    """PyTorch's documentation of `torch.optim.Adam`, with its names."""
    m = v = v_max = 0
    for t, gradient in enumerate(gradients, start=1):
        g = gradient + l2 * weight
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        v_max = np.maximum(v_max, v) if amsgrad else v
        m_hat, v_hat = m / (1 - 0.9**t), v_max / (1 - 0.999**t)
        weight = weight - 0.1 * m_hat / (np.sqrt(v_hat) + 1e-8)
    return weight


def torch_sgd(weight, gradients, *, l2, momentum, nesterov):
    """PyTorch's documentation of `torch.optim.SGD`, with its names."""
    b = 0
    for gradient in gradients:
        g = gradient + l2 * weight
        b = momentum * b + g
        weight = weight - 0.1 * (g + momentum * b if nesterov else b)
    return weight


def torch_adagrad(weight, gradients, *, l2):
    """PyTorch's documentation of `torch.optim.Adagrad`, with its names."""
    state_sum = 0
    for gradient in gradients:
        g = gradient + l2 * weight
        state_sum = state_sum + g**2
        weight = weight - 0.1 * g / (np.sqrt(state_sum) + 1e-10)
    return weight


@pytest.mark.parametrize(
    ("formula", "settings"),
    [
        pytest.param(torch_adam, {"l2": 0.0, "amsgrad": False}, id="adam"),
        pytest.param(torch_adam, {"l2": 0.3, "amsgrad": False}, id="adam with l2"),
        pytest.param(torch_adam, {"l2": 0.3, "amsgrad": True}, id="amsgrad with l2"),
        pytest.param(
            torch_sgd, {"l2": 0.3, "momentum": 0.8, "nesterov": False}, id="momentum with l2"
        ),
        pytest.param(
            torch_sgd, {"l2": 0.3, "momentum": 0.8, "nesterov": True}, id="nesterov with l2"
        ),
        pytest.param(torch_adagrad, {"l2": 0.3}, id="adagrad with l2"),
    ],
)
def test_steps_are_those_of_pytorch(one_layer, formula, settings):
    name = formula.__name__.removeprefix("torch_")
    optimizers = make_optimizers(one_layer, name=name, learning_rate=0.1, **settings)
    before = one_layer.get_weights()
    # Less and less, so that the largest second moment is not the last.
    gradients = [
        [gradient * 0.3**step for gradient in gradients_of(optimizers, step)]
        for step in range(STEPS)
    ]
    for step in gradients:
        take(optimizers, step)
    for weight, start, own in zip(
        one_layer.get_weights(), before, zip(*gradients, strict=True), strict=True
    ):
        expected = formula(start.astype(np.float64), own, **settings)
        np.testing.assert_allclose(weight, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["sgd", "adam", "adagrad"])
def test_decoupled_decay_takes_its_share_off_kernels_alone(name):
    model = layer_net("gamma_dense", "norm", "dense")
    model.set_weights([np.ones(weight.shape) for weight in model.weights])
    optimizers = make_optimizers(model, name=name, learning_rate=0.1, weight_decay=0.5)
    for _ in range(2):
        take(optimizers, [np.zeros(v.shape, np.float32) for v in optimizers.trained])
    for weight in model.weights:
        left = 0.95**2 if weight.name == "kernel" else 1.0
        np.testing.assert_allclose(weight.numpy(), left, rtol=1e-6, err_msg=weight.path)


@pytest.mark.parametrize(("longest", "factor"), [(2.0, 0.4), (10.0, 1.0)], ids=["long", "short"])
def test_gradients_are_clipped_by_the_length_of_all_together(one_layer, longest, factor):
    optimizers = make_optimizers(
        one_layer, name="sgd", learning_rate=1.0, momentum=0.0, clip_norm=longest
    )
    before = one_layer.get_weights()
    gradients = [np.zeros(v.shape, np.float32) for v in optimizers.trained]
    gradients[0][0, 0], gradients[1][0] = 3, 4  # of length 5
    take(optimizers, gradients)
    for weight, start, gradient in zip(one_layer.get_weights(), before, gradients, strict=True):
        np.testing.assert_allclose(weight, start - factor * gradient, rtol=1e-5, atol=1e-6)


def test_the_penalty_is_not_clipped(one_layer):
    settings = {"name": "sgd", "learning_rate": 1.0, "momentum": 0.0}
    optimizers = make_optimizers(one_layer, l2=0.5, clip_norm=1e-9, **settings)
    before = one_layer.get_weights()
    take(optimizers, gradients_of(optimizers, 0))
    for weight, start in zip(one_layer.get_weights(), before, strict=True):
        np.testing.assert_allclose(weight, 0.5 * start, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("path", ["body", "body/dense", "head/fc1"])
def test_frozen_layers_keep_their_weights_while_others_move(path):
    model = small_net()
    take_step = make_step(model, freeze=(path,), l2=0.1, weight_decay=0.1, momentum=0.9)
    before = [variable.numpy() for variable in model.trainable_variables]
    for seed in range(2):
        take_step(batch(seed=seed))
    *folders, name = path.split("/")
    layer = model.get_layer(folders[0]).get_layer(name) if folders else model.get_layer(name)
    frozen = {id(variable) for variable in layer.trainable_variables}
    assert frozen
    for variable, start in zip(model.trainable_variables, before, strict=True):
        moved = not np.array_equal(variable.numpy(), start)
        assert moved == (id(variable) not in frozen), variable.path


@pytest.mark.parametrize("kind", ["batch", "averaged"])
def test_normalisation_in_a_frozen_layer_goes_by_what_is_asked_for(kind):
    model = small_net()
    take_step = make_step(model, freeze=("body",), frozen_batch_norm=kind)
    body = model.get_layer("body")
    norm = body.get_layer("norm")
    before = body.get_weights()
    take_step(batch())
    values = body.get_layer("dense")(batch()["x"]).numpy()
    for statistic, of_batch in (
        (norm.moving_mean, values.mean(axis=0)),
        (norm.moving_variance, values.var(axis=0)),
    ):
        place = next(i for i, v in enumerate(body.weights) if v is statistic)
        expected = before[place]
        if kind == "batch":
            expected = 0.8 * expected + 0.2 * of_batch
        np.testing.assert_allclose(statistic.numpy(), expected, rtol=1e-5)
    in_training, in_inference = (body(batch()["x"], training=t).numpy() for t in (True, False))
    assert np.allclose(in_training, in_inference) == (kind == "averaged")


def test_the_longest_path_says_the_rate_and_adams_first_step_is_as_long():
    model = small_net()
    optimizers = make_optimizers(
        model, name="adam", learning_rate=1e-2, rates={"head/fc1": 0.1, "head": 0.5}
    )
    before = [variable.numpy() for variable in optimizers.trained]
    take(optimizers, [np.full(v.shape, -3, np.float32) for v in optimizers.trained])
    head = model.get_layer("head")
    tenth = {id(v) for v in head.get_layer("fc1").weights}
    half = {id(v) for v in head.get_layer("fc2").weights}
    assert len(optimizers.trained) == 8
    for variable, start in zip(optimizers.trained, before, strict=True):
        factor = 0.1 if id(variable) in tenth else 0.5 if id(variable) in half else 1.0
        moved = variable.numpy() - start
        np.testing.assert_allclose(moved, factor * 1e-2, rtol=1e-4, err_msg=variable.path)


def test_all_rates_follow_one_schedule():
    model = layer_net("first", "second")
    optimizers = make_optimizers(
        model,
        name="sgd",
        momentum=0.0,
        learning_rate=1.0,
        rates={"second": 0.1},
        schedule=Schedule(name="step", warmup_epochs=2, step_epochs=3, gamma=0.5),
    )
    ones = [np.ones(v.shape, np.float32) for v in optimizers.trained]
    for expected in (0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 0.5):
        assert optimizers.learning_rate == pytest.approx(expected)
        before = model.get_weights()
        take(optimizers, ones)
        moved = [start - weight for start, weight in zip(before, model.get_weights(), strict=True)]
        for difference, factor in zip(moved, (1, 1, 0.1, 0.1), strict=True):
            np.testing.assert_allclose(difference, expected * factor, rtol=1e-4, atol=1e-6)
    assert int(optimizers.steps.numpy()) == 7


def test_the_variables_are_all_that_the_optimizers_remember():
    settings = {"name": "adam", "amsgrad": True, "rates": {"first": 0.1, "second": 0.5}}
    schedule = Schedule(name="cosine", warmup_epochs=1)
    model, other = (layer_net("first", "second", "third") for _ in range(2))
    optimizers, revived = (
        make_optimizers(m, schedule=schedule, **settings) for m in (model, other)
    )
    for seed in range(3):
        take(optimizers, gradients_of(optimizers, seed))
    other.set_weights(model.get_weights())
    for variable, value in zip(revived.variables, optimizers.variables, strict=True):
        variable.assign(value)
    assert int(revived.steps.numpy()) == 3
    for own in (optimizers, revived):
        take(own, gradients_of(own, 3))
    for weight, expected in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param(
            {"freeze": ("head/fc3",)},
            r"^optimizer\.freeze: Unknown layer head/fc3 of small_net: did you mean fc2 or fc1\? "
            r"Received: 'fc3'$",
            id="freeze",
        ),
        pytest.param(
            {"freeze": ("bodi",), "frozen_batch_norm": "averaged"},
            r"^optimizer\.freeze: .* did you mean body\?",
            id="freeze by averages",
        ),
        pytest.param(
            {"rates": {"heads/fc1": 0.1}},
            r"^optimizer\.rates: .* did you mean head\? Received: 'heads'$",
            id="rates",
        ),
        pytest.param(
            {"freeze": ("head/fc1/kernel",)},
            r"expected a model that has kernel\. Received: fc1, without layers$",
            id="path that goes on",
        ),
        pytest.param(
            {"freeze": ("body", "head")},
            r"^optimizer\.freeze: expected weights left to train\. Received: .*'body', 'head'",
            id="all frozen",
        ),
        pytest.param(
            {"freeze": ("body", "head"), "frozen_batch_norm": "averaged"},
            r"^optimizer\.freeze: expected weights left to train\.",
            id="all frozen by averages",
        ),
    ],
)
def test_paths_that_cannot_be_are_errors(settings, message):
    with pytest.raises(EmoError, match=message):
        make_optimizers(small_net(), **settings)

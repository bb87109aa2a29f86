import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf import models
from emo_tf.models.context_fusion import BRANCHES
from emo_tf.models.fusion_head import fusion_head

SMALL = {"scene_size": (48, 40), "body_size": (32, 36)}
FIRST, DEEP = "conv1", "layer4.1.conv2"

Arrays = dict[str, np.ndarray]


@pytest.fixture
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    return models.create("context_fusion", **SMALL)


@pytest.fixture(scope="module")
def inputs() -> Arrays:
    rng = np.random.default_rng(0)
    sizes = {"scene": SMALL["scene_size"], "body": SMALL["body_size"]}
    return {
        branch: rng.integers(0, 256, (4, *size, 3)).astype(np.float32)
        for branch, size in sizes.items()
    }


@pytest.fixture(scope="module")
def targets() -> Arrays:
    rng = np.random.default_rng(1)
    return {
        "score": rng.integers(0, 2, (4, 26)).astype(np.float32),
        "vad": rng.uniform(1, 10, (4, 3)).astype(np.float32),
    }


def part(model: keras.Model, branch: str, layer: str) -> keras.layers.Layer:
    return model.get_layer(f"{branch}_backbone").get_layer(layer)


@pytest.mark.parametrize("output", ["score", "vad"])
def test_a_gradient_of_each_output_reaches_both_branches(model, inputs, output):
    kernels = [part(model, branch, name).kernel for branch in BRANCHES for name in (FIRST, DEEP)]
    own, other = ("fc_cat", "fc_cont") if output == "score" else ("fc_cont", "fc_cat")
    kernels += [model.get_layer("head").get_layer(name).kernel for name in ("fc1", own, other)]
    with tf.GradientTape() as tape:
        loss = keras.ops.mean(keras.ops.square(model(inputs, training=True)[output]))
    *gradients, of_other = tape.gradient(loss, [kernel.value for kernel in kernels])
    assert of_other is None
    for gradient in gradients:
        assert np.isfinite(gradient).all()
        assert np.abs(gradient).max() > 0


def test_a_training_step_moves_both_branches_and_takes_in_a_tenth_of_the_new_statistics(
    model, inputs, targets
):
    maps, before = {}, {}
    for branch in BRANCHES:
        standardised = keras.Model(model.input, model.get_layer(f"{branch}_standardised").output)
        first = part(model, branch, FIRST)
        backbone = model.get_layer(f"{branch}_backbone")
        maps[branch] = np.asarray(keras.Model(backbone.input, first.output)(standardised(inputs)))
        before[branch] = first.get_weights()[0].copy()
    model.compile(
        keras.optimizers.Adam(1e-4), loss={"score": "mse", "vad": "mse"}, run_eagerly=True
    )
    assert np.isfinite(model.train_on_batch(inputs, targets)).all()
    for branch in BRANCHES:
        norm = part(model, branch, "bn1")
        mean, variance = (np.asarray(f(maps[branch], axis=(0, 1, 2))) for f in (np.mean, np.var))
        np.testing.assert_allclose(norm.moving_mean, 0.1 * mean, rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(norm.moving_variance, 0.9 + 0.1 * variance, rtol=1e-3)
        assert (part(model, branch, FIRST).get_weights()[0] != before[branch]).any()


def test_an_answer_leaves_the_model_as_it_was(model, inputs):
    before = [weight.copy() for weight in model.get_weights()]
    model(inputs, training=False)
    for found, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_features_are_dropped_in_training_alone():
    head = fusion_head({"body": 6}, units=32, dropout=0.5)
    features = {"body": np.random.default_rng(0).standard_normal((8, 6), np.float32)}
    once, again = (np.asarray(head(features, training=True)["score"]) for _ in range(2))
    assert (once != again).any()
    once, again = (np.asarray(head(features, training=False)["score"]) for _ in range(2))
    np.testing.assert_array_equal(once, again)

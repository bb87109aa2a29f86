import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from emo_tf.training.batch_norm import FusedBatchNormalization, training_form

SHAPE = (5, 6, 7, 4)  # B, H, W, C


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.normal(size=SHAPE) * [1, 5, 0.2, 2] + [0, 3, -1, 0]).astype(np.float32)


def both(**arguments) -> tuple[keras.Layer, keras.Layer]:
    """Returns Keras' layer and the fused one with the same uneven weights."""
    rng = np.random.default_rng(1)
    pair = layers.BatchNormalization(**arguments), FusedBatchNormalization(**arguments)
    weights = [rng.uniform(0.5, 2, SHAPE[-1]) for _ in range(4)]
    for layer in pair:
        layer.build(SHAPE)
        layer.set_weights(weights)
    return pair


def train(layer: keras.Layer, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """Returns the outputs, gradients and moving statistics of one training step."""
    inputs = tf.constant(pixels)
    weighting = tf.constant(np.random.default_rng(2).normal(size=SHAPE), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, training=True)
        loss = tf.reduce_sum(weighting * tf.cast(outputs, tf.float32) ** 2)
    gradients = tape.gradient(loss, [inputs, layer.gamma.value, layer.beta.value])
    return {
        "outputs": outputs.numpy(),
        "d inputs": gradients[0].numpy(),
        "d gamma": gradients[1].numpy(),
        "d beta": gradients[2].numpy(),
        "moving mean": layer.moving_mean.numpy(),
        "moving variance": layer.moving_variance.numpy(),
    }


def test_a_training_step_is_that_of_keras(pixels):
    plain, fused = (train(layer, pixels) for layer in both(momentum=0.8, epsilon=1e-2))
    for name, expected in plain.items():
        scale = np.abs(expected).max()
        np.testing.assert_allclose(fused[name], expected, atol=2e-5 * scale, err_msg=name)


def test_moving_statistics_follow_the_biased_variance(pixels):
    _, fused = both(momentum=0.8)
    before = fused.moving_variance.numpy()
    fused(pixels, training=True)
    expected = 0.8 * before + 0.2 * pixels.var(axis=(0, 1, 2))
    np.testing.assert_allclose(fused.moving_variance.numpy(), expected, rtol=1e-4)


def test_inference_is_that_of_keras_and_changes_nothing(pixels):
    plain, fused = both(epsilon=1e-2)
    before = fused.get_weights()
    np.testing.assert_allclose(fused(pixels), plain(pixels), rtol=1e-6)
    np.testing.assert_allclose(fused(pixels, training=False), plain(pixels), rtol=1e-6)
    for weight, was in zip(fused.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, was)


def test_a_frozen_layer_normalises_by_its_moving_statistics(pixels):
    plain, fused = both()
    plain.trainable = fused.trainable = False
    np.testing.assert_allclose(fused(pixels, training=True), plain(pixels), rtol=1e-6)


def test_half_precision_goes_in_and_out_with_statistics_in_full(pixels):
    plain, fused = both(dtype="mixed_bfloat16", momentum=0.8)
    halves = tf.cast(pixels, tf.bfloat16)
    expected, found = plain(halves, training=True), fused(halves, training=True)
    assert found.dtype == tf.bfloat16
    np.testing.assert_allclose(
        tf.cast(found, tf.float32), tf.cast(expected, tf.float32), rtol=0.02, atol=0.02
    )
    for weight, other in zip(fused.weights, plain.weights, strict=True):
        assert weight.dtype == "float32"
        np.testing.assert_allclose(weight.numpy(), other.numpy(), rtol=2e-3)


@pytest.fixture(scope="module")
def models():
    keras.utils.set_random_seed(0)
    image = keras.Input((None, None, 4), name="image")
    x = layers.Conv2D(3, 3, name="conv")(image)
    x = layers.BatchNormalization(momentum=0.7, epsilon=1e-2, name="norm")(x)
    x = layers.Add(name="add")([x, layers.ReLU(name="relu")(x)])
    x = layers.BatchNormalization(name="second_norm")(x)
    model = keras.Model(image, layers.GlobalAveragePooling2D(name="pool")(x), name="net")
    model.set_weights([weight + 0.1 * index for index, weight in enumerate(model.get_weights())])
    return model, training_form(model)


def test_a_model_keeps_its_names_and_the_order_of_its_weights(models):
    plain, fused = models
    assert fused.name == plain.name
    assert [layer.name for layer in fused.layers] == [layer.name for layer in plain.layers]
    assert [weight.path for weight in fused.weights] == [weight.path for weight in plain.weights]
    for weight, expected in zip(fused.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)
    norm = fused.get_layer("norm")
    assert isinstance(norm, FusedBatchNormalization)
    assert (norm.momentum, norm.epsilon) == (0.7, 1e-2)


def test_a_model_answers_alike_in_training_and_inference(models, pixels):
    plain, fused = models
    for training in (False, True, False):  # the last one by the statistics that training moved
        expected = plain(pixels, training=training)
        np.testing.assert_allclose(fused(pixels, training=training), expected, atol=1e-5)


def test_the_two_models_share_no_weights(models):
    plain, fused = models
    before = plain.get_layer("conv").kernel.numpy()
    fused.get_layer("conv").kernel.assign_add(tf.ones_like(before))
    np.testing.assert_array_equal(plain.get_layer("conv").kernel.numpy(), before)

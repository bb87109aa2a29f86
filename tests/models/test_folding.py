import keras
import numpy as np
import pytest
from keras import layers

from emo_tf import models
from emo_tf.models.context_fusion import context_fusion
from emo_tf.models.folding import fold_batch_norm


def with_random_weights(model: keras.Model) -> keras.Model:
    """Fills every weight, moving statistics too, so that none is at its start."""
    rng = np.random.default_rng(3)
    for weight in model.weights:
        low, high = (0.5, 1.5) if "variance" in weight.path else (-0.2, 0.3)
        weight.assign(rng.uniform(low, high, weight.shape))
    return model


def norms(model: keras.Model) -> list[str]:
    return [
        layer.name
        for layer in model._flatten_layers()
        if isinstance(layer, layers.BatchNormalization)
    ]


def assert_infers_alike(model: keras.Model, folded: keras.Model, inputs) -> None:
    expected = keras.tree.flatten(model.predict(inputs, verbose=0))
    for ours, theirs in zip(
        keras.tree.flatten(folded.predict(inputs, verbose=0)), expected, strict=True
    ):
        assert np.ptp(theirs) > 0
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5 * np.abs(theirs).max())


@pytest.mark.parametrize(
    "layer",
    [
        layers.Conv2D(6, 3, use_bias=False),
        layers.Conv2D(6, 3),
        layers.DepthwiseConv2D(3, depth_multiplier=2),
        layers.Dense(5, use_bias=False),
    ],
    ids=["convolution", "convolution with bias", "depthwise", "dense"],
)
def test_a_norm_goes_into_the_layer_before_it(layer):
    image = keras.Input((8, 8, 3))
    x = layers.BatchNormalization(epsilon=0.01, name="norm")(layer(image))
    model = with_random_weights(keras.Model(image, layers.ReLU()(x)))
    folded = fold_batch_norm(model)
    assert norms(folded) == []
    assert folded.get_layer(layer.name).use_bias
    picture = np.random.default_rng(0).normal(size=(2, 8, 8, 3))
    assert_infers_alike(model, folded, picture)


def test_a_norm_stays_where_another_layer_looks_at_what_comes_before_it():
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, name="conv")(image)
    outputs = layers.Add()([x, layers.BatchNormalization(name="kept")(x)])
    model = with_random_weights(keras.Model(image, outputs))
    folded = fold_batch_norm(model)
    assert norms(folded) == ["kept"]
    assert_infers_alike(model, folded, np.random.default_rng(0).normal(size=(2, 8, 8, 3)))


@pytest.mark.parametrize("arguments", [{"scale": False}, {"center": False}], ids=str)
def test_a_norm_without_a_scale_or_a_shift_folds_too(arguments):
    image = keras.Input((8, 8, 3))
    x = layers.BatchNormalization(**arguments)(layers.Conv2D(4, 3)(image))
    model = with_random_weights(keras.Model(image, x))
    folded = fold_batch_norm(model)
    assert norms(folded) == []
    assert_infers_alike(model, folded, np.random.default_rng(0).normal(size=(2, 8, 8, 3)))


def test_layers_that_are_used_twice_are_left_alone():
    image = keras.Input((8, 8, 3))
    conv, norm = layers.Conv2D(3, 3, padding="same"), layers.BatchNormalization(name="kept")
    model = with_random_weights(keras.Model(image, norm(conv(norm(conv(image))))))
    folded = fold_batch_norm(model)
    assert norms(folded) == ["kept"]
    assert_infers_alike(model, folded, np.random.default_rng(0).normal(size=(2, 8, 8, 3)))


@pytest.mark.parametrize(
    "before",
    [layers.Conv2D(4, 3, activation="relu"), layers.ReLU(), layers.MaxPooling2D(2)],
    ids=["an activation inside", "an activation", "a pool"],
)
def test_a_norm_stays_behind_what_is_not_linear(before):
    image = keras.Input((8, 8, 4))
    model = keras.Model(image, layers.BatchNormalization(name="kept")(before(image)))
    folded = fold_batch_norm(with_random_weights(model))
    assert norms(folded) == ["kept"]
    assert_infers_alike(model, folded, np.random.default_rng(0).normal(size=(2, 8, 8, 4)))


def test_what_the_model_puts_out_stays_in_it():
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, name="conv")(image)
    outputs = {"before": x, "after": layers.BatchNormalization(name="kept")(x)}
    model = with_random_weights(keras.Model(image, outputs))
    folded = fold_batch_norm(model)
    assert_infers_alike(model, folded, np.random.default_rng(0).normal(size=(2, 8, 8, 3)))


def test_operations_that_are_no_layers_stay():
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, name="conv")(keras.ops.image.rgb_to_grayscale(image))
    model = with_random_weights(keras.Model(image, layers.BatchNormalization()(keras.ops.abs(x))))
    folded = fold_batch_norm(model)
    assert_infers_alike(model, folded, np.random.default_rng(0).normal(size=(2, 8, 8, 3)))


def test_the_expression_net_and_its_norms():
    model = with_random_weights(
        models.create("expression_net", stage_filters=(4, 6, 8), stem_filters=4, squeeze_ratio=2)
    )
    folded = fold_batch_norm(model)
    assert norms(folded) == []
    pixels = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1), np.uint8)
    assert_infers_alike(model, folded, pixels)
    assert folded.count_params() < model.count_params()


@pytest.mark.slow
def test_models_inside_are_folded_too_and_the_original_stays_as_it_was():
    model = with_random_weights(context_fusion(scene_size=(64, 96), body_size=(64, 32)))
    before = model.get_weights()
    folded = fold_batch_norm(model)
    assert norms(folded) == []
    assert len(norms(model)) == 41
    for ours, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, kept)
    rng = np.random.default_rng(0)
    people = {
        "scene": rng.integers(0, 256, (2, 64, 96, 3), np.uint8),
        "body": rng.integers(0, 256, (2, 64, 32, 3), np.uint8),
    }
    assert_infers_alike(model, folded, people)

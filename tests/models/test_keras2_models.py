"""Models of Keras 2 rebuilt: what they compute, and what is refused."""

import keras
import numpy as np
import pytest

from emo_tf.models.keras2_weights import keras2_model
from tests.keras2_files import (
    INITIALIZERS,
    WINDOW,
    branching,
    branching_weights,
    dense,
    face_probabilities,
    layer,
    sequential,
    small_face_net,
    small_face_weights,
)


def test_a_sequential_model_computes_what_it_did():
    weights, faces = small_face_weights(), np.random.default_rng(1).random((3, 8, 8, 3))
    model = keras2_model(small_face_net(), weights, source="model.h5")
    expected = [face_probabilities(face, weights) for face in faces]
    np.testing.assert_allclose(model(faces), expected, atol=1e-6)
    assert [inside.name for inside in model.layers][1:3] == ["zero_padding2d_8", "conv2d_8"]


def test_a_list_of_layers_as_before_version_2_2_3_is_read():
    old = small_face_net()
    old["config"] = old["config"]["layers"]
    weights, faces = small_face_weights(), np.random.default_rng(1).random((1, 8, 8, 3))
    model = keras2_model(old, weights, source="model.h5")
    np.testing.assert_allclose(model(faces)[0], face_probabilities(faces[0], weights), atol=1e-6)


@pytest.mark.parametrize("prefix", ["", "outer/", "x_"], ids=["names", "paths", "other-names"])
def test_a_model_inside_another_that_is_called_twice_computes_what_it_did(prefix):
    weights = branching_weights(prefix)
    beta, kernel, bias, mean, variance = weights["inside"].values()
    x = np.random.default_rng(3).normal(size=(2, 4))

    def inside(y):
        return (np.tanh(y @ kernel + bias) - mean) / np.sqrt(variance + 0.001) + beta

    summed = inside(inside(x)) + x
    expected = np.where(summed > 0, summed, 0.25 * summed)
    model = keras2_model(branching(), weights, source="model.h5")
    np.testing.assert_allclose(model(x), expected, atol=1e-5)


def test_a_model_may_begin_with_a_model_inside():
    weights, faces = small_face_weights(), np.random.default_rng(1).random((2, 8, 8, 3))
    outer = sequential([small_face_net(), dense("dense_7", 2, "linear")], name="outer")
    arrays = {name: array for arrays in weights.values() for name, array in arrays.items()}
    last = {"dense_7/kernel:0": np.eye(3, 2), "dense_7/bias:0": np.ones(2)}
    model = keras2_model(outer, {"sequential_2": arrays, "dense_7": last}, source="model.h5")
    expected = [face_probabilities(face, weights)[:2] + 1 for face in faces]
    np.testing.assert_allclose(model(faces), expected, atol=1e-6)


SHAPE = {"batch_input_shape": [None, 6, 6, 2]}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param(
            layer("GlobalAveragePooling2D", "x", data_format="channels_last"),
            lambda x: x.mean(axis=(1, 2)),
            id="mean",
        ),
        pytest.param(
            layer("GlobalMaxPooling2D", "x", data_format=None), lambda x: x.max((1, 2)), id="max"
        ),
        pytest.param(
            layer("AveragePooling2D", "x", **WINDOW | {"strides": [2, 2]}, pool_size=[2, 2]),
            lambda x: x.reshape(-1, 3, 2, 3, 2, 2).mean(axis=(2, 4)),
            id="average pooling",
        ),
        pytest.param(
            layer("Cropping2D", "x", cropping=[[1, 2], [0, 3]], data_format="channels_last"),
            lambda x: x[:, 1:4, :3],
            id="cropping",
        ),
        pytest.param(
            layer("ReLU", "x", max_value=0.5, negative_slope=0.0, threshold=0.0),
            lambda x: np.clip(x, 0, 0.5),
            id="capped",
        ),
        pytest.param(
            layer("Activation", "x", activation="softsign"),
            lambda x: x / (1 + abs(x)),
            id="activation",
        ),
        pytest.param(
            layer("SpatialDropout2D", "x", rate=0.3, noise_shape=None, seed=None),
            lambda x: x,
            id="dropout",
        ),
        pytest.param(
            layer("Reshape", "x", target_shape=[12, 6]),
            lambda x: x.reshape(-1, 12, 6),
            id="reshape",
        ),
    ],
)
def test_layers_without_weights_do_what_they_did(entry, expected):
    entry["config"] |= SHAPE
    x = np.random.default_rng(4).normal(size=(2, 6, 6, 2))
    model = keras2_model(sequential([entry]), {}, source="model.h5")
    np.testing.assert_allclose(model(x), expected(x), atol=1e-6)


def test_separable_convolutions_and_slopes_come_with_their_weights():
    rng = np.random.default_rng(5)
    settings = {**WINDOW, **INITIALIZERS, "kernel_size": [1, 1], "dilation_rate": [1, 1]}
    settings |= {"depth_multiplier": 1, "activation": "linear", "use_bias": True}
    net = sequential(
        [
            layer("SeparableConv2D", "s", filters=3, **settings, **SHAPE),
            layer("PReLU", "p", shared_axes=[1, 2], alpha_initializer=None),
            layer("DepthwiseConv2D", "d", **settings),
        ]
    )
    weights = {
        "s": {
            "s/depthwise_kernel:0": rng.normal(size=(1, 1, 2, 1)),
            "s/pointwise_kernel:0": rng.normal(size=(1, 1, 2, 3)),
            "s/bias:0": rng.normal(size=3),
        },
        "p": {"p/alpha:0": rng.normal(size=(1, 1, 3))},
        "d": {
            "d/depthwise_kernel:0": rng.normal(size=(1, 1, 3, 1)),
            "d/bias:0": rng.normal(size=3),
        },
    }
    x = rng.normal(size=(2, 6, 6, 2))
    deep, point, bias = weights["s"].values()
    y = (x * deep[0, 0, :, 0]) @ point[0, 0] + bias
    y = np.where(y > 0, y, y * weights["p"]["p/alpha:0"])
    y = y * weights["d"]["d/depthwise_kernel:0"][0, 0, :, 0] + weights["d"]["d/bias:0"]
    model = keras2_model(net, weights, source="model.h5")
    np.testing.assert_allclose(model(x), y, atol=1e-5)


def test_a_rebuilt_model_survives_a_keras_file(tmp_path):
    model = keras2_model(branching(), branching_weights(), source="model.h5")
    model.save(tmp_path / "model.keras")
    x = np.random.default_rng(3).normal(size=(2, 4))
    revived = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(revived(x), model(x), atol=1e-6)

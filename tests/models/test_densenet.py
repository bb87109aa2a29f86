import json

import keras
import numpy as np
import pytest

from benchmarks.golden_weights import tensors_by_formula
from emo_tf import models
from emo_tf.models.torch_weights import assign, torch_shapes
from tests.torch_arithmetic import convolve, norm, windows

CLASSES = 7
FEATURES = 2208
LAYERS = {1: 6, 2: 12, 3: 36, 4: 24}


@pytest.fixture(scope="module")
def tensors(shared) -> dict[str, np.ndarray]:
    """Tensors by the names and shapes of torchvision's network, with a classifier of 7 classes."""
    shapes = json.loads((shared / "goldens" / "weight_names.json").read_text())["densenet161"]
    classifier = {"classifier.weight": (CLASSES, FEATURES), "classifier.bias": (CLASSES,)}
    return tensors_by_formula(shapes | classifier)


@pytest.fixture(scope="module")
def network(tensors) -> keras.Model:
    """The network for pictures of any size, filled."""
    model = models.create("densenet161", classes=CLASSES)
    assign(model, tensors, source="formula")
    return model


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((2, 3, height, width), np.float32)


def by_numpy(image: np.ndarray, tensors: dict[str, np.ndarray]) -> np.ndarray:
    """Returns the features as torchvision computes them from (B, 3, H, W)."""

    def new_maps(x: np.ndarray, name: str) -> np.ndarray:
        for place in (1, 2):
            x = np.maximum(norm(x, tensors, f"{name}.norm{place}"), 0)
            x = convolve(x, tensors[f"{name}.conv{place}.weight"])
        return x

    def halved(x: np.ndarray, name: str) -> np.ndarray:
        x = convolve(
            np.maximum(norm(x, tensors, f"{name}.norm"), 0), tensors[f"{name}.conv.weight"]
        )
        height, width = x.shape[2] // 2, x.shape[3] // 2
        x = x[:, :, : 2 * height, : 2 * width]
        return x.reshape(*x.shape[:2], height, 2, width, 2).mean(axis=(3, 5))

    x = convolve(image, tensors["features.conv0.weight"], 2)
    x = np.maximum(norm(x, tensors, "features.norm0"), 0)
    x = windows(x, 3, strides=2, outside=-np.inf).max(axis=(4, 5))
    for block, count in LAYERS.items():
        for layer in range(1, count + 1):
            name = f"features.denseblock{block}.denselayer{layer}"
            x = np.concatenate([x, new_maps(x, name)], axis=1)
        if block < len(LAYERS):
            x = halved(x, f"features.transition{block}")
    return np.maximum(norm(x, tensors, "features.norm5"), 0).mean(axis=(2, 3))


def test_tensors_have_torchvisions_names_order_and_shapes(network, tensors):
    expected = {name: tensor.shape for name, tensor in tensors.items()}
    assert list(torch_shapes(network).items()) == list(expected.items())


def test_a_network_without_classifier_has_as_many_parameters_as_torchvisions():
    model = models.create("densenet161", height=64, width=48)
    trainable = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    assert trainable + 1000 * (FEATURES + 1) == 28_681_000
    assert {name: output.shape for name, output in model.output.items()} == {
        "features": (None, FEATURES)
    }


@pytest.mark.parametrize("size", [(64, 32), (45, 67)], ids=["even", "odd"])
def test_features_and_logits_are_those_of_torchs_arithmetic(network, tensors, size):
    image = picture(*size)
    outputs = network(np.moveaxis(image, 1, -1), training=False)
    expected = by_numpy(image, tensors)
    assert np.abs(outputs["features"] - expected).max() <= 1e-4 * np.abs(expected).max()
    logits = expected @ tensors["classifier.weight"].T + tensors["classifier.bias"]
    assert np.abs(outputs["logits"] - logits).max() <= 1e-4 * np.abs(logits).max()


def test_normalisation_has_torchs_constants(network):
    norms = [
        layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert {(norm.epsilon, norm.momentum) for norm in norms} == {(1e-5, 0.9)}
    assert len(norms) == 161


@pytest.mark.slow
def test_a_saved_network_comes_back_as_it_was(network, tmp_path):
    network.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    image = np.moveaxis(picture(40, 33), 1, -1)
    expected = network(image, training=False)
    for name, found in revived(image, training=False).items():
        np.testing.assert_array_equal(found, expected[name])

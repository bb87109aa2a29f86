import json

import keras
import numpy as np
import pytest

from benchmarks.golden_weights import tensors_by_formula
from emo_tf import models
from emo_tf.models.torch_weights import assign, torch_shapes
from tests.torch_arithmetic import convolve, norm, windows

FEATURES = {"resnet18": 512, "resnet34": 512, "resnet50": 2048}
# Of torchvision's networks with their 1000 classes.
PARAMETERS = {"resnet18": 11_689_512, "resnet34": 21_797_672, "resnet50": 25_557_032}
CLASSES = 7
STAGES = (1, 2, 3, 4)


each = pytest.mark.parametrize("name", list(FEATURES))


@pytest.fixture(scope="module")
def networks() -> dict[str, keras.Model]:
    """Each network with a classifier, for any size."""
    return {name: models.create(name, classes=CLASSES) for name in FEATURES}


@pytest.fixture(scope="module")
def tensors(networks) -> dict[str, dict[str, np.ndarray]]:
    """What each network is filled with, by torch name; none is at its start."""
    filled = {}
    for name, network in networks.items():
        filled[name] = tensors_by_formula(torch_shapes(network))
        assign(network, filled[name], source="formula")
    return filled


def picture(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape, np.float32)


def trainable_numbers(model: keras.Model) -> int:
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


def by_numpy(image: np.ndarray, tensors: dict[str, np.ndarray]) -> np.ndarray:
    """Returns the features of a ResNet as torch computes them from (B, 3, H, W)."""

    def block(x: np.ndarray, name: str, strides: int) -> np.ndarray:
        shortcut = x
        if f"{name}.downsample.0.weight" in tensors:
            shortcut = convolve(x, tensors[f"{name}.downsample.0.weight"], strides)
            shortcut = norm(shortcut, tensors, f"{name}.downsample.1")
        count = 3 if f"{name}.conv3.weight" in tensors else 2
        # Of three convolutions the middle one strides, of two the first.
        for index in range(1, count + 1):
            kernel = tensors[f"{name}.conv{index}.weight"]
            x = norm(
                convolve(x, kernel, strides if index == count - 1 else 1),
                tensors,
                f"{name}.bn{index}",
            )
            x = np.maximum(x, 0) if index < count else x
        return np.maximum(x + shortcut, 0)

    x = np.maximum(norm(convolve(image, tensors["conv1.weight"], 2), tensors, "bn1"), 0)
    x = windows(x, 3, strides=2, outside=-np.inf).max(axis=(4, 5))
    for stage in STAGES:
        index = 0
        while f"layer{stage}.{index}.conv1.weight" in tensors:
            x = block(x, f"layer{stage}.{index}", 2 if stage > 1 and index == 0 else 1)
            index += 1
    return x.mean(axis=(2, 3))


@each
@pytest.mark.parametrize("size", [(45, 33), (32, 50)], ids=str)
def test_features_are_those_of_torchs_arithmetic_at_even_and_odd_sizes(
    networks, tensors, name, size
):
    image = picture(2, 3, *size)
    expected = by_numpy(image, tensors[name])
    found = networks[name](np.moveaxis(image, 1, -1), training=False)["features"]
    assert found.shape == (2, FEATURES[name])
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()


def test_the_classifier_is_linear_in_the_features(networks, tensors):
    outputs = networks["resnet18"](picture(2, 40, 40, 3), training=False)
    given = tensors["resnet18"]
    expected = np.asarray(outputs["features"]) @ given["fc.weight"].T + given["fc.bias"]
    np.testing.assert_allclose(outputs["logits"], expected, rtol=1e-4, atol=1e-4)


@each
def test_a_network_has_as_many_parameters_as_torchvisions(networks, name):
    more_classes = (1000 - CLASSES) * (FEATURES[name] + 1)
    assert trainable_numbers(networks[name]) + more_classes == PARAMETERS[name]


def test_a_network_without_classifier_returns_features_alone():
    model = models.create("resnet34")
    assert {name: output.shape for name, output in model.output.items()} == {
        "features": (None, 512)
    }
    assert trainable_numbers(model) == 21_284_672


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_tensors_have_torchvisions_names_and_shapes(networks, name, shared):
    golden = json.loads((shared / "goldens" / "weight_names.json").read_text())[name]
    classifier = {"fc.weight": (CLASSES, FEATURES[name]), "fc.bias": (CLASSES,)}
    expected = {tensor: tuple(shape) for tensor, shape in golden.items()} | classifier
    assert torch_shapes(networks[name]) == expected


@each
def test_a_stage_strides_where_torchvision_does(networks, name):
    middle = "conv2" if name == "resnet50" else "conv1"
    expected = {"conv1"} | {
        f"layer{stage}.0.{layer}" for stage in STAGES[1:] for layer in (middle, "downsample.0")
    }
    found = {
        layer.name
        for layer in networks[name].layers
        if isinstance(layer, keras.layers.Conv2D) and layer.strides == (2, 2)
    }
    assert found == expected


@each
def test_normalisation_has_torchs_constants(networks, name):
    network = networks[name]
    norms = [
        layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert {(norm.epsilon, norm.momentum) for norm in norms} == {(1e-5, 0.9)}
    assert len(norms) == sum(tensor.endswith("running_mean") for tensor in torch_shapes(network))


def test_a_saved_network_of_a_fixed_size_comes_back_as_it_was(tmp_path):
    model = models.create("resnet18", height=40, width=33, classes=3)
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    assert revived.input.shape == (None, 40, 33, 3)
    assert torch_shapes(revived) == torch_shapes(model)
    assert [layer.get_config() for layer in revived.layers] == [
        layer.get_config() for layer in model.layers
    ]
    image = picture(2, 40, 33, 3)
    expected = model(image, training=False)
    for name, found in revived(image, training=False).items():
        np.testing.assert_array_equal(found, expected[name])


def test_logits_stay_float32_in_mixed_precision():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = models.create("resnet18", height=32, width=32, classes=3)
    finally:
        keras.config.set_dtype_policy(before)
    assert model.get_layer("layer4.1.conv2").compute_dtype == "bfloat16"
    assert model.output["logits"].dtype == "float32"
    assert {weight.dtype for weight in model.weights} == {"float32"}

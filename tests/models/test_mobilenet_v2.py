import keras
import numpy as np
import pytest

from benchmarks.golden_weights import tensors_by_formula
from emo_tf import models
from emo_tf.models.mobilenet_v2 import GROUPS
from emo_tf.models.published import backbone_from_torch, fitting_architecture
from emo_tf.models.torch_weights import assign, torch_shapes
from tests.torch_arithmetic import convolve, norm, windows

CLASSES = 7
# Of torchvision's network with its 1000 classes.
PARAMETERS = 3_504_872

Tensors = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def network() -> keras.Model:
    """The network with a classifier, for any size."""
    return models.create("mobilenet_v2", classes=CLASSES)


@pytest.fixture(scope="module")
def tensors(network) -> Tensors:
    """What it is filled with, by torch name; none is at its start."""
    filled = tensors_by_formula(torch_shapes(network))
    assign(network, filled, source="formula")
    return filled


def depthwise(x: np.ndarray, kernel: np.ndarray, strides: int) -> np.ndarray:
    given = windows(x, 3, strides=strides, outside=0)  # (B, C, H, W, 3, 3)
    return np.einsum("bchwij,cij->bchw", given, kernel[:, 0])


def by_numpy(image: np.ndarray, tensors: Tensors) -> np.ndarray:
    """Returns the features of MobileNetV2 as torch computes them from (B, 3, H, W)."""

    def normalised(x: np.ndarray, name: str) -> np.ndarray:
        return np.clip(norm(x, tensors, name), 0, 6)

    def block(x: np.ndarray, name: str, strides: int) -> np.ndarray:
        shortcut, place = x, 0
        if f"{name}.conv.3.weight" in tensors:
            x = normalised(convolve(x, tensors[f"{name}.conv.0.0.weight"]), f"{name}.conv.0.1")
            place = 1
        kernel = tensors[f"{name}.conv.{place}.0.weight"]
        x = normalised(depthwise(x, kernel, strides), f"{name}.conv.{place}.1")
        x = convolve(x, tensors[f"{name}.conv.{place + 1}.weight"])
        x = norm(x, tensors, f"{name}.conv.{place + 2}")
        return x + shortcut if x.shape == shortcut.shape else x

    x = normalised(convolve(image, tensors["features.0.0.weight"], 2), "features.0.1")
    strides = [step if block == 0 else 1 for *_, count, step in GROUPS for block in range(count)]
    for number, step in enumerate(strides, 1):
        x = block(x, f"features.{number}", step)
    x = normalised(convolve(x, tensors["features.18.0.weight"]), "features.18.1")
    return x.mean(axis=(2, 3))


@pytest.mark.parametrize("size", [(65, 49), (64, 78)], ids=["odd", "even"])
def test_features_are_those_of_torchs_arithmetic_at_even_and_odd_sizes(network, tensors, size):
    image = np.random.default_rng(0).standard_normal((2, 3, *size), np.float32)
    expected = by_numpy(image, tensors)
    outputs = network(np.moveaxis(image, 1, -1), training=False)
    assert outputs["features"].shape == (2, 1280)
    assert np.abs(outputs["features"] - expected).max() <= 1e-4 * np.abs(expected).max()
    assert np.ptp(expected, axis=0).max() > 0.01 * np.abs(expected).max()
    logits = expected @ tensors["classifier.1.weight"].T + tensors["classifier.1.bias"]
    np.testing.assert_allclose(outputs["logits"], logits, rtol=1e-3, atol=1e-3)


def test_it_has_as_many_parameters_as_torchvisions(network):
    trainable = sum(int(np.prod(variable.shape)) for variable in network.trainable_variables)
    assert trainable + (1000 - CLASSES) * 1281 == PARAMETERS


def test_tensors_have_torchvisions_names_and_shapes(network):
    shapes = torch_shapes(network)
    # 52 convolutions, each with a normalisation of four tensors, and the classifier.
    assert len(shapes) == 52 * 5 + 2
    assert {
        "features.0.0.weight": (32, 3, 3, 3),
        "features.1.conv.0.0.weight": (32, 1, 3, 3),
        "features.1.conv.1.weight": (16, 32, 1, 1),
        "features.1.conv.2.running_var": (16,),
        "features.2.conv.0.0.weight": (96, 16, 1, 1),
        "features.2.conv.1.0.weight": (96, 1, 3, 3),
        "features.2.conv.2.weight": (24, 96, 1, 1),
        "features.17.conv.3.bias": (320,),
        "features.18.0.weight": (1280, 320, 1, 1),
        "classifier.1.weight": (CLASSES, 1280),
    }.items() <= shapes.items()


def test_weights_out_of_torchs_files_are_found_and_fill_it(network, tensors):
    assert fitting_architecture(tensors) == "mobilenet_v2"
    filled = backbone_from_torch("mobilenet_v2", tensors, source="mobilenet_v2.pth")
    for found, expected in zip(filled.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_network_without_classifier_returns_features_alone():
    model = models.create("mobilenet_v2", height=40, width=33)
    assert {name: output.shape for name, output in model.output.items()} == {
        "features": (None, 1280)
    }

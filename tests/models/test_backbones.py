from collections.abc import Iterable

import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.models.backbones import BACKBONES
from emo_tf.models.normalisation import IMAGENET

SIZE = (48, 64)
SIZES = {"sphere20a": (112, 96)}
"""Of those that take one size alone."""

FEATURES = {
    "convnext_tiny": 768,
    "densenet161": 2208,
    "efficientnet_v2_b0": 1280,
    "garg_plain": 512,
    "garg_vgg16": 256,
    "garg_vggface": 512,
    "garg_wide": 512,
    "mobilenet_v2": 1280,
    "mobilenet_v3_large": 960,
    "mobilenet_v3_small": 576,
    "resnet18": 512,
    "resnet34": 512,
    "resnet50": 2048,
    "small_grey_resnet": 672,
    "small_patch_resnet": 384,
    "small_resnet": 672,
    "sphere20a": 512,
    "tiny_resnet": 128,
}
LIGHT = ("mobilenet_v3_small", "resnet18", "small_resnet")


def build(name: str, **arguments) -> keras.Model:
    height, width = SIZES.get(name, SIZE)
    return BACKBONES.get(name).build(**{"height": height, "width": width} | arguments)


def pixels(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, height, width, 3)).astype(np.float32)


def each(names: Iterable[str]) -> pytest.MarkDecorator:
    """Returns a mark that runs a test on each of the backbones; the larger ones are slow."""
    slow = pytest.mark.slow
    cases = [pytest.param(name, marks=() if name in LIGHT else slow, id=name) for name in names]
    return pytest.mark.parametrize("name", cases)


def test_backbones_are_listed():
    assert BACKBONES.names() == tuple(FEATURES)
    assert BACKBONES.names("resnet*") == ("resnet18", "resnet34", "resnet50")


def test_those_of_torchvisions_kind_want_pictures_as_imagenets_and_those_of_keras_pixels():
    known = {name: BACKBONES.get(name) for name in BACKBONES.names()}
    of_imagenet = {name for name in known if known[name].normalisation == IMAGENET}
    assert of_imagenet == {"densenet161", "mobilenet_v2", "resnet18", "resnet34", "resnet50"}
    of_faces = {name for name in FEATURES if name.startswith(("garg_", "sphere"))}
    assert {name for name in known if known[name].takes_pixels} == (
        FEATURES.keys() - of_imagenet - of_faces
    )
    assert {known[name].normalisation for name in known.keys() - of_imagenet} == {None}


def test_an_unknown_backbone_lists_close_matches():
    with pytest.raises(EmoError, match=r"Unknown backbone: did you mean .*resnet18.*: 'resnet_18'"):
        BACKBONES.get("resnet_18")


@each(FEATURES)
def test_a_backbone_turns_a_picture_into_features_and_comes_back_from_a_file(name, tmp_path):
    model = build(name)
    assert model.name == name
    size = SIZES.get(name, SIZE)
    assert model.input_shape == (None, *size, 3)
    features = np.asarray(model(pixels(*size), training=False))
    assert features.shape == (2, FEATURES[name])
    assert np.isfinite(features).all()
    assert (features[0] != features[1]).any()
    model.save(tmp_path / "backbone.keras")
    revived = keras.models.load_model(tmp_path / "backbone.keras")
    np.testing.assert_array_equal(revived(pixels(*size), training=False), features)


@each(name for name in BACKBONES.names() if BACKBONES.get(name).takes_pixels)
def test_what_takes_pixels_normalises_them_before_its_first_weights(name):
    model = build(name)
    stem = next(place for place, layer in enumerate(model.layers) if layer.trainable_weights)
    before = keras.Model(model.input, model.layers[stem - 1].output)
    shades = np.full((2, *SIZE, 3), [[[[0.0]]], [[[255.0]]]])
    dark, light = np.asarray(before(shades))[:, 4:-4, 4:-4].mean(axis=(1, 2))
    assert ((dark > -3) & (dark < -0.9)).all()
    assert ((light < 3) & (light > 0.9)).all()


def test_published_weights_are_those_that_keras_fetches(monkeypatch, tmp_path):
    published = keras.applications.MobileNetV3Small(include_top=False, weights=None)
    fetched = []

    def get_file(name: str, *arguments, **more) -> str:
        del arguments, more
        fetched.append(name)
        published.save_weights(tmp_path / "fetched.weights.h5")
        return str(tmp_path / "fetched.weights.h5")

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", get_file)
    model = build("mobilenet_v3_small", height=224, width=224, weights="imagenet")
    assert len(fetched) == 1
    assert "mobilenet_v3_small" in fetched[0]
    assert "no_top" in fetched[0]
    for found, expected in zip(model.get_weights(), published.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        pytest.param(
            "resnet18",
            {"weights": "imagenet"},
            r"weights of resnet18: expected None.*weights import.*Received: 'imagenet'",
            id="fetched weights of a ResNet",
        ),
        pytest.param(
            "densenet161",
            {"weights": "imagenet"},
            r"weights of densenet161: expected None.*weights import.*Received: 'imagenet'",
            id="fetched weights of a DenseNet",
        ),
        pytest.param(
            "sphere20a",
            {"height": 96},
            r"size for sphere20a: expected .* or 112 x 96\. Received: 96 x 96",
            id="no crop of faces",
        ),
        pytest.param(
            "small_resnet",
            {"weights": "imagenet"},
            r"weights of small_resnet: expected None, since .*\. Received: 'imagenet'",
            id="weights that nobody has",
        ),
        pytest.param(
            "mobilenet_v3_small",
            {"weights": "places"},
            r"weights of mobilenet_v3_small: expected None or 'imagenet'\. Received: 'places'",
            id="weights that Keras does not have",
        ),
        pytest.param(
            "convnext_tiny",
            {"height": 31},
            r"size for convnext_tiny: expected sides of 32 pixels or more\. Received: 31 x 64",
            id="too low",
        ),
        pytest.param("mobilenet_v3_small", {"width": 16}, r"Received: 48 x 16", id="too narrow"),
    ],
)
def test_weights_and_sizes_that_a_backbone_cannot_take_are_refused(name, arguments, message):
    with pytest.raises(EmoError, match=message):
        build(name, **arguments)

import keras
import numpy as np
import pytest

from emo_tf import models
from emo_tf.models.backbones import Backbone
from emo_tf.models.group_branches import alignment_of, face_size_of
from emo_tf.models.normalisation import IMAGENET
from emo_tf.models.registry import Registry


@pytest.fixture
def means(monkeypatch) -> None:
    """Backbones whose features are the mean colour of what they see."""

    def build(*, height: int, width: int, weights: str | None) -> keras.Model:
        del weights
        picture = keras.Input((height, width, 3))
        return keras.Model(picture, keras.layers.GlobalAveragePooling2D()(picture))

    backbones = Registry("backbone")
    backbones.add("of_pixels", Backbone(build, takes_pixels=True))
    backbones.add("of_shares", Backbone(build, takes_pixels=False))
    backbones.add("of_imagenet", Backbone(build, takes_pixels=False, normalisation=IMAGENET))
    monkeypatch.setattr("emo_tf.models.group_branches.BACKBONES", backbones)


@pytest.mark.usefixtures("means")
@pytest.mark.parametrize(
    ("backbone", "mean", "deviation"),
    [
        pytest.param("of_pixels", 0, 1 / 255, id="pixels"),
        pytest.param("of_shares", IMAGENET.mean, IMAGENET.deviation, id="others"),
        pytest.param("of_imagenet", IMAGENET.mean, IMAGENET.deviation, id="ImageNet's"),
    ],
)
def test_the_picture_is_normalised_as_its_backbone_wants_it(backbone, mean, deviation):
    model = models.create("group_global", image_backbone=backbone, image_size=(32, 40))
    image = np.random.default_rng(0).integers(0, 256, (3, 32, 40, 3))
    found = model({"image": image.astype(np.float32)})["logits"]
    features = (image.mean(axis=(1, 2)) / 255 - mean) / deviation
    expected = model.get_layer("head")(features.astype(np.float32))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.usefixtures("means")
@pytest.mark.parametrize(
    ("alignment", "expected"),
    [
        pytest.param("vlgiitr", lambda pixels: pixels / 255, id="vlgiitr"),
        pytest.param("sphereface", lambda pixels: (pixels - 127.5) / 128, id="sphereface"),
        pytest.param("box", lambda pixels: pixels / 255, id="box"),
    ],
)
def test_faces_are_normalised_as_their_alignment_wants_it(alignment, expected):
    size = (20, 20) if alignment == "box" else None
    arguments = {"face_backbone": "of_shares", "alignment": alignment, "face_size": size}
    model = models.create("group_local", packed=True, **arguments)
    assert alignment_of(model) == alignment
    faces = np.random.default_rng(0).integers(0, 256, (2, *face_size_of(alignment, size), 3))
    found = model({"faces": faces.astype(np.float32)})["logits"]
    features = expected(faces.mean(axis=(1, 2))).astype(np.float32)
    np.testing.assert_allclose(found, model.get_layer("head")(features), rtol=1e-3, atol=1e-4)


def test_models_of_no_faces_have_no_alignment():
    box = keras.Input((4,), name="box")
    assert alignment_of(keras.Model(box, box)) is None
    model = models.create("group_global", image_backbone="tiny_resnet", image_size=(32, 32))
    assert alignment_of(model) is None

import functools

import keras
import numpy as np
import pytest

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.backbones import BACKBONES
from emo_tf.models.group_metadata import group_metadata
from emo_tf.models.group_weights import start_from

PICTURE = {"image_backbone": "small_resnet", "image_size": (32, 32)}
FACES = {"face_backbone": "tiny_resnet", "alignment": "box", "face_size": (16, 16), "faces": 4}
SETTINGS = {
    "group_global": PICTURE,
    "group_local": FACES,
    "group_average": PICTURE,
    "group_attention": PICTURE | FACES,
}
BOTH = ("image_backbone", "face_backbone")


@functools.cache
def trained(name: str, **arguments) -> keras.Model:
    """Builds a model, once for all tests, which only read it, with weights that all differ."""
    return with_weights(models.create(name, **SETTINGS[name] | arguments), seed=1)


def fresh(name: str, **arguments) -> keras.Model:
    return with_weights(models.create(name, **SETTINGS[name] | arguments), seed=2)


def with_weights(model: keras.Model, *, seed: int) -> keras.Model:
    rng = np.random.default_rng(seed)
    model.set_weights([rng.uniform(1, 2, weight.shape) for weight in model.weights])
    return model


def part_of(model: keras.Model, part: str) -> keras.layers.Layer:
    """Returns a part of a model: `head`, or `head.` and a layer's name."""
    for name in part.split("."):
        model = model.get_layer(name)
    return model


def backbone(name: str, *, classes: int = 0, crop: dict | None = None):
    """Returns a backbone as `emo-tf weights import` writes it, and what it says about itself."""
    network = BACKBONES.get(name).build(height=32, width=32, weights=None)
    features = network.output
    outputs = {"features": features}
    if classes:
        outputs["logits"] = keras.layers.Dense(classes, name="fc")(features)
    model = with_weights(keras.Model(network.input, outputs, name=name), seed=3)
    metadata = ModelMetadata(
        name=name,
        task="backbone",
        description="made up",
        version="1",
        inputs={},
        outputs={},
        crop=crop or {},
    )
    return model, metadata


def begin(model: keras.Model, other: keras.Model, **arguments) -> tuple[str, ...]:
    metadata = group_metadata(other, name="other") if not arguments else arguments["metadata"]
    return start_from(model, other, other_metadata=metadata, source="runs/other")


@pytest.mark.parametrize(
    ("name", "arguments", "other", "filled"),
    [
        pytest.param("group_attention", {}, "group_global", BOTH[:1], id="Attention from Global"),
        pytest.param("group_attention", {}, "group_local", BOTH[1:], id="Attention from Local"),
        pytest.param(
            "group_attention", {"packed": True}, "group_local", BOTH[1:], id="packed from Local"
        ),
        pytest.param("group_average", {}, "group_global", BOTH[:1], id="Average from Global"),
        pytest.param("group_global", {}, "group_average", BOTH[:1], id="Global from Average"),
        pytest.param(
            "group_global", {}, "group_global", (BOTH[0], "head"), id="Global from Global"
        ),
        pytest.param(
            "group_local", {"packed": True}, "group_local", (BOTH[1], "head"), id="Local from Local"
        ),
        pytest.param(
            "group_local",
            {"packed": True, "margin": 4},
            "group_local",
            BOTH[1:],
            id="Local with a margin from Local",
        ),
        pytest.param(
            "group_attention",
            {"packed": True},
            "group_attention",
            (*BOTH, "head"),
            id="Attention from Attention",
        ),
        pytest.param(
            "group_attention",
            {"scores": "A", "faces": 3},
            "group_attention",
            (*BOTH, "head"),
            id="A from C, whose other layers it lacks",
        ),
        pytest.param(
            "group_attention",
            {"scores": "B"},
            "group_attention",
            (*BOTH, "head.global_fc_main", "head.bn_global"),
            id="B from C",
        ),
        pytest.param("group_global", {}, "group_attention", BOTH[:1], id="Global from Attention"),
    ],
)
def test_what_two_models_share_is_filled_and_nothing_else(name, arguments, other, filled):
    model, other = fresh(name, **arguments), trained(other)
    before = [weight.numpy() for weight in model.weights]
    assert begin(model, other) == filled
    changed = set()
    for part in map(functools.partial(part_of, model), filled):
        changed |= {id(weight) for weight in part.weights}
    for weight, value in zip(model.weights, before, strict=True):
        assert (weight.numpy() != value).any() == (id(weight) in changed)
    for part in filled:
        theirs = {weight.path: weight.numpy() for weight in part_of(other, part).weights}
        for weight in part_of(model, part).weights:
            np.testing.assert_array_equal(weight, theirs[weight.path])


@pytest.mark.parametrize(
    ("crop", "filled"),
    [
        pytest.param({"preset": "box"}, BOTH[1:], id="of faces"),
        pytest.param({}, BOTH, id="of anything"),
    ],
)
def test_a_lone_backbone_goes_where_it_fits_without_its_classifier(crop, filled):
    model = fresh("group_attention", image_backbone="tiny_resnet")
    other, metadata = backbone("tiny_resnet", classes=7, crop=crop)
    assert begin(model, other, metadata=metadata) == filled
    for part in filled:
        for layer in model.get_layer(part).layers:
            expected = other.get_layer(layer.name).get_weights()
            for found, value in zip(layer.get_weights(), expected, strict=True):
                np.testing.assert_array_equal(found, value)


@pytest.mark.parametrize("name", ["group_local", "group_attention"])
def test_weights_of_the_other_alignment_are_refused_and_nothing_is_filled(name):
    other = models.create(name, **SETTINGS[name] | {"alignment": "vlgiitr", "face_size": None})
    model = fresh("group_attention", alignment="sphereface", face_size=None)
    before = model.get_weights()
    message = (
        r"^runs/other: expected weights for faces cut out by the alignment sphereface\. "
        r"Received: weights for vlgiitr$"
    )
    with pytest.raises(EmoError, match=message):
        begin(model, other)
    for found, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_backbone_of_the_other_alignment_is_refused():
    other, metadata = backbone("tiny_resnet", crop={"preset": "sphereface"})
    message = r"^runs/other: .* the alignment box\. Received: weights for sphereface$"
    with pytest.raises(EmoError, match=message):
        begin(fresh("group_local"), other, metadata=metadata)


@pytest.mark.parametrize(
    ("name", "arguments", "other", "message"),
    [
        pytest.param(
            "group_local",
            {},
            "group_global",
            r"expected weights of face_backbone\. Received: group_global with image_backbone$",
            id="Local from Global",
        ),
        pytest.param(
            "group_attention",
            {"image_backbone": "tiny_resnet"},
            "group_global",
            r"expected weights of image_backbone and face_backbone\. Received: "
            r"image_backbone: stem_conv of \[\(3, 3, 3, 16\)\], expected \[\(3, 3, 3, 8\)\]$",
            id="another backbone",
        ),
    ],
)
def test_where_nothing_fits_it_says_why(name, arguments, other, message):
    with pytest.raises(EmoError, match=rf"^runs/other: {message}"):
        begin(fresh(name, **arguments), trained(other))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "wanted", "message"),
    [
        pytest.param("resnet34", "resnet18", "resnet34 with .* besides", id="a deeper one"),
        pytest.param("resnet18", "resnet34", "resnet18 without layer1", id="a shallower one"),
    ],
)
def test_a_backbone_of_another_depth_does_not_fit(given, wanted, message):
    other, metadata = backbone(given, classes=3)
    with pytest.raises(EmoError, match=message):
        begin(fresh("group_global", image_backbone=wanted), other, metadata=metadata)

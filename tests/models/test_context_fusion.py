import keras
import numpy as np
import pytest

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.models.backbones import Backbone
from emo_tf.models.context_fusion import BRANCHES, NORMALISATION, score_kind_of
from emo_tf.models.fusion_head import fusion_head
from emo_tf.models.registry import Registry

SIZES = {"scene": (48, 40), "body": (32, 36)}
SMALL = {"scene_size": SIZES["scene"], "body_size": SIZES["body"]}
BOX = np.array([[0.25, 0.25, 0.5, 0.5], [0.0, 0.1, 0.3, 0.9]], np.float32)

Inputs = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def fused() -> keras.Model:
    return models.create("context_fusion", **SMALL)


@pytest.fixture
def means(monkeypatch) -> list[dict]:
    """Backbones whose features are the mean colour, and the arguments they were built with."""
    built = []

    def build(**arguments) -> keras.Model:
        built.append(arguments)
        picture = keras.Input((arguments["height"], arguments["width"], 3))
        return keras.Model(picture, keras.layers.GlobalAveragePooling2D()(picture))

    backbones = Registry("backbone")
    backbones.add("of_pixels", Backbone(build, takes_pixels=True))
    backbones.add("of_standardised", Backbone(build, takes_pixels=False))
    monkeypatch.setattr("emo_tf.models.context_fusion.BACKBONES", backbones)
    return built


def pixels(model: keras.Model, *, dtype: type = np.float32, seed: int = 0) -> Inputs:
    """Returns inputs for a batch of two people."""
    rng = np.random.default_rng(seed)
    pictures = {
        branch: rng.integers(0, 256, (2, *model.input[branch].shape[1:])).astype(dtype)
        for branch in BRANCHES
        if branch in model.input
    }
    return pictures | ({"box": BOX} if "box" in model.input else {})


def answers(model: keras.Model, inputs: Inputs) -> Inputs:
    return {name: np.asarray(value) for name, value in model(inputs, training=False).items()}


def seen_by(model: keras.Model, layer: str, inputs: Inputs) -> np.ndarray:
    """Returns the output of one layer."""
    return np.asarray(keras.Model(model.input, model.get_layer(layer).output)(inputs))


def assert_same(found: Inputs, expected: Inputs) -> None:
    assert found.keys() == expected.keys()
    for name, value in found.items():
        np.testing.assert_array_equal(value, expected[name])


def test_a_person_and_the_scene_become_categories_and_dimensions(fused):
    assert {name: value.shape for name, value in fused.input.items()} == {
        "scene": (None, 48, 40, 3),
        "body": (None, 32, 36, 3),
    }
    found = answers(fused, pixels(fused))
    assert {name: (value.shape, value.dtype) for name, value in found.items()} == {
        "score": ((2, 26), np.float32),
        "vad": ((2, 3), np.float32),
    }


@pytest.mark.parametrize(
    ("arguments", "inputs"),
    [
        pytest.param({"branches": ("body",)}, {"body"}, id="B"),
        pytest.param({"branches": ("scene",)}, {"scene"}, id="I"),
        pytest.param(
            {"branches": ("body", "scene"), "blank_person": True},
            {"scene", "body", "box"},
            id="B+I without the person",
        ),
    ],
)
def test_a_model_takes_what_its_branches_look_at(arguments, inputs):
    model = models.create("context_fusion", **SMALL, **arguments)
    assert model.input.keys() == inputs
    assert {name: value.shape for name, value in model.output.items()} == {
        "score": (None, 26),
        "vad": (None, 3),
    }
    backbones = {layer.name for layer in model.layers if layer.name.endswith("_backbone")}
    assert backbones == {f"{branch}_backbone" for branch in arguments["branches"]}


def test_the_sizes_unless_told_otherwise_are_those_of_the_paper():
    model = models.create("context_fusion")
    assert model.input["scene"].shape == (None, 224, 224, 3)
    assert model.input["body"].shape == (None, 128, 128, 3)


def test_features_are_joined_the_scene_first_whatever_the_order_of_the_branches():
    model = models.create("context_fusion", branches=("body", "scene"), **SMALL)
    head = model.get_layer("head")
    features = {"body": np.ones((1, 512)), "scene": np.zeros((1, 512))}
    np.testing.assert_array_equal(seen_by(head, "joined", features)[0], [0] * 512 + [1] * 512)


@pytest.mark.parametrize("order", [("scene", "body"), ("body", "scene")], ids=lambda o: o[0])
def test_a_head_joins_features_in_the_order_of_its_widths(order):
    widths, features = {"scene": 2, "body": 3}, {"scene": [[1.0, 2]], "body": [[3.0, 4, 5]]}
    head = fusion_head({branch: widths[branch] for branch in order}, units=4)
    expected = np.concatenate([features[branch] for branch in order], axis=1)
    given = {branch: np.array(values) for branch, values in features.items()}
    np.testing.assert_array_equal(seen_by(head, "joined", given), expected)


@pytest.mark.parametrize("branch", BRANCHES)
def test_pixels_are_standardised_inside(fused, branch):
    inputs = pixels(fused)
    mean = np.array(NORMALISATION[branch].mean)
    inputs[branch][0] = 255 * mean
    found = seen_by(fused, f"{branch}_standardised", inputs)
    np.testing.assert_allclose(found[0], 0, atol=1e-6)
    expected = (inputs[branch][1] / 255 - mean) / NORMALISATION[branch].deviation
    np.testing.assert_allclose(found[1], expected, rtol=1e-5, atol=1e-6)


def test_bytes_and_numbers_of_the_same_value_give_the_same_answer(fused):
    as_bytes = answers(fused, pixels(fused, dtype=np.uint8))
    assert_same(as_bytes, answers(fused, pixels(fused)))


@pytest.mark.usefixtures("means")
def test_a_backbone_sees_pixels_or_standardised_ones_as_it_wants():
    backbones = {"scene_backbone": "of_pixels", "body_backbone": "of_standardised"}
    model = models.create("context_fusion", **SMALL, **backbones)
    inputs = pixels(model)
    mean, deviation = np.array(NORMALISATION["body"].mean), NORMALISATION["body"].deviation
    features = {
        "scene": inputs["scene"].mean(axis=(1, 2)),
        "body": ((inputs["body"] / 255 - mean) / deviation).mean(axis=(1, 2)),
    }
    found = answers(model, inputs)
    for name, expected in answers(model.get_layer("head"), features).items():
        np.testing.assert_allclose(found[name], expected, rtol=1e-3, atol=1e-3)


def test_a_backbone_is_built_of_the_size_and_with_the_weights_asked_for(means):
    models.create(
        "context_fusion",
        scene_backbone="of_pixels",
        body_backbone="of_pixels",
        scene_weights="imagenet",
        body_size=(20, 30),
    )
    assert means == [
        {"height": 224, "width": 224, "weights": "imagenet"},
        {"height": 20, "width": 30, "weights": None},
    ]


def test_both_branches_tell_in_the_answer(fused):
    inputs, other = pixels(fused), pixels(fused, seed=1)
    expected = answers(fused, inputs)
    for branch in BRANCHES:
        found = answers(fused, inputs | {branch: other[branch]})
        assert (found["score"] != expected["score"]).all()
        assert (found["vad"] != expected["vad"]).all()


@pytest.mark.parametrize("kind", ["raw", "sigmoid"])
def test_scores_are_of_the_kind_asked_for_and_dimensions_ten_times_the_last_layer(kind):
    head = fusion_head({"body": 5}, score_kind=kind, units=4)
    features = {"body": np.random.default_rng(0).standard_normal((3, 5), np.float32)}
    last, tenths = seen_by(head, "fc_cat", features), seen_by(head, "fc_cont", features)
    found = answers(head, features)
    expected = last if kind == "raw" else 1 / (1 + np.exp(-last))
    np.testing.assert_allclose(found["score"], expected, rtol=1e-5)
    np.testing.assert_allclose(found["vad"], 10 * tenths, rtol=1e-6)


@pytest.mark.slow
def test_a_saved_model_comes_back_as_it_was(tmp_path):
    model = models.create(
        "context_fusion",
        **SMALL,
        blank_person=True,
        score_kind="sigmoid",
        units=12,
        dropout=0.25,
    )
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    assert score_kind_of(model) == score_kind_of(revived) == "sigmoid"
    assert revived.get_layer("head").get_layer("d1").rate == 0.25
    assert revived.get_layer("head").get_layer("fc1").units == 12
    fill = revived.get_layer("scene_without_person").fill
    np.testing.assert_allclose(fill, 255 * np.array(NORMALISATION["scene"].mean))
    assert [layer.name for layer in revived.layers] == [layer.name for layer in model.layers]
    assert_same(answers(revived, pixels(model)), answers(model, pixels(model)))


@pytest.mark.usefixtures("mixed_bfloat16")
def test_pixels_boxes_outputs_and_weights_stay_float32_in_mixed_precision(fused):
    model = models.create("context_fusion", **SMALL, blank_person=True)
    for branch in BRANCHES:
        backbone = model.get_layer(f"{branch}_backbone")
        assert backbone.get_layer("layer1.0.conv1").compute_dtype == "bfloat16"
        assert model.get_layer(f"{branch}_standardised").compute_dtype == "float32"
    assert {value.dtype for value in model.output.values()} == {"float32"}
    head = model.get_layer("head")
    assert head.get_layer("fc_cat").compute_dtype == "float32"
    assert head.get_layer("fc_cont").compute_dtype == "float32"
    assert {weight.dtype for weight in model.weights} == {"float32"}
    model.set_weights(fused.get_weights())
    inputs = pixels(fused)
    found = answers(model, inputs | {"box": np.zeros((2, 4), np.float32)})
    for name, expected in answers(fused, inputs).items():
        assert np.abs(found[name] - expected).max() < 0.05 * np.abs(expected).max()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"branches": ()}, r"branches: expected scene, body or both.*\(\)", id="none"),
        pytest.param(
            {"branches": ("body", "body")}, r"Received: \('body', 'body'\)", id="one twice"
        ),
        pytest.param(
            {"branches": ("scene", "bodies")},
            "Unknown branch: did you mean body.*'bodies'",
            id="unknown branch",
        ),
        pytest.param(
            {"body_backbone": "resnet19"},
            "Unknown backbone: did you mean .*resnet18.*'resnet19'",
            id="unknown backbone",
        ),
        pytest.param(
            {"branches": ("body",), "blank_person": True},
            r"blank_person: expected a scene.*branches=\('body',\)",
            id="no scene to paint",
        ),
        pytest.param(
            {"score_kind": "sigmoids"}, "Unknown score_kind: did you mean sigmoid", id="scores"
        ),
        pytest.param(
            {"scene_weights": "imagenet"}, "weights of resnet18: expected None", id="weights"
        ),
        pytest.param(
            {"body_backbone": "mobilenet_v3_small", "body_size": (16, 32)},
            "size for mobilenet_v3_small: .*16 x 32",
            id="too small",
        ),
    ],
)
def test_what_there_is_not_is_refused(arguments, message):
    with pytest.raises(EmoError, match=message):
        models.create("context_fusion", **SMALL | arguments)

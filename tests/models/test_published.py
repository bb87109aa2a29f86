import keras
import numpy as np
import pytest

from benchmarks.golden_weights import tensors_by_formula
from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.models.context_fusion import score_kind_of
from emo_tf.models.fusion_head import fusion_head
from emo_tf.models.golden import compare_with_golden, relative_error
from emo_tf.models.published import (
    backbone_from_torch,
    context_fusion_from_torch,
    fill_branch,
    fitting_architecture,
)
from emo_tf.models.torch_weights import torch_shapes
from tests.resnet_tensors import Tensors, numbered, without_classifier

TOLERANCE = 1e-4
SOURCES = {"scene": "scene.pth", "body": "body.pth", "head": "head.pth"}
SQUARE = (1, 40, 40, 3)


@pytest.fixture(scope="module")
def tensors() -> dict[str, Tensors]:
    """Tensors of two architectures, without a classifier."""
    names = ("resnet18", "resnet34")
    return {name: tensors_by_formula(torch_shapes(models.create(name))) for name in names}


@pytest.fixture(scope="module")
def golden_fusion(golden_tensors) -> keras.Model:
    """The golden head on two golden backbones, the body named before the scene."""
    backbone = without_classifier(golden_tensors("resnet18"))
    head = golden_tensors("emotic_head")
    branches = {"body": numbered(backbone), "scene": backbone}
    return context_fusion_from_torch(head, branches=branches, sources=SOURCES)


def head_tensors(**arguments) -> Tensors:
    return tensors_by_formula(torch_shapes(fusion_head(**arguments)))


@pytest.mark.parametrize(
    ("golden", "outputs"),
    [("resnet18", {"features", "logits"}), ("resnet18_128", {"features"})],
    ids=["224", "128"],
)
def test_a_backbone_gives_torchs_numbers(shared, golden_tensors, golden, outputs):
    model = backbone_from_torch("resnet18", golden_tensors("resnet18"), source="resnet18.pth")
    errors = compare_with_golden(model, shared / "goldens" / f"{golden}.npz")
    assert errors.keys() == outputs
    assert max(errors.values()) <= TOLERANCE


def test_a_backbone_saved_by_number_is_the_same_and_has_no_classifier_if_it_was_left_out(tensors):
    by_name = backbone_from_torch("resnet18", tensors["resnet18"], source="a.pth")
    by_number = backbone_from_torch("resnet18", numbered(tensors["resnet18"]), source="b.pth")
    assert list(by_name.output) == list(by_number.output) == ["features"]
    for found, expected in zip(by_number.get_weights(), by_name.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_classifier_is_as_wide_as_its_weights(tensors):
    classifier = {"fc.weight": np.ones((5, 512)), "fc.bias": np.arange(5)}
    model = backbone_from_torch("resnet18", tensors["resnet18"] | classifier, source="a.pth")
    image = np.random.default_rng(0).standard_normal(SQUARE)
    outputs = model(image, training=False)
    expected = np.sum(outputs["features"]) + np.arange(5)
    np.testing.assert_allclose(outputs["logits"][0], expected, rtol=1e-4)


def test_the_architecture_that_tensors_fit_is_found():
    shapes = torch_shapes(models.create("resnet50", classes=3))
    tensors = {name: np.empty(shape, np.float32) for name, shape in shapes.items()}
    assert fitting_architecture(numbered(tensors)) == "resnet50"


def test_tensors_of_another_architecture_are_told_where_they_fit(tensors):
    with pytest.raises(EmoError) as caught:
        backbone_from_torch("resnet18", tensors["resnet34"], source="places.pth")
    message = str(caught.value)
    assert message.startswith("places.pth: expected the tensors of resnet18. 80 unexpected: ")
    assert message.endswith(" and 72 more. They fit resnet34")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"layer1.0.bn1.bias": np.full(64, np.nan, np.float32)},
            r"a\.pth: expected finite numbers.*1 with NaN or infinity: layer1\.0\.bn1\.bias$",
            id="not a number",
        ),
        pytest.param(
            {"conv1.weight": np.zeros((64, 1, 7, 7))},
            r"1 misshapen: conv1\.weight \(expected \(64, 3, 7, 7\), .*\(64, 1, 7, 7\)\)$",
            id="grey pictures",
        ),
        pytest.param(
            {"fc.weight": np.zeros((0, 512)), "fc.bias": np.zeros(0)},
            r"2 unexpected: fc\.weight \(0, 512\), fc\.bias \(0,\)$",
            id="a classifier of no class",
        ),
    ],
)
def test_tensors_that_fit_nothing_are_listed_without_advice(tensors, change, message):
    with pytest.raises(EmoError, match=message):
        backbone_from_torch("resnet18", tensors["resnet18"] | change, source="a.pth")


def test_a_state_dict_of_nothing_misses_every_tensor():
    with pytest.raises(EmoError, match=r"empty\.pth: .*resnet18\. 100 missing: .* and 92 more$"):
        backbone_from_torch("resnet18", {}, source="empty.pth")


def test_an_unknown_architecture_lists_close_matches():
    with pytest.raises(EmoError, match=r"Unknown architecture: did you mean .*resnet18"):
        backbone_from_torch("resnet81", {}, source="a.pth")


def test_the_joining_part_gives_torchs_numbers(golden_fusion, shared):
    golden = np.load(shared / "goldens" / "emotic_head.npz")
    head = golden_fusion.get_layer("head")
    outputs = head({"scene": golden["context"], "body": golden["body"]}, training=False)
    for name, expected in {"score": golden["categories"], "vad": 10 * golden["vad"]}.items():
        assert relative_error(np.asarray(outputs[name]), expected) <= TOLERANCE


@pytest.mark.parametrize(
    ("branch", "golden"), [("scene", "resnet18"), ("body", "resnet18_128")], ids=["scene", "body"]
)
def test_each_branch_gives_torchs_features(golden_fusion, shared, branch, golden):
    backbone = golden_fusion.get_layer(f"{branch}_backbone")
    image = keras.Input(backbone.input_shape[1:], name="image")
    named = keras.Model({"image": image}, {"features": backbone(image)})
    errors = compare_with_golden(named, shared / "goldens" / f"{golden}.npz")
    assert errors["features"] <= TOLERANCE


def test_the_whole_is_of_the_published_sizes_and_its_scores_are_raw(golden_fusion):
    assert {name: value.shape for name, value in golden_fusion.input.items()} == {
        "scene": (None, 224, 224, 3),
        "body": (None, 128, 128, 3),
    }
    assert score_kind_of(golden_fusion) == "raw"


def test_one_branch_of_another_backbone_with_a_narrow_head_is_filled_too(tensors):
    head = head_tensors(widths={"body": 512}, units=12)
    model = context_fusion_from_torch(head, branches={"body": tensors["resnet34"]}, sources=SOURCES)
    assert list(model.input) == ["body"]
    found = model.get_layer("head").get_layer("fc1").kernel
    np.testing.assert_array_equal(found, head["fc1.weight"].T)
    found = model.get_layer("body_backbone").get_layer("layer3.5.bn2").moving_mean
    np.testing.assert_array_equal(found, tensors["resnet34"]["layer3.5.bn2.running_mean"])


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        pytest.param(
            "body",
            {"conv1.weight": np.zeros(3)},
            r"body\.pth: expected the tensors of resnet18 or resnet34 or resnet50 for the body\. "
            r"Received: 100 tensors: conv1\.weight \(3,\), bn1\.weight \(64,\), .* \.\.\.$",
            id="a branch of another kind",
        ),
        pytest.param(
            "body",
            {"fc.weight": np.zeros((9, 512)), "fc.bias": np.zeros(9)},
            r"body\.pth: .*body_backbone\. 2 unexpected: fc\.weight \(9, 512\), fc\.bias \(9,\)",
            id="a branch with a classifier",
        ),
        pytest.param(
            "head",
            {"fc1.weight": np.zeros((8, 1024))},
            r"head\.pth: .*fc1\.weight \(expected \(8, 512\), received \(8, 1024\)\)",
            id="a head for two branches",
        ),
        pytest.param("head", {"fc1.bias": np.zeros(0)}, r"head\.pth: .* misshapen", id="no units"),
    ],
)
def test_parts_that_do_not_fit_are_named(tensors, part, change, message):
    parts = {"head": head_tensors(widths={"body": 512}, units=8), "body": tensors["resnet18"]}
    parts[part] = parts[part] | change
    with pytest.raises(EmoError, match=message):
        context_fusion_from_torch(parts.pop("head"), branches=parts, sources=SOURCES)


@pytest.mark.parametrize(
    ("branches", "message"),
    [
        pytest.param({}, "branches: expected scene, body or both", id="none"),
        pytest.param({"sceen": {}}, "Unknown branch: did you mean scene", id="unknown"),
    ],
)
def test_branches_that_are_none_are_refused(branches, message):
    with pytest.raises(EmoError, match=message):
        context_fusion_from_torch({}, branches=branches, sources=SOURCES)


@pytest.fixture
def small_fusion() -> keras.Model:
    return models.create("context_fusion", scene_size=(40, 40), body_size=(40, 40))


def test_a_branch_takes_over_an_imported_backbone_but_its_classifier(small_fusion, golden_tensors):
    imported = backbone_from_torch("resnet18", golden_tensors("resnet18"), source="places.pth")
    before = [weight.numpy() for weight in small_fusion.get_layer("body_backbone").weights]
    fill_branch(small_fusion, "scene", imported)
    image = np.random.default_rng(0).normal(size=SQUARE).astype(np.float32)
    np.testing.assert_allclose(
        small_fusion.get_layer("scene_backbone")(image, training=False),
        imported(image, training=False)["features"],
        rtol=1e-5,
        atol=1e-5,
    )
    for weight, kept in zip(small_fusion.get_layer("body_backbone").weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), kept)


def test_a_branch_of_another_architecture_stays_as_it_was(small_fusion):
    before = small_fusion.get_weights()
    with pytest.raises(EmoError, match=r"scene: expected the weights.* resnet34: 80 unexpected"):
        fill_branch(small_fusion, "scene", models.create("resnet34"))
    for weight, kept in zip(small_fusion.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, kept)


def test_only_a_branch_that_the_model_has_can_be_filled(small_fusion):
    with pytest.raises(EmoError, match="Unknown branch of the model: did you mean scene"):
        fill_branch(small_fusion, "scenes", models.create("resnet18"))


def test_a_branch_of_keras_own_networks_cannot_be_filled():
    model = models.create(
        "context_fusion",
        branches=("body",),
        body_backbone="mobilenet_v3_small",
        body_size=(40, 40),
    )
    with pytest.raises(EmoError, match=r"^body: expected .* Received: resnet18: \d+ missing: conv"):
        fill_branch(model, "body", models.create("resnet18"))

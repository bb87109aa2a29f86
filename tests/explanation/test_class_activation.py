"""Class activation maps, against networks of which it is known what they look at."""

import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.explanation.class_activation import HIRES_CAM, ActivationMaps
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.models.backbones import BACKBONES
from emo_tf.models.context_fusion import context_fusion
from emo_tf.models.expression_net import expression_net
from tests.red_patch_models import BLUE, CELL, RED, SIZES, grey_picture, red_context_model

SCENE = SIZES["scene"]


def category(name: str):
    return lambda values: values["score"][:, EMOTIC_CATEGORIES.index(name)]


def sole(values):
    return values["output"][:, 0]


@pytest.fixture(scope="module")
def of_red() -> ActivationMaps:
    return ActivationMaps(red_context_model())


@pytest.fixture(scope="module")
def fusion() -> keras.Model:
    return context_fusion(
        scene_backbone="tiny_resnet",
        body_backbone="tiny_resnet",
        scene_size=(48, 64),
        body_size=(48, 32),
        score_kind="sigmoid",
        units=8,
    )


@pytest.fixture(scope="module")
def noise() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    sizes = {"scene": (48, 64), "body": (48, 32)}
    return {name: rng.integers(0, 256, (3, *size, 3), np.uint8) for name, size in sizes.items()}


def scenes(*pictures: np.ndarray) -> dict[str, np.ndarray]:
    """Returns inputs with these scenes and grey bodies."""
    bodies = np.stack([grey_picture(size=SIZES["body"])] * len(pictures))
    return {"scene": np.stack(pictures), "body": bodies}


def test_the_map_lies_where_the_colour_is_and_nowhere_else(of_red):
    picture = grey_picture((16, 8, 12, 20), size=SCENE)
    found = of_red(scenes(picture), category(RED)).maps["scene"][0]
    expected = np.zeros((SCENE[0] // CELL, SCENE[1] // CELL), bool)
    expected[2:7, 4:7] = True
    assert np.array_equal(found > 0, expected)


def test_the_values_are_those_of_equations_1_and_2(of_red):
    found = of_red(scenes(grey_picture((16, 8, 12, 20), size=SCENE)), category(RED))
    places = SCENE[0] // CELL * SCENE[1] // CELL
    # The mean over all places goes into the logit ten times: that is the gradient everywhere.
    assert found.maps["scene"].max() == pytest.approx(10 / places * (250 - 20) / 255, rel=1e-5)
    assert not found.maps["body"].any()


def test_what_speaks_against_a_category_is_not_shown(of_red):
    found = of_red(scenes(grey_picture((16, 8, 12, 20), size=SCENE)), category(BLUE))
    assert not found.maps["scene"].any()


def test_the_map_moves_with_the_patch(of_red):
    pictures = [grey_picture((x, y, 12, 12), size=SCENE) for x, y in ((8, 8), (36, 24))]
    first, second = of_red(scenes(*pictures), category(RED)).maps["scene"]
    rows, columns = 16 // CELL, 28 // CELL
    assert np.allclose(second, np.roll(first, (rows, columns), axis=(0, 1)), atol=1e-7)
    assert first.max() > 0


def test_each_example_has_the_map_that_it_has_alone(of_red):
    pictures = [grey_picture((x, 8, 12, 12), size=SCENE) for x in (8, 36)]
    together = of_red(scenes(*pictures), category(RED)).maps["scene"]
    alone = [of_red(scenes(picture), category(RED)).maps["scene"][0] for picture in pictures]
    assert np.allclose(together, alone, atol=1e-7)


def test_one_pass_gives_what_the_model_puts_out(fusion, noise):
    before_sigmoid = []

    def target(values):
        before_sigmoid.append(values["score"].numpy())
        return values["score"][:, 0]

    found = ActivationMaps(fusion)(noise, target)
    expected = fusion.predict(noise, verbose=0)
    assert set(found.outputs) == set(expected)
    for name, value in expected.items():
        assert np.allclose(found.outputs[name], value, atol=1e-5)
    assert np.allclose(1 / (1 + np.exp(-before_sigmoid[0])), expected["score"], atol=1e-6)
    assert found.maps["scene"].shape == (3, 6, 8)
    assert found.maps["body"].shape == (3, 6, 4)


def test_a_model_can_be_opened_twice_and_stays_as_it_was(fusion, noise):
    before = fusion.predict(noise, verbose=0)["score"]
    first, second = (ActivationMaps(fusion)(noise, category(RED)).maps for _ in range(2))
    assert all(np.array_equal(first[branch], second[branch]) for branch in first)
    assert np.array_equal(fusion.predict(noise, verbose=0)["score"], before)


def test_other_weights_give_another_map(fusion, noise):
    # Adebayo et al. 2018, "Sanity checks for saliency maps", section 4.
    maps = ActivationMaps(fusion, method=HIRES_CAM)
    before = maps(noise, category(RED)).maps["scene"]
    weights = fusion.get_weights()
    try:
        rng = np.random.default_rng(1)
        fusion.set_weights(
            [rng.permuted(weight.ravel()).reshape(weight.shape) for weight in weights]
        )
        after = maps(noise, category(RED)).maps["scene"]
    finally:
        fusion.set_weights(weights)
    assert before.any()
    assert after.any()
    assert not np.allclose(before / before.max(), after / after.max(), atol=0.05)


def test_hires_cam_tells_places_apart_that_the_network_tells_apart():
    image = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(1, 1, use_bias=False, kernel_initializer="ones")(image)
    upper = keras.layers.Cropping2D(((0, 8), (0, 0)))(x)
    model = keras.Model(image, keras.layers.GlobalAveragePooling2D()(upper))
    white = np.ones((1, 16, 16, 3), np.float32)
    (plain,) = ActivationMaps(model)(white, sole).maps.values()
    (exact,) = ActivationMaps(model, method=HIRES_CAM)(white, sole).maps.values()
    assert plain.min() == plain.max() > 0
    assert (exact[0, :8] > 0).all()
    assert not exact[0, 8:].any()
    # HiResCAM's values add up to the score of a network that is linear from there.
    assert exact.sum() == pytest.approx(model.predict(white, verbose=0).item())


@pytest.mark.parametrize(
    ("name", "layer", "size"),
    [
        pytest.param("resnet18", "layer4.1.relu", (3, 2), id="resnet18"),
        # Bands are cut out of the map, and the places of the map's own size come before.
        pytest.param("small_resnet", "stage4_block1_relu", (6, 4), id="small_resnet"),
    ],
)
def test_the_map_is_the_last_one_before_the_places_are_joined(name, layer, size):
    model = BACKBONES.get(name).build(height=96, width=64, weights=None)
    maps = ActivationMaps(model)
    assert list(maps.layers.values()) == [layer]
    (found,) = maps(np.ones((1, 96, 64, 3), np.float32), sole).maps.values()
    assert found.shape == (1, *size)


def test_another_layer_gives_a_map_of_its_resolution(fusion, noise):
    found = ActivationMaps(fusion, layer="stage2_block1_relu")(noise, category(RED))
    assert found.maps["scene"].shape == (3, 12, 16)


def test_one_branch_may_be_looked_at_alone(fusion, noise):
    assert list(ActivationMaps(fusion, branches=["body"])(noise, category(RED)).maps) == ["body"]


def test_a_model_of_faces_is_explained_too():
    model = expression_net(stage_filters=(16, 16), stage_blocks=(1, 1), stem_filters=4)
    found = ActivationMaps(model)(np.zeros((2, 48, 48, 1), np.float32), sole)
    assert found.maps["image"].shape == (2, 12, 12)


def test_a_model_without_a_convolution_is_told_what_it_has():
    features = keras.Input((15, 256), name="face_features")
    model = keras.Model(features, keras.layers.Dense(3)(features), name="dense")
    with pytest.raises(EmoError) as error:
        ActivationMaps(model)
    assert str(error.value) == (
        "dense: expected a model with a convolution to explain, whose map has more than one place. "
        "Received: inputs face_features (None, 15, 256); layers Dense, InputLayer"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"layer": "stage2_block1_rely"}, "did you mean stage2_block1_relu", id="layer"
        ),
        pytest.param({"layer": "features"}, "Unknown layer with a map", id="layer without map"),
        pytest.param({"branches": ["bodies"]}, "did you mean body", id="branch"),
        pytest.param({"method": "gradcam"}, "did you mean grad-cam", id="method"),
    ],
)
def test_unknown_names_are_told_with_close_matches(fusion, arguments, message):
    with pytest.raises(EmoError, match=message):
        ActivationMaps(fusion, **arguments)

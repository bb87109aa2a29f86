import keras
import numpy as np
import pytest

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.model_metadata import ImageInput
from emo_tf.models.expression_net import expression_metadata
from emo_tf.models.keras_file import load_model, save_model

TINY = {
    "stem_filters": 4,
    "stage_filters": (4, 6, 8),
    "stage_blocks": (1, 2, 1),
    "squeeze_ratio": 2,
    "dropout": 0.2,
    "classes": 5,
}


def pixels(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def give_random_weights(model: keras.Model) -> None:
    """Fills every weight, moving statistics too, so that none is at its start."""
    rng = np.random.default_rng(1)
    model.set_weights(
        [rng.uniform(0.1, 0.5, weight.shape) * rng.choice([-1, 1]) for weight in model.weights]
    )
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_variance.assign(np.abs(layer.moving_variance))


@pytest.fixture(scope="module")
def network():
    model = models.create("expression_net", height=None, width=None, **TINY)
    give_random_weights(model)
    return model


def test_the_defaults_are_small_enough_for_a_phone():
    model = models.create("expression_net")
    assert model.input_shape == (None, 48, 48, 1)
    assert model.output_shape == (None, 7)
    assert 1_400_000 < model.count_params() < 1_600_000


def test_the_stem_and_each_stage_but_the_first_halve_the_resolution():
    model = models.create("expression_net", **TINY)
    shapes = [
        model.get_layer(name).output.shape[1:]
        for name in ("stem_relu", "stage1_block1_relu", "stage2_block2_relu", "stage3_block1_relu")
    ]
    assert shapes == [(24, 24, 4), (24, 24, 4), (12, 12, 6), (6, 6, 8)]


@pytest.mark.parametrize("side", [16, 32, 40, 48])
def test_a_network_of_any_size_takes_each_resolution(network, side):
    logits = network(pixels(3, side, side, 1), training=False)
    assert logits.shape == (3, 5)
    assert np.isfinite(logits).all()


def test_a_network_of_a_fixed_size_takes_over_the_weights(network):
    fixed = models.create("expression_net", height=32, width=40, **TINY)
    fixed.set_weights(network.get_weights())
    image = pixels(2, 32, 40, 1)
    expected = network(image, training=False)
    np.testing.assert_allclose(fixed(image, training=False), expected, rtol=1e-5, atol=1e-5)


def test_pixels_are_normalised_inside(network):
    normalised = keras.Model(network.input, network.get_layer("normalise").output)
    image = np.array([0, 51, 255], np.uint8).reshape(1, 1, 3, 1)
    np.testing.assert_allclose(np.ravel(normalised(image)), [-1, -0.6, 1], atol=1e-6)
    np.testing.assert_allclose(np.ravel(normalised(image.astype(np.float32))), [-1, -0.6, 1], 1e-6)


def test_a_block_whose_gate_is_shut_passes_its_input_on():
    model = models.create("expression_net", **TINY)
    give_random_weights(model)
    gate = model.get_layer("stage1_block1_gate_expand")
    gate.set_weights([0 * gate.kernel, 0 * gate.bias - 100])
    ends = [model.get_layer(name).output for name in ("stem_relu", "stage1_block1_relu")]
    before, after = keras.Model(model.input, ends)(pixels(1, 48, 48, 1))
    assert np.ptp(before) > 0
    np.testing.assert_allclose(before, after, rtol=0)


def test_logits_and_weights_stay_float32_in_mixed_precision():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = models.create("expression_net", **TINY)
    finally:
        keras.config.set_dtype_policy(before)
    assert keras.backend.standardize_dtype(model(pixels(1, 48, 48, 1)).dtype) == "float32"
    assert model.get_layer("stem_conv").compute_dtype == "bfloat16"
    assert {weight.dtype for weight in model.weights} == {"float32"}


def test_a_saved_network_comes_back_as_it_was(network, tmp_path):
    network.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    image = pixels(2, 40, 40, 1)
    np.testing.assert_array_equal(
        revived.predict(image, verbose=0), network.predict(image, verbose=0)
    )
    assert revived.input_shape == (None, None, None, 1)
    assert revived.get_layer("dropout").rate == 0.2
    assert [layer.get_config() for layer in revived.layers] == [
        layer.get_config() for layer in network.layers
    ]


def test_training_drops_features_and_inference_does_not(network):
    image = pixels(1, 32, 32, 1)
    once, again = (network(image, training=False) for _ in range(2))
    np.testing.assert_allclose(once, again, rtol=0)
    head = keras.Model(network.get_layer("features").output, network.output)
    features = np.ones((1, 8), np.float32)
    answers = {tuple(np.ravel(head(features, training=True))) for _ in range(8)}
    assert len(answers) > 1


def test_stages_without_their_number_of_blocks_are_an_error():
    with pytest.raises(EmoError, match=r"stage_blocks: expected one number for each .*\(1, 2\)"):
        models.create("expression_net", stage_filters=(4, 4, 4), stage_blocks=(1, 2))


def test_a_model_says_what_it_takes_and_returns(tmp_path):
    model = models.create("expression_net", height=40, width=32, **TINY | {"classes": 7})
    metadata = expression_metadata(
        model,
        version="3",
        temperature=1.25,
        crop={"preset": "box", "margin": 0.25},
        licence="CC0-1.0",
        provenance={"datasets": ["made up"]},
    )
    assert (metadata.name, metadata.task, metadata.version) == ("expression", "expression", "3")
    assert metadata.inputs == {"image": ImageInput(40, 32, colour="grey")}
    assert "40 x 32 grey pixels" in metadata.description
    assert metadata.outputs.keys() == {"probabilities"}
    assert metadata.labels == EXPRESSIONS
    assert (metadata.score_kind, metadata.temperature) == ("softmax", 1.25)
    save_model(model, tmp_path / "model.keras", metadata=metadata)
    assert load_model(tmp_path / "model.keras")[1] == metadata


def test_a_model_says_no_more_than_it_is_given():
    model = models.create("expression_net", **TINY)
    metadata = expression_metadata(model, version="1", temperature=1.0, crop={})
    assert (metadata.crop, metadata.licence, metadata.provenance) == ({}, "", {})

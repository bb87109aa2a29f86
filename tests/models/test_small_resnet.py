import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.export.tflite import convert_tflite

TINY = {"stem_filters": 4, "stage_filters": (4, 6, 8), "stage_blocks": (1, 2, 1)}


def pixels(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape).astype(np.float32)


def give_random_weights(model: keras.Model) -> None:
    """Fills every weight, moving statistics too, so that none is at its start."""
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(scale=0.3, size=weight.shape) for weight in model.weights])
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_variance.assign(np.abs(layer.moving_variance))


def test_the_defaults_are_small():
    model = models.create("small_resnet", height=128)
    assert model.input_shape == (None, 128, None, 3)
    assert model.output_shape == (None, 4 * 96)
    assert 170_000 < model.count_params() < 190_000


def test_the_stem_and_each_stage_but_the_first_halve_the_resolution():
    model = models.create("small_resnet", height=40, width=24, **TINY)
    shapes = [
        model.get_layer(name).output.shape[1:]
        for name in ("stem_relu", "stage1_block1_relu", "stage2_block2_relu", "stage3_block1_relu")
    ]
    assert shapes == [(20, 12, 4), (20, 12, 4), (10, 6, 6), (5, 3, 8)]
    assert model.output_shape == (None, 4 * 8)


def test_a_shortcut_passes_on_what_it_gets_where_nothing_changes_size():
    model = models.create("small_resnet", height=32, **TINY)
    names = {layer.name for layer in model.layers if layer.name.endswith("shortcut_conv")}
    assert names == {"stage2_block1_shortcut_conv", "stage3_block1_shortcut_conv"}


@pytest.mark.parametrize(
    ("height", "bands", "rows"),
    [
        pytest.param(64, 4, [(0, 2), (2, 4), (4, 6), (6, 8)], id="bands that divide"),
        pytest.param(40, 3, [(0, 2), (1, 4), (3, 5)], id="bands that overlap"),
        pytest.param(16, 3, [(0, 1), (0, 2), (1, 2)], id="more bands than rows"),
        pytest.param(40, 1, [(0, 5)], id="the whole map"),
    ],
)
def test_features_are_the_means_of_the_last_maps_in_bands_from_top_to_bottom(height, bands, rows):
    model = models.create("small_resnet", height=height, bands=bands, **TINY)
    give_random_weights(model)
    maps = keras.Model(model.input, model.get_layer("stage3_block1_relu").output)
    image = pixels(2, height, 48, 3)
    found = model(image, training=False)
    last = np.asarray(maps(image, training=False))
    expected = [last[:, top:bottom].mean(axis=(1, 2)) for top, bottom in rows]
    assert (np.ptp(expected, axis=(0, 1)) > 0).any()
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), rtol=1e-5)


def test_a_network_of_another_size_takes_over_the_weights():
    one, other = (models.create("small_resnet", height=33, width=w, **TINY) for w in (None, 40))
    give_random_weights(one)
    other.set_weights(one.get_weights())
    image = pixels(2, 33, 40, 3)
    expected = one(image, training=False)
    np.testing.assert_allclose(other(image, training=False), expected, rtol=1e-5, atol=1e-5)


def test_pixels_are_scaled_before_they_are_rounded_to_half_a_float():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = models.create("small_resnet", height=32, **TINY)
    finally:
        keras.config.set_dtype_policy(before)
    assert model.get_layer("normalise").compute_dtype == "float32"
    assert model.get_layer("stem_conv").compute_dtype == "bfloat16"
    assert {weight.dtype for weight in model.weights} == {"float32"}


@pytest.mark.parametrize(
    ("filters", "blocks"),
    [pytest.param((8, 16), (1,), id="too few blocks"), pytest.param((), (), id="no stage")],
)
def test_stages_that_do_not_fit_together_are_refused(filters, blocks):
    with pytest.raises(EmoError, match=r"stage_blocks: expected one number for each.*Received: "):
        models.create("small_resnet", height=32, stage_filters=filters, stage_blocks=blocks)


def test_no_band_at_all_is_refused():
    with pytest.raises(EmoError, match=r"bands: expected 1 or more\. Received: 0"):
        models.create("small_resnet", height=32, bands=0)


@pytest.mark.slow
def test_a_file_for_the_phone_answers_as_keras_does(tmp_path):
    model = models.create("small_resnet", height=32, width=24, **TINY)
    give_random_weights(model)
    model.export(tmp_path / "saved_model", format="tf_saved_model", verbose=False)
    # Of LiteRT's own operations alone: `convert_tflite` lets in no others.
    interpreter = Interpreter(model_content=convert_tflite(tmp_path / "saved_model"))
    run = interpreter.get_signature_runner("serving_default")
    image = pixels(2, 32, 24, 3)
    (found,) = run(**{next(iter(run.get_input_details())): image}).values()
    expected = np.asarray(model(image, training=False))
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()

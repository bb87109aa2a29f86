import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.export.tflite import convert_tflite
from emo_tf.models.folding import fold_batch_norm
from emo_tf.training.batch_norm import training_form

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
    assert model.output_shape == (None, 4 * (24 + 48 + 96))
    assert 170_000 < model.count_params() < 190_000


def test_the_stem_and_each_stage_but_the_first_halve_the_resolution():
    model = models.create("small_resnet", height=40, width=24, **TINY)
    shapes = [
        model.get_layer(name).output.shape[1:]
        for name in ("stem_relu", "stage1_block1_relu", "stage2_block2_relu", "stage3_block1_relu")
    ]
    assert shapes == [(20, 12, 4), (20, 12, 4), (10, 6, 6), (5, 3, 8)]
    assert model.output_shape == (None, 4 * (4 + 6 + 8))


def test_a_stem_as_wide_as_its_step_sees_every_patch_by_itself():
    model = models.create(
        "small_resnet", height=16, width=16, stem_kernel=4, stem_strides=4, **TINY
    )
    assert model.get_layer("stem_relu").output.shape[1:] == (4, 4, 4)
    stem = keras.Model(model.input, model.get_layer("stem_conv").output)
    picture = pixels(1, 16, 16, 3)
    other = picture.copy()
    other[:, 4:8, 8:12] = 255 - other[:, 4:8, 8:12]
    changed = np.abs(np.asarray(stem(picture)) - np.asarray(stem(other))).max(axis=(0, 3)) > 0
    assert np.argwhere(changed).tolist() == [[1, 2]]


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
    model = models.create("small_resnet", height=height, bands=bands, pooled_stages=1, **TINY)
    give_random_weights(model)
    maps = keras.Model(model.input, model.get_layer("stage3_block1_relu").output)
    image = pixels(2, height, 48, 3)
    found = model(image, training=False)
    last = np.asarray(maps(image, training=False))
    expected = [last[:, top:bottom].mean(axis=(1, 2)) for top, bottom in rows]
    assert (np.ptp(expected, axis=(0, 1)) > 0).any()
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), rtol=1e-5)


def test_the_last_stages_make_the_features_one_after_the_other():
    arguments = {"height": 32, "bands": 2, **TINY}
    model = models.create("small_resnet", pooled_stages=2, **arguments)
    give_random_weights(model)
    image = pixels(2, 32, 24, 3)
    expected = []
    for stage in ("stage2_block2_relu", "stage3_block1_relu"):
        maps = np.asarray(keras.Model(model.input, model.get_layer(stage).output)(image))
        half = maps.shape[1] // 2
        expected += [maps[:, :half].mean(axis=(1, 2)), maps[:, half:].mean(axis=(1, 2))]
    found = model(image, training=False)
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), rtol=1e-5)


def test_a_grey_network_sees_luma_alone_and_comes_back_from_a_file(tmp_path):
    model = models.create("small_resnet", height=32, width=24, grey=True, **TINY)
    give_random_weights(model)
    image = pixels(2, 32, 24, 3)
    grey = np.repeat(image @ np.float32([[0.299], [0.587], [0.114]]), 3, axis=-1)
    expected = np.asarray(model(grey, training=False))
    assert np.ptp(expected) > 0
    np.testing.assert_allclose(model(image, training=False), expected, rtol=1e-3, atol=1e-3)
    model.save(tmp_path / "grey.keras")
    again = keras.saving.load_model(tmp_path / "grey.keras")
    np.testing.assert_array_equal(again(image, training=False), model(image, training=False))
    for form in (fold_batch_norm(model), training_form(model, replicas=1)):
        np.testing.assert_allclose(form(grey, training=False), expected, rtol=1e-3, atol=1e-3)


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"bands": 0}, r"bands: expected 1 or more\. Received: 0", id="no band"),
        pytest.param(
            {"pooled_stages": 0},
            r"pooled_stages: expected 1 to 3, the number of stages\. Received: 0",
            id="no stage pooled",
        ),
        pytest.param(
            {"pooled_stages": 4},
            r"pooled_stages: expected 1 to 3, the number of stages\. Received: 4",
            id="more pooled than there are",
        ),
    ],
)
def test_features_of_nothing_are_refused(arguments, message):
    with pytest.raises(EmoError, match=message):
        models.create("small_resnet", height=32, **arguments, **TINY)


@pytest.mark.slow
@pytest.mark.parametrize("grey", [False, True], ids=["colour", "grey"])
def test_a_file_for_the_phone_answers_as_keras_does(tmp_path, grey):
    model = models.create("small_resnet", height=32, width=24, grey=grey, **TINY)
    give_random_weights(model)
    model.export(tmp_path / "saved_model", format="tf_saved_model", verbose=False)
    # Of LiteRT's own operations alone: `convert_tflite` lets in no others.
    interpreter = Interpreter(model_content=convert_tflite(tmp_path / "saved_model"))
    run = interpreter.get_signature_runner("serving_default")
    image = pixels(2, 32, 24, 3)
    (found,) = run(**{next(iter(run.get_input_details())): image}).values()
    expected = np.asarray(model(image, training=False))
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()

import re

import keras
import numpy as np
import pytest
from keras import layers

from emo_tf.errors import EmoError
from emo_tf.models.torch_architectures import RESNET_CHILDREN
from emo_tf.models.torch_weights import (
    LISTED,
    assign,
    misfits,
    named_by_children,
    reverse_colours,
    torch_shapes,
)

SHAPES = {
    "conv.weight": (4, 3, 2, 5),  # outputs, inputs, height, width
    "conv.bias": (4,),
    "bn.weight": (4,),
    "bn.bias": (4,),
    "bn.running_mean": (4,),
    "bn.running_var": (4,),
    "fc.weight": (6, 4),
}


@pytest.fixture
def model() -> keras.Model:
    """A convolution with a bias, a normalisation and a dense layer without."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Conv2D(4, (2, 5), name="conv")(image)
    x = layers.BatchNormalization(epsilon=1e-5, name="bn")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(layers.ReLU(name="relu")(x))
    return keras.Model(image, layers.Dense(6, use_bias=False, name="fc")(x), name="small")


@pytest.fixture
def tensors() -> dict[str, np.ndarray]:
    """Tensors for it, all positive, no two alike."""
    rng = np.random.default_rng(0)
    return {name: rng.uniform(0.1, 1, shape).astype(np.float32) for name, shape in SHAPES.items()}


def weights(model: keras.Model) -> list[np.ndarray]:
    return [weight.copy() for weight in model.get_weights()]


def test_a_models_tensors_have_torchs_names_order_and_shapes(model):
    assert torch_shapes(model) == SHAPES
    assert list(torch_shapes(model)) == list(SHAPES)


def test_a_filled_model_computes_what_torch_does(model, tensors):
    assign(model, tensors, source="small.pth")
    image = np.random.default_rng(1).standard_normal((2, 3, 2, 5), np.float32)
    # One place for the kernel, so the convolution is a product: B, C, H, W with O, C, H, W.
    maps = np.einsum("bchw,ochw->bo", image, tensors["conv.weight"]) + tensors["conv.bias"]
    maps = (maps - tensors["bn.running_mean"]) / np.sqrt(tensors["bn.running_var"] + 1e-5)
    maps = np.maximum(maps * tensors["bn.weight"] + tensors["bn.bias"], 0)
    found = model(np.moveaxis(image, 1, -1), training=False)
    np.testing.assert_allclose(found, maps @ tensors["fc.weight"].T, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "dtype", [np.float64, np.float16, np.int64], ids=lambda kind: kind.__name__
)
def test_numbers_of_other_types_become_float32(model, tensors, dtype):
    given = {name: (10 * tensor).astype(dtype) for name, tensor in tensors.items()}
    assign(model, given, source="small.pth")
    assert {weight.dtype for weight in model.weights} == {"float32"}
    np.testing.assert_array_equal(model.get_layer("fc").kernel, given["fc.weight"].T)


def test_tensors_that_fit_leave_nothing_to_say(model, tensors):
    assert misfits({name: tensor.shape for name, tensor in tensors.items()}, model) == []


def test_what_is_missing_unexpected_and_misshapen_is_listed_and_nothing_is_filled(model, tensors):
    before = weights(model)
    del tensors["conv.bias"], tensors["bn.running_var"]
    tensors["extra.weight"] = np.zeros((2, 3), np.float32)
    tensors["fc.weight"] = tensors["fc.weight"].T
    with pytest.raises(EmoError) as caught:
        assign(model, tensors, source="odd.pth")
    assert str(caught.value) == (
        "odd.pth: expected the tensors of small. "
        "2 missing: conv.bias (4,), bn.running_var (4,); "
        "1 unexpected: extra.weight (2, 3); "
        "1 misshapen: fc.weight (expected (6, 4), received (4, 6))"
    )
    for found, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_more_than_a_few_are_counted(model, tensors):
    tensors |= {f"extra{number}.bias": np.zeros(number) for number in range(LISTED + 3)}
    with pytest.raises(EmoError) as caught:
        assign(model, tensors, source="odd.pth")
    message = str(caught.value)
    assert f"{LISTED + 3} unexpected: extra0.bias (0,), extra1.bias (1,)" in message
    assert len(re.findall(r"extra\d+", message)) == LISTED
    assert message.endswith(" and 3 more")


def test_as_many_as_are_listed_are_not_counted_as_more(model, tensors):
    tensors |= {f"extra{number}.bias": np.zeros(1) for number in range(LISTED)}
    with pytest.raises(EmoError, match=rf"{LISTED} unexpected: .*extra{LISTED - 1}\.bias \(1,\)$"):
        assign(model, tensors, source="odd.pth")


def test_a_state_dict_of_nothing_misses_every_tensor(model):
    with pytest.raises(EmoError, match=r"empty\.pth: .* 7 missing: conv\.weight \(4, 3, 2, 5\), "):
        assign(model, {}, source="empty.pth")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
def test_numbers_that_are_not_finite_are_refused_by_name_and_nothing_is_filled(
    model, tensors, value
):
    before = weights(model)
    tensors["bn.bias"][2] = value
    with pytest.raises(EmoError) as caught:
        assign(model, tensors, source="odd.pth")
    assert str(caught.value) == (
        "odd.pth: expected finite numbers. Received: 1 with NaN or infinity: bn.bias"
    )
    for found, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_slopes_of_the_channels_are_filled():
    image = keras.Input((2, 5, 3), name="image")
    x = layers.PReLU(shared_axes=[1, 2], name="relu1")(image)
    x = layers.PReLU(name="relu2")(keras.ops.mean(x, axis=(1, 2)))
    model = keras.Model(image, x, name="sloped")
    assert torch_shapes(model) == {"relu1.weight": (3,), "relu2.weight": (3,)}
    slopes = {"relu1.weight": np.array([0.5, 2, 3]), "relu2.weight": np.array([10, 1, 0.1])}
    assign(model, slopes, source="slopes.pth")
    found = model(np.full((1, 2, 5, 3), -1, np.float32), training=False)
    np.testing.assert_allclose(found, [[-5, -2, -0.3]], rtol=1e-6)


def test_a_slope_for_each_place_has_a_shape_that_torch_has_not():
    image = keras.Input((2, 5, 3), name="image")
    model = keras.Model(image, layers.PReLU(name="relu")(image), name="sloped")
    with pytest.raises(EmoError, match=r"relu\.weight \(expected \(2, 5, 3\), received \(3,\)\)"):
        assign(model, {"relu.weight": np.ones(3)}, source="slopes.pth")


def test_a_normalisation_without_scale_and_shift_has_statistics_alone():
    features = keras.Input((4,), name="features")
    norm = layers.BatchNormalization(center=False, scale=False, epsilon=1e-5, name="bn")
    model = keras.Model(features, norm(features), name="plain")
    statistics = {"bn.running_mean": np.arange(4.0), "bn.running_var": np.full(4, 4.0)}
    assert torch_shapes(model) == dict.fromkeys(statistics, (4,))
    assign(model, statistics, source="plain.pth")
    expected = (1 - np.arange(4)) / np.sqrt(4 + 1e-5)
    np.testing.assert_allclose(model(np.ones((1, 4)), training=False)[0], expected, rtol=1e-6)


def test_a_network_of_blue_green_red_sees_red_green_blue_once_turned_round(model, tensors):
    assign(model, tensors, source="bgr.pth")
    image = np.random.default_rng(1).standard_normal((2, 4, 6, 3), np.float32)
    expected = np.asarray(model(image[..., ::-1], training=False))
    reverse_colours(model)
    np.testing.assert_allclose(model(image, training=False), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 4])
def test_only_a_network_of_three_colours_is_turned_round(channels):
    image = keras.Input((4, 4, channels), name="image")
    model = keras.Model(image, layers.Conv2D(2, 3, name="conv")(image), name="odd")
    with pytest.raises(EmoError, match=r"odd: expected a convolution of three colours.*: conv$"):
        reverse_colours(model)


def test_names_of_sequential_become_those_of_the_modules():
    given = {"0.weight": 1, "1.running_mean": 2, "4.0.conv1.weight": 3, "7.2.downsample.1.bias": 4}
    assert named_by_children(given, RESNET_CHILDREN) == {
        "conv1.weight": 1,
        "bn1.running_mean": 2,
        "layer1.0.conv1.weight": 3,
        "layer4.2.downsample.1.bias": 4,
    }
    assert named_by_children({"9.weight": 5}, RESNET_CHILDREN) == {"fc.weight": 5}


@pytest.mark.parametrize(
    "given",
    [
        {"conv1.weight": 1, "layer1.0.conv1.weight": 2},
        {"0.weight": 1, "conv1.weight": 2},
        {"0.weight": 1, "10.weight": 2},
        {"0": 1},
        {},
    ],
    ids=["names", "not all numbers", "a number too many", "a number alone", "nothing"],
)
def test_other_names_stay(given):
    assert named_by_children(given, RESNET_CHILDREN) == given


def test_layers_that_torch_names_otherwise_are_an_error():
    features = keras.Input((4,))
    model = keras.Model(features, layers.LayerNormalization(name="norm")(features), name="other")
    with pytest.raises(
        EmoError, match=r"^other: expected weights in conv.* Received: LayerNormalization norm$"
    ):
        torch_shapes(model)

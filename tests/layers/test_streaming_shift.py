import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.layers.streaming_shift import StreamingShift
from emo_tf.layers.temporal_shift import TemporalShift


def test_a_layer_has_no_weights_and_returns_maps_and_a_state_of_the_shapes_it_is_given():
    layer = StreamingShift()
    shifted, following = layer(keras.Input((5, 4, 16)), keras.Input((5, 4, 2)))
    assert (shifted.shape, following.shape) == ((None, 5, 4, 16), (None, 5, 4, 2))
    assert layer.weights == []


def test_kept_channels_take_the_place_of_the_first_which_are_kept_in_turn():
    maps, state = np.reshape([1.0, 2.0, 3.0], (1, 1, 1, 3)), np.reshape([8.0, 9.0], (1, 1, 1, 2))
    shifted, following = StreamingShift()(maps, state)
    assert np.reshape(shifted, -1).tolist() == [8, 9, 3]
    assert np.reshape(following, -1).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("channels", "count"), [(20, 2), (6, 3), (4, 4)], ids=["a share", "half", "all"]
)
def test_frame_after_frame_gives_the_one_way_shift_of_the_clip(channels, count):
    clip = np.random.default_rng(0).normal(size=(6, 3, 2, channels)).astype(np.float32)
    state = np.zeros((1, 3, 2, count), np.float32)
    found = []
    for frame in clip:
        shifted, state = StreamingShift()(frame[None], state)
        found.append(shifted[0])
    expected = TemporalShift(6, fraction=count / channels)(clip)
    np.testing.assert_array_equal(np.stack(found), expected)


def test_a_state_stays_float32_in_mixed_precision():
    layer = StreamingShift(dtype="mixed_bfloat16")
    shifted, following = layer(keras.Input((2, 2, 8)), keras.Input((2, 2, 1)))
    assert (shifted.dtype, following.dtype) == ("bfloat16", "float32")
    found = layer(np.ones((1, 2, 2, 8), np.float32), np.zeros((1, 2, 2, 1), np.float32))
    assert [tensor.dtype.name for tensor in found] == ["bfloat16", "float32"]


def test_a_saved_layer_comes_back_as_it_was(tmp_path):
    inputs = {"x": keras.Input((2, 3, 8), name="x"), "state": keras.Input((2, 3, 2), name="state")}
    layer = StreamingShift(name="shift", dtype="float64")
    shifted, following = layer(inputs["x"], inputs["state"])
    model = keras.Model(inputs, {"shifted": shifted, "state": following})
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(revived.get_layer("shift"), StreamingShift)
    assert revived.get_layer("shift").compute_dtype == "float64"
    rng = np.random.default_rng(0)
    given = {name: rng.normal(size=(2, *tensor.shape[1:])) for name, tensor in inputs.items()}
    for name, expected in model.predict(given, verbose=0).items():
        np.testing.assert_array_equal(revived.predict(given, verbose=0)[name], expected)


@pytest.mark.parametrize(
    "state",
    [(None, 2, 3, 9), (None, 3, 2, 2), (None, 2, 3, 0), (None, 2, 3, None), (None, 6, 2)],
    ids=["more channels", "turned", "no channels", "any channels", "flat"],
)
def test_a_state_that_does_not_fit_is_an_error(state):
    with pytest.raises(EmoError, match=r"^state: expected \(B, H, W, c\) of the height and width"):
        StreamingShift().build((None, 2, 3, 8), state)

import keras
import numpy as np
import pytest
import tensorflow as tf

from emo_tf.errors import EmoError
from emo_tf.layers.temporal_shift import TemporalShift

FRAMES = 3
# Two clips of three frames of one pixel with four channels: clip, frame, channel.
CLIPS = np.arange(1000, 3000, 1000)[:, None, None] + np.arange(100, 400, 100)[:, None]
CLIPS = (CLIPS + np.arange(1, 5)).astype(np.float32)


def shifted(**arguments: object) -> np.ndarray:
    """Returns what the layer makes of `CLIPS`, clip, frame, channel."""
    found = TemporalShift(FRAMES, **arguments)(CLIPS.reshape(-1, 1, 1, 4))
    assert found.shape == (6, 1, 1, 4)
    return np.reshape(found, CLIPS.shape)


def by_loop(clips: np.ndarray, count: int, *, two_way: bool, keeps: bool) -> np.ndarray:
    """Returns clips (B, T, H, W, C) shifted by `count` channels each way, frame by frame."""
    past, future = (slice(count, 2 * count), slice(count)) if two_way else (slice(count), slice(0))
    found = clips.copy()
    last = clips.shape[1] - 1
    for frame in range(last + 1):
        own = clips[:, frame] if keeps else np.zeros_like(clips[:, frame])
        before = clips[:, frame - 1] if frame else own
        after = clips[:, frame + 1] if frame < last else own
        found[:, frame, ..., past] = before[..., past]
        found[:, frame, ..., future] = after[..., future]
    return found


def test_a_layer_has_no_weights_and_keeps_the_shape_of_the_maps():
    layer = TemporalShift(FRAMES)
    output = layer(keras.Input((5, 4, 16)))
    assert output.shape == (None, 5, 4, 16)
    assert layer.weights == []


def test_a_quarter_comes_from_the_frame_before_of_the_same_clip():
    expected = [
        [[0, 1102, 1103, 1104], [1101, 1202, 1203, 1204], [1201, 1302, 1303, 1304]],
        [[0, 2102, 2103, 2104], [2101, 2202, 2203, 2204], [2201, 2302, 2303, 2304]],
    ]
    np.testing.assert_array_equal(shifted(fraction=1 / 4), expected)


def test_the_first_frame_of_each_clip_can_keep_its_own():
    found = shifted(fraction=1 / 4, first_keeps=True)
    np.testing.assert_array_equal(found[:, 0], CLIPS[:, 0])
    np.testing.assert_array_equal(found[:, 1:], shifted(fraction=1 / 4)[:, 1:])


def test_two_ways_bring_the_first_quarter_from_the_future_and_the_second_from_the_past():
    expected = [
        [[1201, 0, 1103, 1104], [1301, 1102, 1203, 1204], [0, 1202, 1303, 1304]],
        [[2201, 0, 2103, 2104], [2301, 2102, 2203, 2204], [0, 2202, 2303, 2304]],
    ]
    np.testing.assert_array_equal(shifted(fraction=1 / 4, two_way=True), expected)


@pytest.mark.parametrize("keeps", [False, True], ids=["zeros at the ends", "own at the ends"])
@pytest.mark.parametrize("two_way", [False, True], ids=["one way", "two ways"])
@pytest.mark.parametrize("frames", [1, 2, 5])
@pytest.mark.parametrize(
    ("channels", "fraction", "count"),
    [(20, 1 / 8, 2), (6, 0.5, 3), (100, 0.29, 29)],
    ids=["rounded down", "half", "nearly whole"],
)
def test_maps_move_as_in_a_loop_over_the_frames(channels, fraction, count, frames, two_way, keeps):
    clips = np.random.default_rng(0).normal(size=(2, frames, 3, 2, channels)).astype(np.float32)
    layer = TemporalShift(frames, fraction=fraction, two_way=two_way, first_keeps=keeps)
    found = layer(clips.reshape(-1, 3, 2, channels))
    expected = by_loop(clips, count, two_way=two_way, keeps=keeps)
    np.testing.assert_array_equal(np.reshape(found, clips.shape), expected)


def test_all_channels_can_move():
    np.testing.assert_array_equal(shifted(fraction=1.0)[:, 1:], CLIPS[:, :-1])


def test_each_channel_sends_its_gradient_to_the_frame_it_came_from():
    maps = tf.Variable(CLIPS.reshape(-1, 1, 1, 4))
    weights = np.arange(1, 25, dtype=np.float32).reshape(6, 1, 1, 4)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(TemporalShift(FRAMES, fraction=1 / 4)(maps) * weights)
    found = np.reshape(tape.gradient(total, maps), CLIPS.shape)
    weights = weights.reshape(CLIPS.shape)
    np.testing.assert_array_equal(found[..., 1:], weights[..., 1:])
    np.testing.assert_array_equal(found[:, :-1, 0], weights[:, 1:, 0])
    np.testing.assert_array_equal(found[:, -1, 0], [0, 0])


def test_a_saved_layer_comes_back_as_it_was(tmp_path):
    maps = keras.Input((2, 3, 8))
    settings = {"frames": 5, "fraction": 0.25, "two_way": True, "first_keeps": True}
    model = keras.Model(maps, TemporalShift(**settings, name="shift")(maps))
    model.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    layer = revived.get_layer("shift")
    assert isinstance(layer, TemporalShift)
    assert {name: getattr(layer, name) for name in settings} == settings
    given = np.random.default_rng(0).normal(size=(10, 2, 3, 8)).astype(np.float32)
    np.testing.assert_array_equal(revived(given), model(given))
    assert np.abs(model(given) - given).max() > 1


def test_a_clip_has_frames():
    with pytest.raises(EmoError, match=r"^frames: expected 1 or more\. Received: 0$"):
        TemporalShift(0)


@pytest.mark.parametrize(
    ("arguments", "shape", "message"),
    [
        pytest.param(
            {"fraction": 1 / 8},
            (None, 2, 2, 7),
            r"^fraction: expected 1 to 7 of 7 channels\. Received: 0\.125, which is 0$",
            id="less than a channel",
        ),
        pytest.param(
            {"fraction": 1.5},
            (None, 2, 2, 4),
            r"^fraction: expected 1 to 4 of 4 channels\. Received: 1\.5, which is 6$",
            id="more than all",
        ),
        pytest.param(
            {"fraction": 0.75, "two_way": True},
            (None, 2, 2, 4),
            r"^fraction: expected at most half of 4 channels .* Received: 0\.75, which is 3$",
            id="more than half twice",
        ),
        pytest.param(
            {},
            (None, None, 2, 8),
            r"^maps: expected \(B\*T, H, W, C\) with H, W and C known\. Received: ",
            id="any height",
        ),
        pytest.param({}, (None, 3, 2, 2, 8), r"^maps: expected \(B\*T, H, W, C\)", id="clips"),
    ],
)
def test_maps_that_cannot_be_shifted_are_an_error(arguments, shape, message):
    with pytest.raises(EmoError, match=message):
        TemporalShift(FRAMES, **arguments).build(shape)

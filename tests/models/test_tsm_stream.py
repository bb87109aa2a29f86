import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from tests.tsm_models import SMALL, first_states, moving_clips, small_tsm, streamed

pytestmark = pytest.mark.slow

TOLERANCE = 1e-4

SHIFTS = {"residual": 0, "stage": 3}
"""The first frame at which the network of streams answers as that of clips."""


def on_its_weights(model: keras.Model, form: str, backbone: str, **settings) -> keras.Model:
    other = small_tsm(form, backbone, **settings)
    other.set_weights(model.get_weights())
    return other


def frame_logits(model: keras.Model, clips: np.ndarray) -> np.ndarray:
    return model.predict({"clip": clips}, verbose=0)["frame_logits"]


@pytest.mark.parametrize("shift", list(SHIFTS))
@pytest.mark.parametrize("backbone", list(SMALL))
def test_one_frame_after_the_other_gives_the_logits_of_the_clip(backbone, shift):
    stream = small_tsm("tsm_stream", backbone, shift=shift)
    model = on_its_weights(stream, "tsm", backbone, shift=shift, frames=8)
    clips = moving_clips(model, frames=8)
    expected, found = frame_logits(model, clips), streamed(stream, clips)
    assert np.ptp(expected, axis=1).max() > 0.01 * np.abs(expected).max()
    first = SHIFTS[shift]
    apart = np.abs(found - expected).max(axis=(0, 2)) / np.abs(expected).max()
    assert (apart[first:] <= TOLERANCE).all()
    # Before, the first frames of the clip keep channels that the stream has zeros for.
    assert (apart[: max(first - 1, 0)] > TOLERANCE).all()


@pytest.mark.parametrize(("shift", "frames"), [("residual", 8), ("stage", 4)])
def test_the_running_stream_gives_the_last_logits_of_a_clip_that_slides(shift, frames):
    stream = small_tsm("tsm_stream", "expression_net", shift=shift)
    model = on_its_weights(stream, "tsm", "expression_net", shift=shift, frames=frames)
    videos = moving_clips(model, frames=frames + 6, clips=1)
    windows = np.stack([videos[0, start : start + frames] for start in range(7)])
    expected = frame_logits(model, windows)[:, -1]
    found = streamed(stream, videos)[0, frames - 1 :]
    assert np.abs(found - expected).max() <= TOLERANCE * np.abs(expected).max()
    assert np.ptp(expected, axis=0).max() > 0.01 * np.abs(expected).max()


def test_videos_of_one_batch_do_not_see_each_other():
    stream = small_tsm("tsm_stream", "expression_net")
    videos = moving_clips(stream, frames=4)
    together = streamed(stream, videos)
    for index in range(2):
        alone = streamed(stream, videos[index : index + 1])[0]
        np.testing.assert_allclose(together[index], alone, rtol=1e-4, atol=1e-5)


def test_states_are_as_large_as_the_channels_that_move():
    stream = small_tsm("tsm_stream", "expression_net", shift="residual")
    shapes = {name: tensor.shape[1:] for name, tensor in stream.input.items()}
    assert shapes == {
        "frame": (24, 20, 1),
        "state_1": (12, 10, 1),
        "state_2": (12, 10, 1),
        "state_3": (6, 5, 1),
        "state_4": (6, 5, 1),
        "state_5": (3, 3, 2),
    }
    returned = {name: tensor.shape[1:] for name, tensor in stream.output.items()}
    del shapes["frame"]
    assert returned == {"logits": (7,), **shapes}


def test_a_stream_without_a_shift_has_no_states():
    stream = small_tsm("tsm_stream", "expression_net", shift="none")
    assert (list(stream.input), list(stream.output)) == (["frame"], ["logits"])


def test_a_stream_in_mixed_precision_keeps_its_states_in_float32(mixed_bfloat16):
    stream = small_tsm("tsm_stream", "expression_net")
    assert {tensor.dtype for tensor in (*stream.input.values(), *stream.output.values())} == {
        "float32"
    }
    assert np.isfinite(streamed(stream, moving_clips(stream, frames=2))).all()


def test_a_saved_stream_comes_back_as_it_was(tmp_path):
    stream = small_tsm("tsm_stream", "expression_net", fraction=0.25)
    stream.save(tmp_path / "model.keras")
    revived = keras.models.load_model(tmp_path / "model.keras")
    assert first_states(revived).keys() == first_states(stream).keys()
    videos = moving_clips(stream, frames=3)
    np.testing.assert_array_equal(streamed(revived, videos), streamed(stream, videos))


def test_a_stream_has_no_frame_after():
    with pytest.raises(EmoError, match=r"^two_way: expected False .* Received: True$"):
        small_tsm("tsm_stream", "expression_net", two_way=True)

"""Splits of several data sets as clips: what moves, what stays, what is missing."""

import numpy as np
import pytest

from emo_tf.data import builders
from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.clip_splits import ClipSplits, MeasuredClips
from emo_tf.data.clips import ClipData
from emo_tf.errors import EmoError

NAMES = {"clips": "vtt_friends/clips8", "stills": "raf_db/basic", "faces": "fer2013"}


@pytest.fixture
def measured(video_twin):
    """Returns a split as a model of so many frames takes it."""

    def make(name: str, split: str, *, frames: int, limit: int | None = None) -> MeasuredClips:
        splits = ClipSplits(
            {NAMES[name]: builders.prepared(NAMES[name], data_dir=video_twin)},
            inputs=ClipInputs(frames, (24, 24), colour="grey"),
            change=0.0,
            fade=(1, 1),
            settings=ClipData(limit=limit),
        )
        return splits.measured(NAMES[name], split)

    return make


def first(clips: MeasuredClips) -> np.ndarray:
    return next(clips.batches().as_numpy_iterator())["clip"]


@pytest.mark.parametrize("frames", [1, 4])
@pytest.mark.parametrize(
    ("name", "split"),
    [("clips", "validation"), ("stills", "test"), ("faces", "held_out")],
    ids=["clips", "stills", "faces"],
)
def test_stills_move_for_a_model_of_several_frames_and_clips_stay(measured, name, split, frames):
    clips = measured(name, split, frames=frames, limit=3)
    assert first(clips).shape[1:] == (frames, 24, 24, 1)
    assert clips.count == 3
    assert (clips.augmentation is not None) == (frames > 1 and name != "clips")


def test_an_unknown_split_of_fer2013_is_refused_with_close_matches(measured):
    with pytest.raises(EmoError, match="Unknown split of fer2013: did you mean public_test"):
        measured("faces", "public_tests", frames=1)

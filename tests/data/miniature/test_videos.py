import hashlib

import numpy as np
import pytest

from emo_tf.data.miniature.videos import KEY_FRAME, draw_clip, plan_clip, score_evidence


@pytest.fixture(scope="module")
def clips():
    return [plan_clip(number, seed=0) for number in range(1000)]


def test_half_of_the_clips_keep_still_the_others_move_through_the_key_frame(clips):
    assert np.mean([clip.before == clip.after for clip in clips]) == pytest.approx(0.5, abs=0.05)
    for clip in clips:
        assert len(clip.progress) == 4
        assert list(clip.progress) == sorted(clip.progress)
        assert 0.35 <= clip.progress[KEY_FRAME] <= 0.65


def test_a_single_frame_cannot_always_tell(clips):
    oracle = score_evidence(clips, measured_on="many")

    assert oracle.scores["none"] == (1 / 7,)
    assert oracle.scores["one frame"][0] == pytest.approx(0.75, abs=0.05)
    assert oracle.scores["clip"] == (1.0,)


def test_a_moving_face_changes_and_a_still_one_does_not(clips):
    moving = next(clip for clip in clips if clip.before != clip.after)
    still = next(clip for clip in clips if clip.before == clip.after)

    frames = {clip: [frame.astype(int) for frame, _ in draw_clip(clip)] for clip in (moving, still)}

    assert np.abs(frames[moving][0] - frames[moving][-1]).max() > 50
    np.testing.assert_array_equal(frames[still][0], frames[still][-1])


def test_only_the_face_moves(clips):
    moving = next(clip for clip in clips if clip.before != clip.after)

    (first, box), *_, (last, _) = draw_clip(moving)

    x, y, width, height = np.round(box).astype(int)
    outside = np.ones(first.shape[:2], bool)
    outside[y - height // 3 : y + 4 * height // 3, x - width // 3 : x + 4 * width // 3] = False
    np.testing.assert_array_equal(first[outside], last[outside])


def test_longer_clips_end_at_the_second_expression():
    clip = plan_clip(1, seed=0, frames=12)

    assert len(clip.progress) == 12
    assert clip.progress[-1] == 1


def test_the_key_frame_can_stand_elsewhere_and_shows_the_same():
    for number in range(20):
        usual = plan_clip(number, seed=0)
        other = plan_clip(number, seed=0, frames=16, key_frame=8)

        assert (usual.key_frame, other.key_frame) == (2, 8)
        assert (other.before, other.after, other.seed) == (usual.before, usual.after, usual.seed)
        assert len(other.progress) == 16
        assert other.progress[6:10] == usual.progress


def test_a_single_frame_tells_as_much_wherever_the_key_frame_stands():
    first, second = (
        score_evidence([plan_clip(n, seed=0, **options) for n in range(200)], measured_on="many")
        for options in ({}, {"frames": 16, "key_frame": 8})
    )

    assert first == second


def test_what_the_usual_arguments_plan_is_left_alone(clips):
    planned = [(clip.before, clip.after, clip.progress, clip.seed) for clip in clips]
    digest = hashlib.sha1(repr(planned).encode()).hexdigest()

    assert digest == "cc8925ca8b510a57a6940cb7b41c3640a3ed4c1d"


def test_the_detector_finds_the_face_in_every_frame(clips, found_share):
    frames = [frame for clip in clips[:20] for frame in draw_clip(clip)]
    share, strays = found_share((picture, [box]) for picture, box in frames)

    assert share >= 0.95
    assert strays <= 1

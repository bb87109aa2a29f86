"""How clips are changed at random."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from emo_tf.data.clip_augment import MOVING, ClipAugmentation, augment_clips
from emo_tf.data.clip_draws import draw_clips
from emo_tf.errors import EmoError

STILL = ClipAugmentation(
    flip=False,
    shift=0,
    zoom=0,
    level_probability=0,
    blur_probability=0,
    noise_probability=0,
)
CLIPS, FRAMES, SIDE = 32, 6, 24


def change(clips: np.ndarray, seed=(1, 2), **settings) -> np.ndarray:
    """Returns clips changed by nothing but `settings`."""
    draws = draw_clips(tf.constant(seed, tf.int64), len(clips), frames=clips.shape[1])
    return augment_clips(tf.constant(clips), draws, replace(STILL, **settings)).numpy()


def textured(clips: int = CLIPS, *, channels: int = 1) -> np.ndarray:
    """Returns clips of which all show one picture of noise, uint8."""
    shape = (1, 1, SIDE, SIDE, channels)
    picture = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    return np.broadcast_to(picture, (clips, FRAMES, *shape[2:])).copy()


def spots() -> np.ndarray:
    """Returns clips of a round spot in the middle."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    picture = 250 * np.exp(-(columns**2 + rows**2) / 8)
    shape = (CLIPS, FRAMES, SIDE, SIDE, 1)
    return np.broadcast_to(picture[..., None].astype(np.float32), shape).copy()


def centres(clips: np.ndarray) -> np.ndarray:
    """Returns where the spots are, x and y from the middle, (B, T, 2)."""
    position = np.arange(SIDE) - (SIDE - 1) / 2
    weights = clips[..., 0] / clips.sum(axis=(2, 3, 4))[..., None, None]
    return np.stack([weights.sum(axis=2) @ position, weights.sum(axis=3) @ position], axis=-1)


@pytest.mark.parametrize("channels", [1, 3])
def test_without_any_change_clips_come_back_as_they_are(channels):
    clips = textured(channels=channels)
    changed = change(clips)

    assert changed.dtype == np.float32
    np.testing.assert_array_equal(changed, clips)


@pytest.mark.parametrize(
    "settings",
    [
        {"flip": True},
        {"shift": 0.1, "zoom": 0.1},
        {"rotation_degrees": 20},
        {"level_probability": 1},
        {"shading": 0.4},
        {"gamma": 0.4},
        {"blur_probability": 1},
        {"erase_probability": 1},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_what_is_drawn_once_changes_all_frames_of_a_clip_alike(settings):
    changed = change(textured(), **settings)
    clips = changed[:, 0].reshape(CLIPS, -1)

    np.testing.assert_allclose(changed, np.repeat(changed[:, :1], FRAMES, axis=1), atol=2e-3)
    assert len(np.unique(clips.round(1), axis=0)) > (1 if "flip" in settings else CLIPS // 2)


@pytest.mark.parametrize(
    "settings",
    [{"drift": 0.1}, {"jitter": 0.05}, {"light_drift": 0.1}, {"flicker": 0.1}],
    ids=lambda settings: next(iter(settings)),
)
def test_what_changes_in_the_course_of_a_clip_makes_frames_differ(settings):
    changed = change(textured(), **settings)

    differences = np.abs(np.diff(changed, axis=1)).mean(axis=(2, 3, 4))  # (B, T - 1)
    assert (differences.max(axis=1) > 0.01).mean() > 0.9


def test_half_of_the_clips_are_mirrored():
    clips = textured(256)
    is_mirrored = (change(clips, flip=True) == clips[:, :, :, ::-1]).all(axis=(1, 2, 3, 4))
    assert 0.4 < is_mirrored.mean() < 0.6


def test_shifts_reach_as_far_as_is_said():
    found = centres(change(spots(), shift=0.2))
    assert 0.12 * SIDE < np.abs(found).max() <= 0.2 * SIDE + 0.1


def test_drift_is_slow_and_jitter_is_not():
    drift, jitter = (centres(change(spots(), **{name: 0.1})) for name in ("drift", "jitter"))
    slow, fast = (
        np.abs(np.diff(at, n=2, axis=1)).mean() / np.ptp(at, axis=1).mean()
        for at in (drift, jitter)
    )
    assert slow < 0.2 < 0.6 < fast


def test_noise_is_another_in_each_frame_and_only_in_its_share_of_the_clips():
    clips = np.full((256, 4, 16, 16, 1), 128, np.uint8)
    deviations = (change(clips, noise_probability=0.3, noise=0.1) - 128).std(axis=(2, 3, 4))
    noisy = change(clips, noise_probability=1, noise=0.1) - 128

    assert 0.2 < (deviations > 0).all(axis=1).mean() < 0.4
    assert deviations.max() < 0.12 * 255
    assert abs(np.corrcoef(noisy[:, 0].ravel(), noisy[:, 1].ravel())[0, 1]) < 0.02


@pytest.mark.parametrize("seed", range(4))
def test_a_clip_does_not_depend_on_the_others_of_its_batch(seed):
    clips = textured()
    draws = draw_clips(tf.constant((5, seed), tf.int64), CLIPS, frames=FRAMES)
    whole = augment_clips(tf.constant(clips), draws, MOVING)
    part = augment_clips(tf.constant(clips[7:9]), draws[7:9], MOVING)

    np.testing.assert_allclose(part, whole[7:9], rtol=0, atol=0.002)  # sines are rounded otherwise


def test_pixels_stay_within_their_range():
    for settings in (MOVING, ClipAugmentation()):
        changed = change(textured(), **vars(settings))
        assert 0 <= changed.min() <= changed.max() <= 255


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shift": -0.1}, "augmentation.shift: expected 0 or more. Received: -0.1"),
        ({"noise_probability": 1.5}, "noise_probability: expected 0 to 1. Received: 1.5"),
        ({"zoom": 0.9, "drift": 0.1}, "expected a sum below 1. Received: 0.9, 0.1, 0.0"),
        ({"erase_area": (0.3, 0.2)}, r"smallest <= largest <= 1. Received: \(0.3, 0.2\)"),
    ],
    ids=["negative", "probability", "zoom", "area"],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(EmoError, match=message):
        ClipAugmentation(**settings)

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from emo_tf.data.augment import Augmentation, augment

STILL = Augmentation(
    rotation_degrees=0,
    scale=0,
    translation=0,
    flip=False,
    brightness=0,
    contrast=0,
    gamma=0,
    shading=0,
    blur_probability=0,
    erase_probability=0,
)
SIDE = 33
CENTRE = (SIDE - 1) / 2
BATCH = 64


def change(images, seed=(1, 2), *, side=SIDE, **settings) -> np.ndarray:
    """Returns the pictures changed by nothing but `settings`."""
    seed = tf.constant(seed, tf.int32)
    return augment(tf.constant(images), seed, replace(STILL, **settings), side=side).numpy()


def noise(batch=BATCH, side=SIDE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (batch, side, side, 1), np.uint8)


def spot(x: float, y: float, *, side=SIDE, width=1.5) -> np.ndarray:
    """Returns a batch of one picture: a round spot whose centre is at a distance to the middle."""
    rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
    picture = 250 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * width**2))
    return np.repeat(picture[None, :, :, None].astype(np.float32), BATCH, axis=0)


def centres(pictures: np.ndarray) -> np.ndarray:
    """Returns where the spots are, as (x, y) from the middle, shape (B, 2)."""
    side = pictures.shape[1]
    position = np.arange(side) - (side - 1) / 2
    weights = pictures[..., 0] / pictures.sum(axis=(1, 2, 3))[:, None, None]
    return np.stack([weights.sum(axis=1) @ position, weights.sum(axis=2) @ position], axis=1)


def test_without_any_change_pictures_come_back_as_they_are():
    images = noise()
    changed = change(images)
    assert changed.dtype == np.float32
    np.testing.assert_allclose(changed, images, atol=1e-3)


def test_the_same_seed_changes_alike_and_another_one_otherwise():
    images, everything = noise(8), {**vars(Augmentation())}
    first, again = (change(images, (3, 4), **everything) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    for other in ((3, 5), (4, 4)):
        assert (np.abs(change(images, other, **everything) - first).max(axis=(1, 2, 3)) > 20).all()


def test_each_picture_of_a_batch_is_changed_in_its_own_way():
    changed = change(np.repeat(noise(1), 8, axis=0), **vars(Augmentation()))
    pairs = np.abs(changed[:, None] - changed[None, :]).mean(axis=(2, 3, 4))
    assert (pairs[~np.eye(8, dtype=bool)] > 5).all()


def test_inside_a_data_set_the_change_is_the_same():
    images, settings = noise(4), Augmentation()
    seeds = [[7, 1], [7, 2]]
    dataset = tf.data.Dataset.from_tensor_slices(seeds).map(
        lambda seed: augment(tf.constant(images), seed, settings, side=24)
    )
    assert dataset.element_spec.shape[1:] == (24, 24, 1)
    for seed, changed in zip(seeds, dataset, strict=True):
        expected = change(images, seed, side=24, **vars(settings))
        np.testing.assert_allclose(changed, expected, atol=1e-2)


@pytest.mark.parametrize("seed", range(3))
def test_strong_changes_stay_between_black_and_white(seed):
    strong = Augmentation(brightness=0.6, contrast=0.9, gamma=1.5, shading=1.0)
    changed = change(noise(), (seed, 0), **vars(strong))
    assert np.isfinite(changed).all()
    assert 0 <= changed.min() < changed.max() <= 255


def test_half_of_the_pictures_are_mirrored_and_nothing_else():
    images = noise(1)
    changed = change(np.repeat(images, 2 * BATCH, axis=0), flip=True)
    straight = np.abs(changed - images).max(axis=(1, 2, 3)) < 1e-3
    mirrored = np.abs(changed - images[:, :, ::-1]).max(axis=(1, 2, 3)) < 1e-3
    assert (straight ^ mirrored).all()
    assert 0.3 < mirrored.mean() < 0.7


def test_pictures_turn_about_their_middle_without_being_sheared():
    right = centres(change(spot(8, 0), rotation_degrees=30))
    down = centres(change(spot(0, 8), rotation_degrees=30))
    np.testing.assert_allclose(centres(change(spot(0, 0), rotation_degrees=30)), 0, atol=0.05)
    for spots in (right, down):
        np.testing.assert_allclose(np.hypot(*spots.T), 8, atol=0.1)
    # The same seed: both spots of a picture turn by one angle, the second a quarter further on.
    np.testing.assert_allclose(down, np.stack([-right[:, 1], right[:, 0]], axis=1), atol=0.1)
    degrees = np.degrees(np.arctan2(right[:, 1], right[:, 0]))
    assert np.abs(degrees).max() <= 30.5
    assert degrees.min() < -20 < 20 < degrees.max()


def test_a_mirrored_picture_turns_as_well():
    settings = {"rotation_degrees": 30, "flip": True}
    right = centres(change(spot(8, 0), **settings))
    down = centres(change(spot(0, 8), **settings))
    handedness = (right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0]) / 64
    np.testing.assert_allclose(np.abs(handedness), 1, atol=0.03)
    assert 0.2 < (handedness < 0).mean() < 0.8
    assert down[:, 1].min() > 8 * np.cos(np.radians(31))


def test_pictures_are_enlarged_and_reduced_about_their_middle():
    spots = centres(change(spot(8, -4, width=1.0), scale=0.25))
    zooms = spots[:, 0] / 8
    np.testing.assert_allclose(spots[:, 1] / -4, zooms, atol=0.03)
    assert 0.74 <= zooms.min() < 0.85
    assert 1.15 < zooms.max() <= 1.26


def test_pictures_shift_by_up_to_a_share_of_their_side():
    shifts = centres(change(spot(0, 0), translation=0.2))
    for axis in shifts.T:
        assert -0.2 * SIDE - 0.1 <= axis.min() < -4 < 4 < axis.max() <= 0.2 * SIDE + 0.1
    assert abs(np.corrcoef(shifts.T)[0, 1]) < 0.4


@pytest.mark.parametrize("side", [24, 36, 60])
def test_another_side_resizes_about_the_middle(side):
    (at,) = np.unique(np.round(centres(change(spot(9, -6, width=3.0), side=side)), 2), axis=0)
    np.testing.assert_allclose(at, np.array([9, -6]) * side / SIDE, atol=0.1)


def test_twice_the_side_is_the_bilinear_enlargement():
    images = noise(2)
    expected = tf.image.resize(images, (2 * SIDE, 2 * SIDE), "bilinear")
    np.testing.assert_allclose(change(images, side=2 * SIDE), expected, atol=1e-2)


def test_brightness_adds_one_offset_to_a_picture():
    grey = np.full((BATCH, SIDE, SIDE, 1), 100, np.uint8)
    changed = change(grey, brightness=0.2)
    offsets = changed[:, 0, 0, 0] - 100
    np.testing.assert_allclose(
        changed - 100, np.broadcast_to(offsets[:, None, None, None], grey.shape)
    )
    assert -51 <= offsets.min() < -30 < 30 < offsets.max() <= 51


def test_contrast_scales_about_the_mean():
    images = 90 + noise() / np.float32(8)
    changed = change(images, contrast=0.5)
    means = images.mean(axis=(1, 2, 3), keepdims=True)
    factors = (changed - means)[:, 0, 0, 0] / (images - means)[:, 0, 0, 0]
    np.testing.assert_allclose(
        changed, means + factors[:, None, None, None] * (images - means), atol=1e-2
    )
    assert 0.5 <= factors.min() < 0.7 < 1.3 < factors.max() <= 1.5


def test_gamma_keeps_black_and_white_and_moves_what_lies_between():
    ramp = np.tile(
        np.linspace(0, 255, SIDE, dtype=np.float32)[None, None, :, None], (BATCH, SIDE, 1, 1)
    )
    changed = change(ramp, gamma=0.5)
    np.testing.assert_allclose(changed[:, :, [0, -1]], ramp[:, :, [0, -1]], atol=1e-3)
    middle = changed[:, 0, SIDE // 2, 0] / 255
    exponents = np.log(middle) / np.log(0.5)
    assert np.exp(-0.5) <= exponents.min() < 0.8 < 1.2 < exponents.max() <= np.exp(0.5)


def test_shading_slopes_evenly_and_leaves_the_middle():
    grey = np.full((BATCH, SIDE, SIDE, 1), 100, np.uint8)
    changed = change(grey, shading=0.5)[..., 0]
    np.testing.assert_allclose(changed[:, SIDE // 2, SIDE // 2], 100, atol=1e-3)
    for axis in (1, 2):
        np.testing.assert_allclose(np.diff(changed, n=2, axis=axis), 0, atol=1e-3)
    slopes = changed[:, SIDE // 2, -1] / 100 - 1
    assert -0.5 <= slopes.min() < -0.25 < 0.25 < slopes.max() <= 0.5


def test_blur_mixes_in_the_smoothed_picture_for_a_share_of_the_pictures():
    images = noise(4 * BATCH)
    changed = change(images, blur_probability=0.4)
    blurred = np.abs(changed - images).max(axis=(1, 2, 3)) > 1e-2
    assert 0.3 < blurred.mean() < 0.5

    row = np.array([1, 4, 6, 4, 1]) / 16
    kernel = np.outer(row, row)[None, :, :, None]
    smooth = ndimage.convolve(images.astype(np.float32), kernel, mode="reflect")
    step = smooth - images
    amounts = ((changed - images) * step).sum(axis=(1, 2, 3)) / (step**2).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(changed, images + amounts[:, None, None, None] * step, atol=1e-2)
    assert 0 < amounts[blurred].min() < 0.2 < 0.8 < amounts[blurred].max() <= 1


def test_every_picture_loses_one_rectangle_to_noise():
    grey = np.full((BATCH, SIDE, SIDE, 1), 300.5, np.float32)  # no noise is of that brightness
    changed = _erased(grey, probability=1.0)
    shares = []
    for gone in changed:
        rows, columns = np.nonzero(gone.any(axis=1))[0], np.nonzero(gone.any(axis=0))[0]
        if rows.size:
            box = gone[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            assert box.all()
        shares.append(gone.mean())
    assert np.count_nonzero(shares) >= BATCH - 2  # a thin one may fall outside at the border
    assert max(shares) <= 0.25 + 2 / SIDE
    assert len(set(shares)) > BATCH / 4


def test_a_share_of_the_pictures_is_erased_and_none_at_probability_zero():
    grey = np.full((4 * BATCH, SIDE, SIDE, 1), 128, np.uint8)
    assert 0.35 < _erased(grey, probability=0.5).any(axis=(1, 2)).mean() < 0.65
    assert not _erased(grey, probability=0.0).any()


def _erased(grey: np.ndarray, *, probability: float) -> np.ndarray:
    """Returns which pixels of grey pictures are no longer what they were, (B, H, W)."""
    changed = change(grey, erase_probability=probability, erase_area=(0.05, 0.25))
    return (np.abs(changed - np.minimum(grey, 255)) > 1e-3)[..., 0]

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageEnhance

from emo_tf.data.person_augment import DRAWS, PersonAugmentation, augment_people, draw
from emo_tf.errors import EmoError

STILL = PersonAugmentation(flip=False, brightness=0, contrast=0, saturation=0)
EVERYTHING = PersonAugmentation(zoom=0.2, shift=0.1, stretch=0.2, rotation_degrees=10)
JITTERS = ("brightness", "contrast", "saturation")
LUMA = np.array([0.299, 0.587, 0.114])
B = 6


def batch(people: int = B) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "scene": rng.integers(0, 256, (people, 22, 18, 3), np.uint8),
        "body": rng.integers(0, 256, (people, 14, 16, 3), np.uint8),
        "box": rng.uniform(0.1, 0.4, (people, 4)).astype(np.float32),
        "vad": rng.uniform(1, 10, (people, 3)).astype(np.float32),
    }


def draws(people: int = B, seed: int = 3) -> np.ndarray:
    return draw(tf.constant([seed, 4], tf.int64), people).numpy()


def change(people: dict, numbers: np.ndarray, **settings) -> dict[str, np.ndarray]:
    """Returns the people changed by nothing but `settings`."""
    people = {name: tf.constant(value) for name, value in people.items()}
    changed = augment_people(people, tf.constant(numbers, tf.float32), replace(STILL, **settings))
    return {name: value.numpy() for name, value in changed.items()}


def jittered(pixels: np.ndarray, factors: dict[str, float], order: tuple) -> np.ndarray:
    """Returns what ColorJitter makes of a picture."""
    pixels = pixels.astype(float)
    for name in order:
        grey = (pixels @ LUMA)[..., None]
        towards = {"brightness": 0, "contrast": np.rint(grey).mean(), "saturation": grey}[name]
        pixels = np.clip(factors[name] * pixels + (1 - factors[name]) * towards, 0, 255)
    return pixels


def test_without_any_change_people_come_back_as_they_are():
    people = batch()
    changed = change(people, draws())
    assert changed["scene"].dtype == changed["body"].dtype == np.float32
    for name, value in people.items():
        np.testing.assert_array_equal(changed[name], value)


def test_half_of_the_people_are_mirrored_with_their_boxes():
    people = batch(40)
    changed = change(people, draws(40), flip=True)
    mirrored = draws(40)[:, 0] < 0.5

    assert 0.3 < mirrored.mean() < 0.7
    for name in ("scene", "body"):
        expected = people[name].copy()
        expected[mirrored] = expected[mirrored, :, ::-1]
        np.testing.assert_array_equal(changed[name], expected)
    box = people["box"].copy()
    box[mirrored, 0] = 1 - box[mirrored, 0] - box[mirrored, 2]
    np.testing.assert_allclose(changed["box"], box, rtol=1e-6)
    np.testing.assert_array_equal(changed["box"][~mirrored], people["box"][~mirrored])
    np.testing.assert_array_equal(changed["vad"], people["vad"])


@pytest.mark.parametrize("order", list(permutations(JITTERS)), ids="-".join)
def test_colours_change_as_in_color_jitter_in_any_order(order):
    people, numbers = batch(), draws()
    keys = [order.index(name) / 3 for name in JITTERS]
    numbers[:, 7:10] = keys
    changed = change(people, numbers, brightness=0.4, contrast=0.5, saturation=0.9)

    for i in range(B):
        reaches = zip(JITTERS, (0.4, 0.5, 0.9), numbers[i, 4:7], strict=True)
        factors = {name: 1 - reach + 2 * reach * u for name, reach, u in reaches}
        for name in ("scene", "body"):
            expected = jittered(people[name][i], factors, order)
            np.testing.assert_allclose(changed[name][i], expected, atol=2e-3)


@pytest.mark.parametrize(
    ("name", "enhancer"),
    [
        ("brightness", ImageEnhance.Brightness),
        ("contrast", ImageEnhance.Contrast),
        ("saturation", ImageEnhance.Color),
    ],
)
@pytest.mark.parametrize("factor", [0.25, 1.75])
def test_a_single_change_is_that_of_pillow(name, enhancer, factor):
    people, numbers = batch(), draws()
    numbers[:, 4:7] = (factor - 0.1) / 1.8
    changed = change(people, numbers, **{name: 0.9})
    for picture, found in zip(people["scene"], changed["scene"], strict=True):
        expected = enhancer(Image.fromarray(picture)).enhance(factor)
        np.testing.assert_allclose(found, np.asarray(expected, float), atol=1.8)


def test_everyone_meets_the_changes_in_an_order_of_their_own():
    keys = draws(600)[:, 7:10]
    orders, counts = np.unique(np.argsort(keys, axis=1), axis=0, return_counts=True)
    assert len(orders) == 6
    assert counts.min() > 60


def test_a_reach_above_one_never_turns_colours_round():
    numbers = draws()
    numbers[:, 4:7] = 0
    changed = change(batch(), numbers, brightness=1.5)
    np.testing.assert_array_equal(changed["scene"], 0)


@pytest.mark.parametrize(("zoom", "stretch"), [(0.3, 0.0), (0.1, 0.2)])
def test_box_and_person_stay_together_when_zoomed_shifted_stretched_and_mirrored(zoom, stretch):
    people = batch(40)
    people["scene"] = np.zeros((40, 100, 80, 3), np.uint8)
    people["scene"][:, 40:60, 24:48] = 255
    people["box"][:] = [0.3, 0.4, 0.3, 0.2]
    changed = change(people, draws(40), zoom=zoom, shift=0.1, stretch=stretch, flip=True)

    assert np.ptp(changed["box"][:, 2]) > 0.1
    shape = changed["box"][:, 2] / changed["box"][:, 3] / 1.5
    assert 0.5 < shape.min() <= shape.max() < 2
    assert (np.ptp(shape) > 0.5) == (stretch > 0)
    for scene, (left, top, width, height) in zip(changed["scene"], changed["box"], strict=True):
        bright = scene[..., 0] > 127
        rows, columns = np.nonzero(bright.any(1))[0], np.nonzero(bright.any(0))[0]
        found = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
        box = np.array([left * 80, top * 100, (left + width) * 80, (top + height) * 100])
        np.testing.assert_allclose(found, box, atol=1.01)


@pytest.mark.parametrize("flip", [False, True])
def test_the_box_of_a_person_who_is_turned_is_the_least_that_holds_the_old_ones_corners(flip):
    people = batch(30)
    people["scene"] = np.zeros((30, 100, 80, 3), np.uint8)
    people["scene"][:, 30:70, 20:40] = 255
    people["box"][:] = [0.25, 0.3, 0.25, 0.4]
    changed = change(people, draws(30), rotation_degrees=30, flip=flip)

    assert changed["box"][:, 2].max() > 0.35
    for scene, (left, top, width, height) in zip(changed["scene"], changed["box"], strict=True):
        # Corners are fine: bilinear resampling leaves a tenth of the white in their pixels.
        rows, columns = np.nonzero(scene[..., 0] > 25)
        found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        box = np.array([left * 80, top * 100, (left + width) * 80, (top + height) * 100])
        np.testing.assert_allclose(found, box, atol=2)


def test_the_body_is_zoomed_and_shifted_as_the_scene_is():
    people = batch()
    people["body"] = people["scene"]
    changed = change(people, draws(), **{**vars(EVERYTHING), "contrast": 0})
    np.testing.assert_array_equal(changed["body"], changed["scene"])
    assert np.abs(changed["body"] - people["body"]).max() > 10


def test_a_box_that_is_moved_out_of_the_scene_is_cut_at_its_edge():
    people = batch(50)
    people["box"][:] = [0.8, 0.0, 0.2, 1.0]
    left, top, width, height = change(people, draws(50), zoom=0.4, shift=0.3)["box"].T
    assert min(left.min(), top.min(), width.min(), height.min()) >= 0
    assert max((left + width).max(), (top + height).max()) <= 1 + 1e-6


@pytest.mark.parametrize("settings", [PersonAugmentation(), EVERYTHING], ids=["default", "all"])
def test_parts_of_a_batch_are_changed_exactly_as_the_whole(settings):
    people, numbers = batch(), draws()
    whole = change(people, numbers, **vars(settings))
    for part in (slice(0, 1), slice(1, 4), slice(4, 6)):
        rows = {name: value[part] for name, value in people.items()}
        for name, value in change(rows, numbers[part], **vars(settings)).items():
            np.testing.assert_array_equal(value, whole[name][part])


def test_inside_a_data_set_the_change_is_the_same():
    people, numbers = batch(), draws()
    dataset = tf.data.Dataset.from_tensors((people, numbers)).map(
        lambda people, numbers: augment_people(people, numbers, EVERYTHING)
    )
    (found,) = dataset.as_numpy_iterator()
    expected = change(people, numbers, **vars(EVERYTHING))
    for name, value in found.items():
        np.testing.assert_allclose(value, expected[name], atol=1e-3)


@pytest.mark.parametrize("name", ["scene", "body"])
def test_one_picture_alone_is_changed_as_beside_the_other(name):
    people, numbers = batch(), draws()
    alone = {part: people[part] for part in (name, "box", "vad")}
    changed = change(alone, numbers, **vars(EVERYTHING))
    assert changed.keys() == alone.keys()
    np.testing.assert_array_equal(changed[name], change(people, numbers, **vars(EVERYTHING))[name])


def test_numbers_are_drawn_from_the_seed_alone():
    tf.random.set_seed(1)
    first = draws()
    tf.random.set_seed(2)
    np.testing.assert_array_equal(first, draws())
    assert first.shape == (B, DRAWS)
    assert not np.intersect1d(first, draws(seed=4)).size
    assert 0 <= first.min() < first.max() < 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"brightness": -0.1}, r"augmentation.brightness: expected 0 or more\. Received: -0.1"),
        ({"shift": float("nan")}, r"augmentation.shift: expected 0 or more\. Received: nan"),
        ({"zoom": 1.0}, r"augmentation.zoom: expected 0 to below 1\. Received: 1.0"),
    ],
    ids=["negative", "not a number", "down to nothing"],
)
def test_settings_that_cannot_be_are_errors(settings, message):
    with pytest.raises(EmoError, match=message):
        PersonAugmentation(**settings)

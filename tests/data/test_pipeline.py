import numpy as np
import pytest

from emo_tf.data.augment import Augmentation
from emo_tf.data.pipeline import epoch_order, training_batches

COUNT, BATCH, SIDE = 50, 8, 12
STEPS = COUNT // BATCH


@pytest.fixture(scope="module")
def examples():
    """Noise whose first pixel is the picture's number, which is its label too."""
    images = np.random.default_rng(0).integers(0, 256, (COUNT, SIDE, SIDE, 1), np.uint8)
    return images, np.arange(COUNT)


def read(examples, *, epoch=0, seed=1, settings=None, side=SIDE):
    """Returns one epoch's pictures (steps, B, side, side, 1) and labels (steps, B)."""
    batches = training_batches(
        *examples,
        batch_size=BATCH,
        epoch=epoch,
        seed=seed,
        settings=settings or Augmentation(),
        side=side,
    )
    images, labels = zip(*batches.as_numpy_iterator(), strict=True)
    return np.stack(images), np.stack(labels)


def test_the_order_of_an_epoch_is_a_permutation_that_seed_and_epoch_decide():
    orders = [
        tuple(epoch_order(COUNT, seed=seed, epoch=epoch)) for seed in (1, 2) for epoch in (0, 1, 2)
    ]
    assert len(set(orders)) == 6
    assert all(sorted(order) == list(range(COUNT)) for order in orders)
    assert orders[1] == tuple(epoch_order(COUNT, seed=1, epoch=1))


def test_an_epoch_visits_no_example_twice_and_drops_the_odd_rest(examples):
    images, labels = read(examples)
    assert images.shape == (STEPS, BATCH, SIDE, SIDE, 1)
    assert labels.shape == (STEPS, BATCH)
    assert (images.dtype, labels.dtype) == (np.float32, np.int32)
    assert len(set(labels.ravel())) == STEPS * BATCH


def test_what_one_epoch_drops_another_visits(examples):
    visited = {label for epoch in range(4) for label in read(examples, epoch=epoch)[1].ravel()}
    assert visited == set(range(COUNT))


def test_pictures_keep_their_labels(examples):
    still = Augmentation(0, 0, 0, False, 0, 0, 0, 0, 0, 0)
    images, labels = read(examples, settings=still)
    np.testing.assert_allclose(images, examples[0][labels], atol=1e-3)


def test_any_epoch_can_be_taken_up_again(examples):
    unbroken = [read(examples, epoch=epoch) for epoch in range(3)]
    for taken_up, before in zip(read(examples, epoch=2), unbroken[2], strict=True):
        np.testing.assert_array_equal(taken_up, before)


@pytest.mark.parametrize("change", [{"epoch": 1}, {"seed": 2}], ids=["epoch", "seed"])
def test_another_epoch_or_seed_changes_order_and_pictures(examples, change):
    images, labels = read(examples)
    other_images, other_labels = read(examples, **change)
    assert (labels != other_labels).any()
    for label in set(labels.ravel()) & set(other_labels.ravel()):
        picture, other = images[labels == label], other_images[other_labels == label]
        assert np.abs(picture - other).max() > 1


def test_each_step_is_changed_in_its_own_way():
    same = np.repeat(np.random.default_rng(0).integers(0, 256, (1, SIDE, SIDE, 1), np.uint8), 32, 0)
    images, _ = read((same, np.zeros(32, int)))
    flat = images.reshape(32, -1)
    assert len(np.unique(flat.round(3), axis=0)) == 32


def test_pictures_come_in_the_side_that_was_asked_for(examples):
    images, _ = read(examples, side=20)
    assert images.shape == (STEPS, BATCH, 20, 20, 1)

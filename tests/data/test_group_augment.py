"""Random changes of pictures and faces of groups follow from the draws alone."""

import numpy as np
import pytest
import tensorflow as tf

from emo_tf.data.group_augment import GroupAugmentation, augment_alone, draw_group
from emo_tf.data.picture_augment import DRAWS, PictureAugmentation, draw
from emo_tf.errors import EmoError

SEED = tf.constant([3, 4], tf.int64)
EVERYTHING = PictureAugmentation(
    brightness=0.3, contrast=0.2, saturation=0.4, zoom=0.1, shift=0.1, rotation_degrees=8
)


@pytest.fixture
def faces() -> tf.Tensor:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 14, 12, 3), np.uint8)
    return tf.constant(pixels)


def test_the_draws_of_a_picture_and_of_each_face_are_their_own():
    draws = draw_group(SEED, 5, faces=3).numpy()
    assert draws.shape == (5, 4, DRAWS)
    assert len(np.unique(draws)) == draws.size
    assert 0 <= draws.min() < draws.max() < 1
    np.testing.assert_array_equal(draw_group(SEED, 5, faces=3), draws)


@pytest.mark.parametrize(
    "settings",
    [EVERYTHING, PictureAugmentation(), PictureAugmentation(zoom=0.2)],
    ids=["everything", "mirror", "zoom"],
)
def test_a_face_is_changed_by_its_own_draws_whoever_is_beside_it(faces, settings):
    draws = draw(SEED, 6)
    together = augment_alone(faces, draws, settings).numpy()
    order = [4, 0, 3]
    some = augment_alone(tf.gather(faces, order), tf.gather(draws, order), settings)

    assert together.dtype == np.float32
    assert together.min() >= 0
    assert together.max() <= 255
    assert not np.array_equal(together, faces)
    np.testing.assert_array_equal(some, together[order])


def test_nothing_is_changed_where_nothing_is_asked_for(faces):
    still = augment_alone(faces, draw(SEED, 6), PictureAugmentation(flip=False))
    np.testing.assert_array_equal(still, faces)


def test_no_face_at_all_can_be_changed(faces):
    nobody = augment_alone(faces[:0], draw(SEED, 6)[:0], EVERYTHING)
    assert nobody.shape == (0, 14, 12, 3)


def test_by_default_pictures_and_faces_are_mirrored_alone():
    settings = GroupAugmentation()
    for part in (settings.picture, settings.faces):
        assert part.flip
        assert not part.moves
        assert not part.colours


def test_settings_that_cannot_be_are_errors():
    with pytest.raises(EmoError, match=r"augmentation\.zoom: expected 0 to below 1"):
        GroupAugmentation(faces=PictureAugmentation(zoom=1.0))

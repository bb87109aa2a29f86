"""EMOTIC's people as examples of groups."""

import numpy as np
import pytest
import tensorflow as tf

from emo_tf.data.group_augment import GroupAugmentation
from emo_tf.data.group_inputs import GroupInputs
from emo_tf.data.valence_groups import ValenceGroups, _labelled
from emo_tf.errors import EmoError

WHOLE = GroupInputs(image_size=(24, 20))


@pytest.fixture
def valence_groups(emotic):
    return ValenceGroups(emotic, "train", inputs=WHOLE, batch_size=7)


def test_people_come_with_the_whole_picture_and_a_class_of_valence(valence_groups, people, read):
    batches = read(valence_groups.evaluation())
    expected = read(people("train", batch_size=7).evaluation())

    assert valence_groups.count == 28
    for batch, other in zip(batches, expected, strict=True):
        assert set(batch) == {"image", "label", "weight"}
        np.testing.assert_array_equal(batch["image"], other["scene"])
    labels = np.concatenate([batch["label"] for batch in batches])
    valence = np.concatenate([batch["vad"][:, 0] for batch in expected])
    rounded = np.floor(valence + 0.5)
    np.testing.assert_array_equal(labels, np.where(rounded <= 4, 0, np.where(rounded <= 7, 1, 2)))
    np.testing.assert_array_equal(valence_groups.labels(), labels)
    assert labels.dtype == np.int32
    assert len(set(labels)) == 3


@pytest.mark.parametrize(
    ("valence", "label"),
    [(1, 0), (4, 0), (4.4, 0), (4.5, 1), (5, 1), (7, 1), (7.4, 1), (7.5, 2), (8, 2), (10, 2)],
    ids=str,
)
def test_means_between_whole_numbers_are_rounded_half_up(valence, label):
    assert _labelled({"vad": tf.constant([valence, 9.0, 1.0])})["label"] == label


def test_training_is_augmented_and_a_function_of_epoch_and_step(valence_groups, read, assert_same):
    options = {"epoch": 1, "seed": 2}
    whole = read(valence_groups.training(augmentation=GroupAugmentation(), **options))
    plain = read(valence_groups.training(augmentation=None, **options))
    rest = valence_groups.training(augmentation=GroupAugmentation(), first_step=2, **options)

    assert len(whole) == valence_groups.steps() == 4
    assert_same(read(rest), whole[2:])
    flips = []
    for batch, other in zip(whole, plain, strict=True):
        np.testing.assert_array_equal(batch["label"], other["label"])
        for image, still in zip(batch["image"], other["image"], strict=True):
            flips.append(not np.array_equal(image, still))
            np.testing.assert_array_equal(image, still[:, ::-1] if flips[-1] else still)
    assert 0 < sum(flips) < len(flips)


def test_names_are_those_of_the_pictures_and_no_face_is_known(valence_groups):
    names = valence_groups.filenames()
    assert len(names) == 28
    assert all("/" in name for name in names)
    np.testing.assert_array_equal(valence_groups.face_counts(), np.zeros(28))


@pytest.mark.parametrize(
    ("inputs", "unit"),
    [
        (GroupInputs(image_size=(8, 8), faces=3, alignment="vlgiitr"), "pictures"),
        (GroupInputs(features=3), "pictures"),
        (WHOLE, "faces"),
    ],
    ids=["faces", "features", "unit"],
)
def test_a_model_that_wants_faces_is_an_error(emotic, inputs, unit):
    with pytest.raises(EmoError, match="emotic: expected a model of the whole picture alone"):
        ValenceGroups(emotic, "train", inputs=inputs, batch_size=2, unit=unit)

import numpy as np
import pytest

from emo_tf.data.labelled_faces import LabelledFaces, balanced_repeats
from emo_tf.errors import EmoError

IMAGES = np.arange(3 * 4, dtype=np.uint8).reshape(3, 2, 2, 1)
LABELS = np.array([5, 0, 2], np.int32)


def test_a_mask_chooses_faces_with_their_labels_and_ids():
    chosen = LabelledFaces(IMAGES, LABELS, ("a", "b", "c")).where(np.array([True, False, True]))

    assert len(chosen) == 2
    np.testing.assert_array_equal(chosen.images, IMAGES[[0, 2]])
    assert chosen.labels.tolist() == [5, 2]
    assert chosen.ids == ("a", "c")


def test_a_mask_may_choose_nobody():
    nobody = LabelledFaces(IMAGES, LABELS, ("a", "b", "c")).where(np.zeros(3, bool))

    assert len(nobody) == 0
    assert nobody.images.shape == (0, 2, 2, 1)


@pytest.mark.parametrize(
    ("images", "labels", "ids", "message"),
    [
        (IMAGES.astype(np.float32), LABELS, "abc", "images: expected uint8"),
        (IMAGES[..., 0], LABELS, "abc", "images: expected uint8 of shape"),
        (IMAGES, LABELS[:2], "abc", r"labels: expected int32 of shape \(3,\)"),
        (IMAGES, LABELS.astype(np.int64), "abc", "labels: expected int32"),
        (IMAGES, LABELS, "ab", "ids: expected 3. Received: 2"),
    ],
    ids=["float images", "no channels", "few labels", "long labels", "few ids"],
)
def test_parts_that_do_not_fit_are_an_error(images, labels, ids, message):
    with pytest.raises(EmoError, match=message):
        LabelledFaces(images, labels, tuple(ids))


def test_repeats_let_classes_weigh_alike_but_for_the_rarest():
    labels = np.array([0] * 40 + [1] * 20 + [2] * 2, np.int32)
    indices = balanced_repeats(labels, repeats=3)
    assert np.bincount(labels[indices]).tolist() == [120, 120, 2 * 3 * 8]
    assert np.bincount(indices)[[0, 40, 60]].tolist() == [3, 6, 24]
    assert set(indices) == set(range(len(labels)))


def test_repeats_do_not_mind_a_class_without_examples():
    indices = balanced_repeats(np.array([0, 0, 3], np.int32), repeats=1)
    assert indices.tolist() == [0, 1, 2, 2]

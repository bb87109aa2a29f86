import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.results import Face
from emo_tf.runtime.face_align import ALIGNMENTS, crop_face
from emo_tf.runtime.group_picture import GroupPicture
from emo_tf.runtime.resizing import resize

SIDES = (10, 30, 20, 30, 5)
LARGEST_FIRST = [1, 3, 2, 0, 4]


def face(side: float) -> Face:
    """A face at the picture's upper left, as large as its side says."""
    points = np.array(ALIGNMENTS["sphereface"].template) * side / 100
    return Face((1, 1, side, side), 0.9, tuple(map(tuple, points.tolist())))


@pytest.fixture
def picture(photo):
    features = np.arange(5 * 256, dtype=np.float32).reshape(5, 256)
    return GroupPicture(photo, [face(side) for side in SIDES], features)


@pytest.mark.parametrize("most", [1, 3, 5, 9])
def test_the_largest_faces_come_first_and_those_of_one_size_in_their_order(picture, most):
    assert picture.largest(most).tolist() == LARGEST_FIRST[:most]
    assert picture.face_count == 5
    np.testing.assert_array_equal(picture.features(most)[:, 0] / 256, LARGEST_FIRST[:most])


def test_faces_are_cut_out_as_the_preset_says(picture, photo):
    crops = picture.crops({"preset": "vlgiitr"}, size=(96, 112), most=2)
    for crop, index in zip(crops, LARGEST_FIRST[:2], strict=True):
        wanted = crop_face(
            photo, face(SIDES[index]), {"preset": "vlgiitr"}, size=(96, 112), colour="rgb"
        )
        np.testing.assert_array_equal(crop, wanted)


def test_what_two_models_look_at_alike_is_made_once_and_what_differs_is_not(picture, photo):
    box = {"preset": "box", "margin": 0.5}
    one = picture.crops(box, size=(64, 64), most=3)
    assert picture.crops({"margin": 0.5, "preset": "box"}, size=(64, 64), most=3) is one
    others = [
        picture.crops(box, size=(64, 64), most=2),
        picture.crops(box, size=(32, 32), most=3),
        picture.crops({"preset": "box"}, size=(64, 64), most=3),
    ]
    assert [other.shape for other in others] == [(2, 64, 64, 3), (3, 32, 32, 3), (3, 64, 64, 3)]
    assert (others[2] != one).any()
    assert picture.whole((20, 30)) is picture.whole((20, 30))
    np.testing.assert_array_equal(picture.whole((20, 30)), resize(photo, (20, 30)))


def test_a_picture_without_faces_has_none_to_cut_out(photo):
    picture = GroupPicture(photo, (), np.empty((0, 256), np.float32))
    assert picture.crops({"preset": "sphereface"}, size=(112, 96), most=15).shape == (0, 112, 96, 3)
    assert picture.features(15).shape == (0, 256)
    assert picture.largest(15).tolist() == []


def test_a_preset_of_another_size_is_refused(picture):
    with pytest.raises(EmoError, match=r"expected \(112, 96\) for the crop preset sphereface"):
        picture.crops({"preset": "sphereface"}, size=(96, 112), most=3)

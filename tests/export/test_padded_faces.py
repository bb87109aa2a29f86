import numpy as np

from emo_tf.export.padded_faces import first_places, pad_faces, with_faces_only


def test_faces_fill_the_first_places():
    mask = first_places([2, 0, 3], 3)
    np.testing.assert_array_equal(mask, [[1, 1, 0], [0, 0, 0], [1, 1, 1]])
    assert mask.dtype == np.float32


def test_packed_faces_go_to_their_pictures_and_the_rest_is_black():
    packed = np.arange(1, 7, dtype=np.uint8).reshape(6, 1)
    padded = pad_faces(packed, first_places([2, 0, 3], 3))
    np.testing.assert_array_equal(padded[..., 0], [[1, 2, 0], [0, 0, 0], [3, 4, 5]])
    assert (padded.dtype, padded.shape) == (np.uint8, (3, 3, 1))


def test_pictures_without_a_face_are_black_throughout():
    padded = pad_faces(np.full((1, 2, 2, 3), 9, np.uint8), first_places([0, 0], 4))
    np.testing.assert_array_equal(padded, np.zeros((2, 4, 2, 2, 3)))


def test_only_what_has_a_place_a_face_is_blanked():
    ones = {"image": np.ones((2, 4, 4)), "faces": np.ones((2, 3, 5)), "face_mask": np.ones((2, 3))}
    kept = with_faces_only(ones, first_places([1, 2], 3))
    np.testing.assert_array_equal(kept["image"], ones["image"])
    np.testing.assert_array_equal(kept["faces"][..., 0], [[1, 0, 0], [1, 1, 0]])
    np.testing.assert_array_equal(kept["face_mask"], [[1, 0, 0], [1, 1, 0]])
    np.testing.assert_array_equal(ones["faces"], 1)

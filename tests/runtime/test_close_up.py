"""Faces that fill their picture."""

import numpy as np
import pytest

from emo_tf.runtime.close_up import (
    SMALLEST_SIDE,
    find_faces,
    find_faces_of_many,
    find_faces_with_features,
)
from emo_tf.runtime.face_detector import FaceDetector
from emo_tf.runtime.image_io import read_image

# Where the astronaut's face is, hair and chin cut off: x, y, width, height.
TIGHT = (185, 85, 75, 80)


@pytest.fixture(scope="module")
def detector():
    return FaceDetector()


@pytest.fixture
def photograph(astronaut):
    return read_image(astronaut)


def cut(image, x, y, width, height):
    return np.ascontiguousarray(image[y : y + height, x : x + width])


def test_a_picture_cut_tightly_round_a_face_has_that_face(detector, photograph):
    whole = detector.detect(photograph)[0]
    tight = cut(photograph, *TIGHT)
    assert not detector.detect(tight), "the plain look must miss it, or this tests nothing"
    (face,) = find_faces(detector, tight)
    expected = np.array(whole.landmarks) - TIGHT[:2]
    assert np.abs(np.array(face.landmarks) - expected).max() < 0.1 * whole.box_xywh[2]


def test_faces_found_at_the_first_look_stay_as_they_are(detector, photograph):
    assert find_faces(detector, photograph) == detector.detect(photograph)


@pytest.mark.parametrize("side", [SMALLEST_SIDE - 1, SMALLEST_SIDE, 300])
def test_a_picture_of_nothing_has_no_face(detector, side):
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    assert find_faces(detector, noise) == ()
    assert find_faces(detector, np.full((side, side, 3), 128, np.uint8)) == ()


@pytest.mark.parametrize("shape", [(1, 1), (24, 6000), (6000, 24)], ids=str)
def test_pictures_of_odd_shapes_are_looked_at_without_failing(detector, shape):
    assert find_faces(detector, np.zeros((*shape, 3), np.uint8)) == ()


def test_a_face_in_a_scene_is_not_taken_for_a_close_up(photograph):
    # Larger than the astronaut's face, which fills a fifth of the picture.
    assert find_faces(FaceDetector(min_face=400), photograph) == ()


def test_features_come_with_the_faces_of_either_look(detector, photograph):
    faces, features = find_faces_with_features(detector, photograph)
    np.testing.assert_array_equal(features, detector.detect_with_features(photograph)[1])
    tight = cut(photograph, *TIGHT)
    faces, of_close_up = find_faces_with_features(detector, tight)
    assert (faces, of_close_up.shape) == (find_faces(detector, tight), (1, 256))
    # The same face, looked at a little larger.
    assert np.corrcoef(features[0], of_close_up[0])[0, 1] > 0.5
    faces, none = find_faces_with_features(detector, np.zeros((9, 9, 3), np.uint8))
    assert (faces, none.shape) == ((), (0, 256))


def test_close_ups_and_scenes_are_looked_at_together_as_alone(detector, photograph):
    left, top, width, height = TIGHT
    tight, half = cut(photograph, *TIGHT), cut(photograph, left, top, width // 2, height)
    pictures = [tight, photograph, np.zeros((9, 9, 3), np.uint8), half, tight[::2, ::2]]
    together = find_faces_of_many(detector, pictures)
    assert [len(faces) for faces, _ in together[:3]] == [1, 1, 0]
    for image, (faces, features) in zip(pictures, together, strict=True):
        alone, seen_alone = find_faces_with_features(detector, image)
        assert faces == alone
        np.testing.assert_array_equal(features, seen_alone)

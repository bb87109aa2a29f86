import cv2
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.results import Face
from emo_tf.runtime.face_detector import FaceDetector
from emo_tf.runtime.image_io import read_image


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector(threads=1)


@pytest.fixture(scope="module")
def picture(astronaut) -> np.ndarray:
    """The astronaut: one face of about 100 pixels, a third from the left and near the top."""
    return read_image(astronaut)


def edges(face: Face) -> np.ndarray:
    x, y, width, height = face.box_xywh
    return np.array([x, y, x + width, y + height])


def test_a_face_is_found_with_its_landmarks(detector, picture):
    (face,) = detector.detect(picture)
    left, top, right, bottom = edges(face)
    assert 170 < left < 195
    assert 255 < right < 280
    assert 50 < top < 80
    assert 160 < bottom < 185
    assert face.score > 0.99
    left_eye, right_eye, nose, left_mouth, right_mouth = np.array(face.landmarks)
    assert left < left_eye[0] < nose[0] < right_eye[0] < right
    assert left_mouth[0] < nose[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1]) < bottom


def test_a_face_moves_with_the_picture(detector, picture):
    (face,) = detector.detect(picture)
    moved = np.pad(picture, [(90, 0), (50, 0), (0, 0)], mode="edge")
    (found,) = detector.detect(moved)
    np.testing.assert_allclose(edges(found), edges(face) + np.array([50, 90, 50, 90]), atol=8)
    np.testing.assert_allclose(found.landmarks, np.add(face.landmarks, [50, 90]), atol=5)


def test_a_mirrored_picture_gives_the_mirrored_face(detector, picture):
    (face,) = detector.detect(picture)
    (found,) = detector.detect(picture[:, ::-1])
    order = [1, 0, 2, 4, 3]  # what was the left eye is the right one now
    mirrored = np.array(found.landmarks)[order] * [-1, 1] + [picture.shape[1], 0]
    np.testing.assert_allclose(mirrored, face.landmarks, atol=5)


def test_faces_below_the_smallest_are_left_out(picture):
    small = cv2.resize(picture, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)
    assert len(FaceDetector(min_face=20, threads=1).detect(small)) == 1
    assert FaceDetector(min_face=120, threads=1).detect(small) == ()


def test_a_face_cut_by_the_border_is_found_and_ends_there(detector, picture):
    cut = picture[:, 205:]
    (face,) = detector.detect(cut)
    left, top, right, bottom = edges(face)
    assert left == 0
    assert 50 < right < 90
    assert 0 <= top < bottom <= len(cut)


def test_a_hundred_faces_are_all_found_best_first(detector, picture):
    tile = cv2.resize(picture[20:260, 110:340], (92, 96), interpolation=cv2.INTER_AREA)
    faces = detector.detect(np.tile(tile, (10, 10, 1)))
    centres = np.array([(edges(face)[:2] + edges(face)[2:]) / 2 for face in faces])
    assert len({(x // 92, y // 96) for x, y in centres}) == 100
    assert len(faces) == 100
    scores = [face.score for face in faces]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("min_face", [12, 40], ids=str)
@pytest.mark.parametrize(
    "size",
    [(1, 1), (1, 300), (12, 12), (11, 500), (40, 40), (41, 6000), (6000, 41), (0, 5), (200, 300)],
    ids=str,
)
def test_a_picture_without_a_face_has_none_whatever_its_size(size, min_face):
    detector = FaceDetector(min_face=min_face, threads=1)
    assert detector.detect(np.full((*size, 3), 180, np.uint8)) == ()


def test_what_was_seen_before_makes_no_difference(detector, picture):
    first = detector.detect(picture)
    detector.detect(picture[:200, :300])
    detector.detect(np.zeros((90, 700, 3), np.uint8))
    assert detector.detect(picture) == first
    assert FaceDetector(threads=1).detect(picture) == first


def test_pictures_looked_at_together_have_the_faces_that_each_has_alone(detector, picture):
    small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    crowd = np.tile(picture[20:260, 110:340], (2, 3, 1))
    nothing = np.zeros((9, 300, 3), np.uint8)
    pictures = [small, crowd, nothing, picture, picture[:, ::-1], small[:100], small]
    together = detector.detect_many(pictures)
    assert [len(faces) for faces, _ in together] == [1, 6, 0, 1, 1, 1, 1]
    for image, (faces, features) in zip(pictures, together, strict=True):
        alone, seen_alone = detector.detect_with_features(image)
        assert faces == alone
        np.testing.assert_array_equal(features, seen_alone)


def test_a_detector_of_another_size_shares_the_networks_alone(picture):
    detector = FaceDetector(min_face=400, threads=1)
    assert detector.with_min_face(50).detect(picture) == FaceDetector(
        min_face=50, threads=1
    ).detect(picture)
    assert detector.detect(picture) == ()


def test_each_face_comes_with_what_the_last_network_saw(detector, picture):
    twice = np.hstack([picture, picture])
    faces, features = detector.detect_with_features(twice)
    assert faces == detector.detect(twice)
    assert features.shape == (2, 256)
    assert features.dtype == np.float32
    assert np.corrcoef(features)[0, 1] > 0.8
    faces, features = detector.detect_with_features(np.zeros((50, 50, 3), np.uint8))
    assert faces == ()
    assert features.shape == (0, 256)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        pytest.param(np.zeros((50, 50), np.uint8), r"uint8 of shape \(50, 50\)", id="grey"),
        pytest.param(np.zeros((50, 50, 4), np.uint8), r"\(50, 50, 4\)", id="alpha"),
        pytest.param(np.zeros((50, 50, 3)), "Received: float64", id="float"),
        pytest.param("photo.jpg", "Received: str", id="path"),
    ],
)
def test_what_is_no_rgb_picture_is_refused(detector, image, message):
    with pytest.raises(EmoError, match=message):
        detector.detect(image)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        pytest.param({"min_face": 11}, "min_face: expected 12", id="min_face"),
        pytest.param({"min_face": float("nan")}, "min_face: expected 12", id="not a number"),
        pytest.param({"scale_factor": 1.0}, "scale_factor: expected", id="scale_factor"),
        pytest.param({"thresholds": (0.6, 0.7)}, "thresholds: expected three", id="two"),
        pytest.param({"thresholds": (0.6, 0.7, 1.5)}, "thresholds: expected", id="above one"),
        pytest.param({"threads": 0}, "threads: expected", id="threads"),
    ],
)
def test_settings_out_of_their_range_are_refused(setting, message):
    with pytest.raises(EmoError, match=message):
        FaceDetector(**setting)


def test_the_last_network_alone_finds_a_face_again_from_about_where_it_is(detector, picture):
    (face,) = detector.detect(picture)
    x, y, width, height = face.box_xywh
    about = [(x + 8, y - 6, width * 1.1, height * 0.95), (x - 10, y + 5, width, height)]
    faces, features = detector.refine(picture, about, min_score=0.6)
    for found in faces:
        np.testing.assert_allclose(edges(found), edges(face), atol=12)
        np.testing.assert_allclose(found.landmarks, face.landmarks, atol=6)
        assert found.score > 0.9
    assert features.shape == (2, 256)
    np.testing.assert_allclose(features[0], detector.detect_with_features(picture)[1][0], atol=3)


def test_where_there_is_no_face_the_last_network_sees_none(detector, picture):
    (face,) = detector.detect(picture)
    beyond = (-500, -500, 50, 50)
    (nothing, outside, same), _ = detector.refine(
        picture, [(400, 300, 80, 80), beyond, face.box_xywh], min_score=0.6
    )
    assert nothing is None
    assert outside is None
    assert same is not None
    assert detector.refine(picture, [face.box_xywh], min_score=1.0)[0] == [None]
    faces, features = detector.refine(picture, [], min_score=0.6)
    assert faces == []
    assert features.shape == (0, 256)

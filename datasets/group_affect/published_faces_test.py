"""Faces out of the files of the public PyTorch implementation."""

import numpy as np
import pytest

from emo_tf.corpora.testing import pixels
from emo_tf.errors import EmoError

from .faces import CROP_SIZES, crops_of
from .hard_copies import write_published_faces
from .published_faces import CROPPED, find_published

PHOTO = "val/Neutral/neu_4.jpg"
BOXES = np.array([[10.5, 8, 30.5, 32, 0.9], [40, 20, 70, 44, 0.75]])
LANDMARKS = np.array(
    [[15, 25, 20, 16, 24, 14, 15, 20, 26, 27], [45, 54, 50, 46, 55, 27, 26, 32, 38, 37.0]]
)
FEATURES = np.arange(512.0).reshape(2, 256)


@pytest.fixture
def faces(tmp_path):
    """Writes the faces of `PHOTO` and reads them."""

    def write_and_read(*, photo=PHOTO, **arrays):
        usual = {"boxes": BOXES, "landmarks": LANDMARKS, "features": FEATURES}
        write_published_faces(tmp_path, photo, **usual | arrays)
        return find_published(tmp_path, [photo]).read(photo, pixels())

    return write_and_read


def test_boxes_landmarks_and_features_are_those_of_the_files(faces):
    first, second = faces()

    np.testing.assert_allclose(first.box_xywh, [10.5, 8, 20, 24])
    assert second.score == pytest.approx(0.75)
    np.testing.assert_allclose(first.landmarks, [[15, 14], [25, 15], [20, 20], [16, 26], [24, 27]])
    np.testing.assert_array_equal(second.features, FEATURES[1])


def test_a_box_is_cut_to_the_photograph(faces):
    _, second = faces()

    np.testing.assert_allclose(second.box_xywh, [40, 20, 24, 24])


def test_without_cropped_faces_crops_come_from_the_photograph(faces):
    for face in faces():
        expected = crops_of(pixels(), face.landmarks)
        for preset, size in CROP_SIZES.items():
            assert face.crops[preset].shape == (*size, 3)
            np.testing.assert_array_equal(face.crops[preset], expected[preset])


def test_cropped_faces_are_aligned_as_they_were_cut(faces):
    cut = [pixels()[8:32, 10:30], np.full((9, 8, 3), 70, np.uint8)]
    inside = LANDMARKS - np.repeat([[10, 8], [40, 20]], 5, axis=1)

    first, second = faces(cropped=cut, cropped_landmarks=inside)

    for face, picture, corner in ((first, cut[0], [10, 8]), (second, cut[1], [40, 20])):
        expected = crops_of(picture, face.landmarks - corner)
        for preset in CROP_SIZES:
            np.testing.assert_array_equal(face.crops[preset], expected[preset])
    np.testing.assert_allclose(first.box_xywh, [10.5, 8, 20, 24])


@pytest.mark.parametrize("nothing", [np.zeros(1), np.array([])], ids=["a zero", "empty"])
@pytest.mark.parametrize("cropped", [None, np.zeros(1)], ids=["not cropped", "cropped"])
def test_photographs_without_faces_have_none(faces, nothing, cropped):
    empty = {"boxes": nothing, "landmarks": nothing, "features": nothing}

    assert faces(**empty, cropped=cropped, cropped_landmarks=cropped) == []


def test_faces_of_test_lie_at_the_top_of_its_folder(tmp_path):
    photo = "test/test_shared/test_1.jpg"
    write_published_faces(
        tmp_path, "test/test_1.jpg", boxes=BOXES, landmarks=LANDMARKS, features=FEATURES
    )

    assert len(find_published(tmp_path, [photo]).read(photo, pixels())) == 2


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"boxes": BOXES[:, :4]}, r"array a: expected numbers of shape \(faces, 5\)"),
        ({"landmarks": LANDMARKS[:1]}, r"expected 2 faces, .* Received: 1"),
        ({"features": FEATURES[:1]}, r"FaceFeatures/.*neu_4\.npz: expected 2 faces, .*: 1"),
        ({"features": FEATURES[:, :9]}, r"expected numbers of shape \(faces, 256\).*\(2, 9\)"),
        ({"cropped": [pixels()], "cropped_landmarks": LANDMARKS}, r"Cropped.*2 faces.*: 1, 2 of"),
        (
            {"cropped": [pixels()[..., 0]] * 2, "cropped_landmarks": LANDMARKS},
            r"face 0: expected uint8 \(H, W, 3\)\. Received: uint8 \(48, 64\)",
        ),
        ({"landmarks": np.full((2, 10), 7.0)}, "expected finite points that do not coincide"),
    ],
    ids=["boxes", "fewer landmarks", "fewer", "narrow", "fewer crops", "grey", "one point"],
)
def test_files_that_do_not_fit_are_an_error_that_names_them(faces, arrays, message):
    with pytest.raises(EmoError, match=message):
        faces(**arrays)


def test_a_photograph_without_a_file_is_an_error(tmp_path):
    write_published_faces(tmp_path, PHOTO, boxes=BOXES, landmarks=LANDMARKS, features=FEATURES)
    other = PHOTO.replace("4", "5")

    with pytest.raises(EmoError, match=r"neu_5\.npz: expected the faces of val/Neutral/neu_5\.jpg"):
        find_published(tmp_path, [PHOTO]).read(other, pixels())


def test_there_are_none_where_no_folder_is(tmp_path):
    assert find_published(tmp_path, [PHOTO]) is None


def test_cropped_faces_alone_or_a_part_without_faces_are_an_error(tmp_path):
    (tmp_path / CROPPED).mkdir()
    with pytest.raises(EmoError, match=r"FaceCoordinates: expected a folder, as .*CroppedFaces"):
        find_published(tmp_path, [PHOTO])

    write_published_faces(tmp_path, PHOTO, boxes=BOXES, landmarks=LANDMARKS, features=FEATURES)
    (tmp_path / CROPPED).rmdir()
    with pytest.raises(EmoError, match=r"FaceCoordinates/test: expected a folder"):
        find_published(tmp_path, [PHOTO, "test/test_1.jpg"])

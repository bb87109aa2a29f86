"""Labelled photographs: read, found, cut out."""

import shutil
import zipfile

import numpy as np
import pytest

from emo_tf.data.photographs import FER2013_CROP, Photographs
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS


@pytest.fixture(scope="module")
def folder(tmp_path_factory, astronaut, make_picture):
    """A happy astronaut, and a neutral picture of nobody."""
    root = tmp_path_factory.mktemp("photographs")
    (root / "happy").mkdir()
    (root / "neutral").mkdir()
    shutil.copy(astronaut, root / "happy" / "Eileen_1.png")
    noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3), np.uint8)
    (root / "neutral" / "nobody_1.png").write_bytes(make_picture(noise, "PNG"))
    return root


@pytest.fixture(scope="module")
def photographs(folder):
    return Photographs.read(folder)


def test_pictures_come_sorted_with_their_class_and_largest_face(photographs):
    assert photographs.ids == ("happy/Eileen_1.png", "neutral/nobody_1.png")
    assert [EXPRESSIONS[label] for label in photographs.labels] == ["happy", "neutral"]
    assert photographs.has_face.tolist() == [True, False]
    x, y, width, height = photographs.faces[0].box_xywh
    assert x < 223 < x + width
    assert y < 120 < y + height


def test_a_zip_reads_as_its_folder_does(photographs, folder, tmp_path):
    archive = tmp_path / "photos.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(folder.glob("*/*")):
            file.write(path, path.relative_to(folder))
    zipped = Photographs.read(archive)
    assert zipped.ids == photographs.ids
    assert zipped.faces == photographs.faces


def test_crops_are_of_the_pictures_with_a_face_alone(photographs):
    crops = photographs.crops(FER2013_CROP)
    assert crops.ids == ("happy/Eileen_1.png",)
    assert crops.images.shape == (1, 48, 48, 1)
    assert EXPRESSIONS[crops.labels[0]] == "happy"


def test_landmarks_fall_where_fer2013_has_them(photographs):
    """In a crop of five white dots on the landmarks, the dots lie at the template's places."""
    face = photographs.faces[0]
    dots = np.zeros_like(photographs.images[0])
    for x, y in face.landmarks:
        dots[round(y) - 3 : round(y) + 4, round(x) - 3 : round(x) + 4] = 255
    dotted = Photographs((dots,), photographs.labels[:1], (face,), ("happy/dots.png",))
    crop = dotted.crops(FER2013_CROP, size=(96, 96)).images[0, ..., 0]
    for x, y in np.array(FER2013_CROP["template"]) * 96:
        assert crop[int(y) - 3 : int(y) + 4, int(x) - 3 : int(x) + 4].max() > 60


def test_an_unknown_class_is_an_error_that_names_it(tmp_path, astronaut):
    (tmp_path / "hapy").mkdir()
    shutil.copy(astronaut, tmp_path / "hapy")
    with pytest.raises(EmoError, match=r"hapy/astronaut.png: did you mean happy.*'hapy'"):
        Photographs.read(tmp_path)


def test_an_unreadable_picture_is_an_error_that_names_it(tmp_path):
    (tmp_path / "happy").mkdir()
    (tmp_path / "happy" / "text.jpg").write_text("no picture")
    with pytest.raises(EmoError, match=r"happy/text\.jpg"):
        Photographs.read(tmp_path)


def test_something_that_is_no_archive_is_an_error(tmp_path):
    path = tmp_path / "photos.zip"
    with pytest.raises(EmoError, match="expected a folder or a zip"):
        Photographs.read(path)
    path.write_text("no zip")
    with pytest.raises(EmoError, match="expected a folder or a zip"):
        Photographs.read(path)

"""Finding FER2013 in its published forms."""

import shutil
import zipfile

import numpy as np
import pytest

from emo_tf.data.miniature.fer2013 import write_fer2013
from emo_tf.errors import EmoError

from . import source


@pytest.fixture
def pictures(tmp_path):
    return write_fer2013(tmp_path / "pictures", training=2, public_test=1, private_test=1)


@pytest.fixture
def table(tmp_path):
    return write_fer2013(tmp_path / "table", form="csv", training=2, public_test=1, private_test=1)


def packed(folder, manual_dir, form):
    manual_dir.mkdir()
    shutil.make_archive(str(manual_dir / "fer2013"), form, folder)
    return manual_dir


def contents(faces):
    """Returns what does not depend on the form, in an order that does not either."""
    return sorted((face.usage, face.label, face.pixel_sha1) for face in faces)


def test_folders_hold_every_face_once_sorted_by_usage_and_id(pictures):
    faces = source.read_faces(pictures)

    names = [(face.usage, face.id) for face in faces]
    assert len(names) == 7 * 4
    assert names == sorted(set(names))


@pytest.mark.parametrize("form", ["zip", "gztar"])
@pytest.mark.parametrize("inside", ["pictures", "table"])
def test_an_archive_gives_the_faces_of_what_it_holds(request, tmp_path, inside, form):
    folder = request.getfixturevalue(inside)

    faces = source.read_faces(packed(folder, tmp_path / "archive", form))
    expected = source.read_faces(folder)

    assert [(face.usage, face.id, face.label) for face in faces] == [
        (face.usage, face.id, face.label) for face in expected
    ]
    for face, other in zip(faces, expected, strict=True):
        np.testing.assert_array_equal(face.pixels, other.pixels)


def test_pictures_and_table_give_the_same_faces(pictures, table):
    assert contents(source.read_faces(pictures)) == contents(source.read_faces(table))


@pytest.mark.parametrize("inside", ["pictures", "table"])
def test_the_folder_that_the_original_archive_unpacks_into_is_found(request, tmp_path, inside):
    manual_dir = tmp_path / "manual dir é"
    folder = shutil.copytree(request.getfixturevalue(inside), manual_dir / "fer2013")

    assert contents(source.read_faces(manual_dir)) == contents(source.read_faces(folder))


def test_the_table_goes_before_pictures_and_archives_that_lie_beside_it(pictures, table):
    shutil.copy(table / "fer2013.csv", pictures)
    (pictures / "fer2013.zip").write_bytes(b"never opened")

    assert source.read_faces(pictures)[0].id == "PrivateTest_00003"


def test_the_test_folder_may_be_missing(pictures):
    shutil.rmtree(pictures / "test")

    assert {face.usage for face in source.read_faces(pictures)} == {"Training"}


def test_what_is_no_picture_is_left_alone(pictures):
    (pictures / "train" / "happy" / "Thumbs.db").write_bytes(b"")
    (pictures / "train" / "happy" / "._Training_00000.png").write_bytes(b"")
    (pictures / "holiday.png").write_bytes(b"")

    assert len(source.read_faces(pictures)) == 7 * 4


def test_an_error_lists_every_path_looked_for(tmp_path):
    with pytest.raises(EmoError, match="FER2013 is not there") as caught:
        source.read_faces(tmp_path / "nowhere")

    looked_for = [
        "fer2013.csv",
        "train",
        "test",
        "fer2013/fer2013.csv",
        "fer2013/train",
        "fer2013/test",
        "fer2013.zip",
        "fer2013.tar.gz",
    ]
    paths = ", ".join(f"{tmp_path / 'nowhere' / name} (missing)" for name in looked_for)
    assert str(caught.value).endswith(f"Looked for: {paths}")


def test_an_archive_without_faces_is_an_error_that_says_what_was_found(tmp_path):
    with zipfile.ZipFile(tmp_path / "fer2013.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing here")

    with pytest.raises(EmoError, match=r"fer2013\.zip holds no face") as caught:
        source.read_faces(tmp_path)

    assert f"{tmp_path / 'fer2013.zip'} (found)" in str(caught.value)
    assert f"{tmp_path / 'fer2013.csv'} (missing)" in str(caught.value)


def test_a_table_without_rows_is_an_error(tmp_path):
    (tmp_path / "fer2013.csv").write_text("emotion,pixels,Usage\n")

    with pytest.raises(EmoError, match=r"fer2013\.csv holds no face"):
        source.read_faces(tmp_path)


@pytest.mark.parametrize(("form", "suffix"), [("zip", "zip"), ("gztar", "tar.gz")])
@pytest.mark.parametrize("kept", [0, 300, 0.5, 0.999], ids=lambda kept: f"{kept} kept")
def test_a_truncated_archive_is_an_error_that_names_it(pictures, tmp_path, form, suffix, kept):
    path = packed(pictures, tmp_path / "archive", form) / f"fer2013.{suffix}"
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data)) if kept < 1 else kept])

    with pytest.raises(EmoError) as caught:
        source.read_faces(path.parent)

    assert str(caught.value).startswith(f"{path}: expected a whole file.")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("form", [None, "zip"], ids=["folder", "zip"])
def test_a_broken_picture_is_an_error_that_names_it(pictures, tmp_path, form):
    name = "train/happy/Training_00012.png"
    broken = pictures / name
    broken.write_bytes(broken.read_bytes()[:200])
    manual_dir = packed(pictures, tmp_path / "archive", form) if form else pictures
    shown = f"{manual_dir / 'fer2013.zip'}: {name}" if form else str(broken)

    with pytest.raises(EmoError) as caught:
        source.read_faces(manual_dir)

    assert str(caught.value).startswith(f"{shown}: expected a whole picture.")


def test_two_pictures_of_one_name_are_an_error(pictures):
    path = pictures / "train" / "happy" / "Training_00012.png"
    again = pictures / "train" / "copies" / "train" / "happy" / path.name
    again.parent.mkdir(parents=True)
    shutil.copy(path, again)

    with pytest.raises(EmoError, match="Received: two of happy/Training_00012"):
        source.read_faces(pictures)

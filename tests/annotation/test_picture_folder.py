import os

import numpy as np
import pytest

from emo_tf.annotation.picture_folder import PictureContent, PictureFolder
from emo_tf.errors import EmoError
from tests.annotation.albums import HEIGHT, WIDTH, add_picture, make_album, pictures_of


def test_pictures_are_named_by_their_way_from_the_folder(tmp_path):
    make_album(tmp_path, ["b.png", "day/one/a.png"])
    assert pictures_of(tmp_path).paths == ("b.png", "day/one/a.png")


def test_a_picture_that_is_named_twice_counts_once(tmp_path):
    path = add_picture(tmp_path / "a.png")
    assert PictureFolder(tmp_path, [path, path]).paths == ("a.png",)


@pytest.mark.parametrize("make", [None, "folder", "file"], ids=["nothing", "folder", "file"])
def test_a_folder_that_is_none_or_has_no_pictures_is_refused(tmp_path, make):
    place = tmp_path / "album"
    if make == "folder":
        place.mkdir()
    elif make:
        place.write_text("x")
    received = {None: "no such folder", "folder": "none in it", "file": "a file"}[make]
    with pytest.raises(EmoError, match=f"album: expected a folder with pic.* Received: {received}"):
        PictureFolder(place, [])


def test_a_picture_that_lies_elsewhere_is_refused(tmp_path):
    make_album(tmp_path, ["in/a.png", "out/b.png"])
    with pytest.raises(EmoError, match=r"b.png: expected a picture in .*in"):
        PictureFolder(tmp_path / "in", [tmp_path / "out" / "b.png"])


def test_a_look_into_a_picture_tells_its_size_and_its_bytes_apart(tmp_path):
    make_album(tmp_path, ["a.png", "b.png"])
    folder = pictures_of(tmp_path)
    one, other = (folder.content(path) for path in folder.paths)
    assert one == PictureContent(one.sha256, WIDTH, HEIGHT)
    assert len(one.sha256) == len(other.sha256) == 64
    assert one.sha256 != other.sha256


def test_the_size_is_that_of_the_upright_picture(tmp_path, photo, make_jpeg):
    (tmp_path / "a.jpg").write_bytes(make_jpeg(photo, orientation=6))
    content = pictures_of(tmp_path).content("a.jpg")
    assert (content.width, content.height) == photo.shape[:2]


def test_what_is_no_picture_has_an_error_instead_of_a_size(tmp_path):
    (tmp_path / "a.png").write_bytes(b"text")
    content = pictures_of(tmp_path).content("a.png")
    assert (content.width, content.height) == (0, 0)
    assert content.error.startswith("a.png: expected a picture (JPEG, ")


def test_a_picture_over_the_limit_has_an_error(tmp_path):
    path = add_picture(tmp_path / "a.png")
    content = PictureFolder(tmp_path, [path], max_pixels=100).content("a.png")
    assert content.error == "a.png: expected at most 100 pixels. Received: 64 x 48 = 3,072"


def test_a_picture_that_goes_away_meanwhile_has_an_error_and_no_stamp(tmp_path):
    path = add_picture(tmp_path / "a.png")
    folder = pictures_of(tmp_path)
    path.unlink()
    assert folder.stamp("a.png") is None
    expected = "a.png: expected a picture. Received: no file"
    assert folder.content("a.png") == PictureContent("", error=expected)


def test_a_pipe_with_a_pictures_name_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    folder = PictureFolder(tmp_path, [tmp_path / "a.png"])
    assert folder.content("a.png").error == "a.png: expected a picture. Received: no file"


def test_a_name_that_is_no_utf_8_is_found_again(tmp_path):
    name = os.fsdecode(b"caf\xe9.png")
    add_picture(tmp_path / name)
    folder = pictures_of(tmp_path)
    assert folder.paths == (name,)
    assert folder.content(name).error is None


def test_pixels_are_not_decoded(tmp_path, make_picture):
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    (tmp_path / "a.jpg").write_bytes(make_picture(noise, "JPEG")[:-500])
    content = pictures_of(tmp_path).content("a.jpg")
    assert (content.width, content.height, content.error) == (60, 40, None)

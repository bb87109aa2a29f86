from pathlib import Path

import pytest

from emo_tf.cli.drawings import plan_drawings
from emo_tf.cli.sources import PictureSource
from emo_tf.errors import EmoError


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """Plans drawings below `out`; gives their paths relative to it."""
    monkeypatch.chdir(tmp_path)

    def plan(*names) -> list[str]:
        targets = plan_drawings([PictureSource(name) for name in names], Path("out"))
        return [str(target.relative_to("out")) for target in targets.values()]

    return plan


def test_one_picture_keeps_its_name(planned):
    assert planned("deep/in/a/x.jpg") == ["x.jpg"]


def test_equal_names_stay_apart_by_the_folders_they_do_not_share(planned):
    assert planned("a/x.jpg", "a/c/x.jpg", "b/x.jpg") == ["a/x.jpg", "a/c/x.jpg", "b/x.jpg"]
    assert planned("../up/x.jpg", "../up/more/x.jpg") == ["x.jpg", "more/x.jpg"]


def test_formats_that_are_not_written_become_png(planned):
    assert planned("x.gif", "y.JPEG", "z", "w.tar.webp") == [
        "x.png",
        "y.JPEG",
        "z.png",
        "w.tar.png",
    ]


def test_names_that_become_equal_are_numbered(planned):
    assert planned("x.png", "x.gif", "X.webp", "x-2.png") == [
        "x.png",
        "x-2.png",
        "X-3.png",
        "x-2-2.png",
    ]


def test_a_picture_named_twice_is_drawn_once(planned):
    assert planned("x.png", "x.png") == ["x.png"]


def test_standard_input_has_a_name_of_its_own(planned):
    assert planned("-") == ["stdin.png"]


def test_no_source_no_drawing(planned):
    assert planned() == []


@pytest.mark.parametrize("folder", [".", "photos/.."], ids=["the folder", "another spelling"])
def test_a_source_is_never_written_over(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    with pytest.raises(EmoError, match=r"x\.jpg would be replaced"):
        plan_drawings([PictureSource("x.jpg")], Path(folder))


def test_a_source_behind_a_link_is_never_written_over(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.jpg").touch()
    (tmp_path / "link").symlink_to(tmp_path / "in")
    with pytest.raises(EmoError, match="would be replaced"):
        plan_drawings([PictureSource(str(tmp_path / "in" / "x.jpg"))], tmp_path / "link")


def test_a_file_is_no_folder_to_draw_in(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(EmoError, match=r"--draw: expected a folder.*which is a file"):
        plan_drawings([PictureSource("x.jpg")], tmp_path / "out")

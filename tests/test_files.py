from pathlib import Path

import pytest

from emo_tf.errors import EmoError
from emo_tf.files import new_folder, replace_folder, replace_whole


def test_a_file_appears_with_its_folders_once_the_block_has_ended(tmp_path):
    path = tmp_path / "new" / "folder" / "mit Ü 顔.txt"
    with replace_whole(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists()
        assert temporary.parent == path.parent
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_is_replaced(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("before")
    with replace_whole(path) as temporary:
        temporary.write_text("after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt], ids=["error", "interrupt"])
def test_an_error_leaves_the_old_content_and_nothing_else(tmp_path, error):
    path = tmp_path / "file.txt"
    path.write_text("before")

    def write_half():
        with replace_whole(path) as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        write_half()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_writes_nothing_is_an_error_and_keeps_the_old_content(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("before")
    with pytest.raises(FileNotFoundError), replace_whole(path):
        pass
    assert path.read_text() == "before"


def test_the_sibling_keeps_every_suffix_and_is_hidden(tmp_path):
    with replace_whole(tmp_path / "best.weights.h5") as temporary:
        temporary.touch()
        assert temporary.suffixes[-2:] == [".weights", ".h5"]
        assert temporary.name.startswith(".")


@pytest.mark.parametrize("there", [False, True], ids=["new", "empty"])
def test_a_folder_appears_once_the_block_has_ended(tmp_path, there):
    path = tmp_path / "above" / "folder"
    if there:
        path.mkdir(parents=True)
    with new_folder(path) as temporary:
        (temporary / "file.txt").write_text("whole")
        assert not list(path.glob("*"))
    assert [file.name for file in path.iterdir()] == ["file.txt"]
    assert list(path.parent.iterdir()) == [path]


def test_an_error_leaves_no_folder(tmp_path):
    def write_half():
        with new_folder(tmp_path / "folder") as temporary:
            (temporary / "file.txt").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["full folder", "file"])
def test_what_stands_in_the_place_of_a_folder_is_left_alone(tmp_path, kind):
    path = tmp_path / "folder"
    if kind == "file":
        path.write_text("mine")
    else:
        path.mkdir()
        (path / "mine.txt").write_text("mine")

    with pytest.raises(EmoError, match="expected a new or empty folder"), new_folder(path):
        pass
    assert path.is_file() or [file.name for file in path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("there", [False, True], ids=["new", "replaced"])
def test_a_folder_is_replaced_as_a_whole(tmp_path, there):
    path = tmp_path / "folder"
    if there:
        path.mkdir()
        (path / "before.txt").write_text("before")
    with replace_folder(path) as temporary:
        (temporary / "after.txt").write_text("after")
        assert [file.name for file in path.glob("*")] == ["before.txt"] * there
    assert [file.name for file in path.iterdir()] == ["after.txt"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt], ids=["error", "interrupt"])
@pytest.mark.parametrize("there", [False, True], ids=["new", "replaced"])
def test_an_error_leaves_the_folder_that_was_there(tmp_path, error, there):
    path = tmp_path / "folder"
    if there:
        path.mkdir()
        (path / "before.txt").write_text("before")

    def write_half():
        with replace_folder(path) as temporary:
            (temporary / "after.txt").write_text("half")
            raise error

    with pytest.raises(error):
        write_half()
    assert [file.name for file in tmp_path.rglob("*")] == ["folder", "before.txt"] * there


def test_a_folder_that_cannot_take_the_name_leaves_the_earlier_one(tmp_path, monkeypatch):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "before.txt").write_text("before")
    rename = Path.rename

    def refuse(source, target):
        if Path(target) == path and not (source / "before.txt").exists():
            raise OSError("no")
        return rename(source, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="no"), replace_folder(path) as temporary:
        (temporary / "after.txt").write_text("after")
    assert [file.name for file in tmp_path.rglob("*")] == ["folder", "before.txt"]


def test_a_folder_is_replaced_where_a_relative_path_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path / "folder")
    with replace_folder(Path()) as temporary:
        (temporary / "after.txt").touch()
    assert (tmp_path / "folder" / "after.txt").is_file()

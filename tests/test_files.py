import pytest

from emo_tf.files import replace_whole


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

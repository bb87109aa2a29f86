import os

import pytest

from emo_tf.beam.source_file import SourceFile, find_remote

PICTURES = ".jpg", ".png"


@pytest.fixture
def album(shelf):
    for name in ("a.jpg", "b.PNG", "notes.txt", "day/c.jpg", "day/one/d.jpg", "day/.hidden/e.jpg"):
        path = shelf / "album" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    return shelf / "album"


@pytest.mark.parametrize(
    ("word", "names"),
    [
        pytest.param(
            "shelf://album", ["a.jpg", "b.PNG", "day/c.jpg", "day/one/d.jpg"], id="folder"
        ),
        pytest.param("shelf://album/day/", ["day/c.jpg", "day/one/d.jpg"], id="folder with slash"),
        pytest.param("shelf://album/*.jpg", ["a.jpg"], id="pattern"),
        pytest.param(
            "shelf://album/**/*.jpg",
            ["a.jpg", "day/c.jpg", "day/one/d.jpg"],
            id="pattern with any folders or none",
        ),
        pytest.param("shelf://album/day/.*/*.jpg", ["day/.hidden/e.jpg"], id="hidden by name"),
        pytest.param("shelf://album/notes.txt", ["notes.txt"], id="file of any ending"),
    ],
)
def test_remote_words_stand_for_pictures(album, word, names):
    found = list(find_remote(word, PICTURES))
    assert sorted(file.name for file in found) == [f"shelf://album/{name}" for name in names]
    assert all(file.error is None and file.stamp.startswith("5 ") for file in found)


@pytest.mark.parametrize("word", ["shelf://nowhere", "shelf://album/*.gif"], ids=["name", "glob"])
def test_a_remote_word_that_stands_for_nothing_is_an_entry_with_an_error(album, word):
    (entry,) = find_remote(word, PICTURES)
    assert entry.name == word
    assert entry.error.endswith("Received: none found")


def test_a_remote_folder_that_cannot_be_listed_is_an_entry_with_an_error(album, monkeypatch):
    def refuse(self, prefix):
        raise PermissionError("no entry")

    monkeypatch.setattr("tests.beam.shelf.ShelfFileSystem._list", refuse)
    (entry,) = find_remote("shelf://album/*.jpg", PICTURES)
    assert "cannot be listed" in entry.error
    assert "no entry" in entry.error


def test_the_stamp_of_a_local_file_changes_with_its_size_and_its_time(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"one")
    os.utime(path, ns=(1, 1))
    first = SourceFile.local(str(path))
    os.utime(path, ns=(2, 2))
    assert first.stamp == "3 1"
    assert SourceFile.local(str(path)).stamp == "3 2"
    assert SourceFile.local(str(tmp_path / "none.jpg")).stamp == ""


def test_the_shard_of_a_picture_rests_on_its_path_alone():
    # By hand: the first eight bytes of SHA-256 of the path, modulo 16.
    assert SourceFile("album/a.jpg").shard(16) == 3
    assert SourceFile("album/a.jpg", "other stamp").shard(16) == 3
    shards = [SourceFile(f"album/{number}.jpg").shard(16) for number in range(1600)]
    sizes = [shards.count(number) for number in range(16)]
    assert sum(sizes) == 1600
    assert 60 < min(sizes) <= max(sizes) < 150


def test_a_name_that_is_no_utf8_has_a_shard_too():
    assert 0 <= SourceFile("caf\udce9.jpg").shard(3) < 3

"""An answers file and the folder of pictures that it is about."""

import os
import shutil

import pytest

from emo_tf.annotation.answer_store import AnswerStore
from emo_tf.annotation.picture_folder import PictureFolder
from emo_tf.errors import EmoError
from tests.annotation.albums import BOX, HAPPY, add_picture, make_album, open_store, pictures_of


@pytest.fixture
def file(tmp_path, album):
    """Answers about a person in the second and one in the third picture."""
    with open_store(tmp_path / "answers.db", album) as store:
        store.add_annotator("Ada")
        for picture in (2, 3):
            person = store.add_person(picture, BOX, origin="drawn", annotator="Ada")
            store.save(person.id, "Ada", HAPPY)
    return tmp_path / "answers.db"


def paths(store: AnswerStore) -> list[str]:
    return [picture.path for picture in store.pictures()]


def test_a_file_that_is_opened_again_goes_on(file, album):
    with open_store(file, album) as store:
        assert [one.picture for one in store.answers()] == ["b.png", "c.png"]
        assert store.annotators() == ["Ada"]
        assert store.next_person("Ada") == (1, None)


def test_the_folder_may_have_been_moved(file, album):
    moved = album.rename(album.with_name("elsewhere"))
    with open_store(file, moved) as store:
        assert store.folder_name == "elsewhere"
        assert store.progress("Ada")["answered"] == 2


def test_a_copy_of_the_folder_is_as_good(file, album, tmp_path):
    shutil.copytree(album, tmp_path / "copy", copy_function=shutil.copyfile)
    with open_store(file, tmp_path / "copy") as store:
        assert store.progress("Ada")["answered"] == 2


def test_new_pictures_come_at_the_end(file, album):
    add_picture(album / "_first.png")
    with open_store(file, album) as store:
        assert paths(store) == ["a.png", "b.png", "c.png", "_first.png"]
        assert store.picture(4).path == "_first.png"


def test_a_picture_without_people_may_go_and_come_back(file, album):
    away = (album / "a.png").rename(album.parent / "a.png")
    with open_store(file, album) as store:
        assert paths(store) == ["b.png", "c.png"]
        assert store.next_person("Ada") is None
        with pytest.raises(EmoError, match=r"picture: .* Received: 1"):
            store.picture(1)
    away.rename(album / "a.png")
    with open_store(file, album) as store:
        assert paths(store) == ["a.png", "b.png", "c.png"]


def test_a_picture_without_people_may_change(file, album):
    with open_store(file, album) as store:
        store.add_detected(1, [])
        store.save_nobody(1, "Ada")
        assert store.next_person("Ada") is None
    shutil.copyfile(album / "b.png", album / "a.png")
    with open_store(file, album) as store:
        assert not store.detected(1)
        assert store.next_person("Ada") == (1, None)


@pytest.mark.parametrize(
    ("change", "received"),
    [
        (lambda album: (album / "b.png").unlink(), r"b.png is missing\. Name their folder"),
        (
            lambda album: [path.unlink() for path in sorted(album.iterdir())[1:]],
            r"b.png is missing \(the first of 2 such pictures\)\. ",
        ),
        (
            lambda album: shutil.copyfile(album / "a.png", album / "c.png"),
            r"c.png is another picture\. ",
        ),
        (lambda album: (album / "b.png").write_bytes(b"no"), r"b.png is another picture\. "),
    ],
    ids=["one missing", "two missing", "another picture", "no picture"],
)
def test_another_folder_is_refused_and_the_file_left_as_it_was(file, album, change, received):
    change(album)
    before = file.read_bytes()
    expected = f"{file}: expected the pictures in {album} in which it has people. Received: "
    with pytest.raises(EmoError, match=f"{expected}{received}"):
        open_store(file, album)
    assert file.read_bytes() == before


def test_a_picture_whose_people_were_removed_may_go(file, album):
    with open_store(file, album) as store:
        store.remove_person(store.people(3)[0].id, annotator="Ada")
    (album / "c.png").unlink()
    with open_store(file, album) as store:
        assert paths(store) == ["a.png", "b.png"]


def test_files_that_did_not_change_are_not_read_again(file, album, monkeypatch):
    read = []
    content = PictureFolder.content
    monkeypatch.setattr(
        PictureFolder, "content", lambda *args: read.append(args[1]) or content(*args)
    )
    open_store(file, album).close()
    assert read == []
    add_picture(album / "d.png")
    os.utime(album / "b.png", ns=(1, 1))
    open_store(file, album).close()
    assert read == ["b.png", "d.png"]
    open_store(file, album).close()
    assert read == ["b.png", "d.png"]


def test_an_unreadable_picture_is_listed_and_cannot_be_annotated(tmp_path, album):
    (album / "b.png").write_bytes(b"no picture")
    with open_store(tmp_path / "answers.db", album) as store:
        assert store.picture(2).error.startswith("b.png: expected a picture (")
        store.add_annotator("Ada")
        for add in (
            lambda: store.add_person(2, BOX, origin="drawn", annotator="Ada"),
            lambda: store.add_detected(2, [BOX]),
        ):
            with pytest.raises(EmoError, match=r"picture 2: expected one that can be read\. Rec"):
                add()
        assert set(store.counts("Ada")) == {1, 3}
        assert store.progress("Ada")["pictures"] == 2
        store.save_nobody(1, "Ada")
        assert store.next_person("Ada") == (3, None)
    add_picture(album / "b.png")
    with open_store(tmp_path / "answers.db", album) as store:
        assert store.picture(2).error is None
        assert store.next_person("Ada") == (2, None)


def test_a_picture_that_could_not_be_read_is_tried_again(tmp_path, album):
    file = tmp_path / "answers.db"
    small = PictureFolder(album, list(pictures_of(album).directory.iterdir()), max_pixels=9)
    with AnswerStore.open(file, small) as store:
        assert all(picture.error for picture in store.pictures())
    with open_store(file, album) as store:
        assert not any(picture.error for picture in store.pictures())


def test_a_picture_whose_pixels_are_broken_is_left_out_until_the_next_time(tmp_path, album):
    file = tmp_path / "answers.db"
    with open_store(file, album) as store:
        store.add_annotator("Ada")
        store.mark_unreadable(1, f"{os.fsdecode(bytes([233]))}: expected a whole picture")
        assert store.picture(1).error == r"\udce9: expected a whole picture"
        assert store.next_person("Ada") == (2, None)
        assert store.progress("Ada")["pictures"] == 2
    with open_store(file, album) as store:
        assert store.next_person("Ada") == (1, None)


NAMES = ["day/b.png", "a'b\"; DROP TABLE picture;--.png", "é.png", "e\u0301.png", "%2e? #.png"]


def test_odd_names_come_back_as_they_were(tmp_path):
    names = [*NAMES, os.fsdecode(b"caf\xe9/\xff.png")]
    album = make_album(tmp_path / os.fsdecode(b"alb\xfcm"), names)
    names.append(os.fsdecode(b"broken \xff.png"))
    (album / names[-1]).write_bytes(b"no picture")
    with open_store(tmp_path / "answers.db", album) as store:
        assert sorted(paths(store)) == sorted(names)
        store.add_annotator("Ada")
        readable = [picture for picture in store.pictures() if not picture.error]
        for picture in readable:
            person = store.add_person(picture.id, BOX, origin="drawn", annotator="Ada")
            store.save(person.id, "Ada", HAPPY)
    with AnswerStore.read(tmp_path / "answers.db") as store:
        assert sorted(one.picture for one in store.answers()) == sorted(names[:-1])
        assert store.folder_name == album.name

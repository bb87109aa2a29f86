"""What may stand at the place of an answers file."""

import os
import sqlite3

import pytest

from emo_tf.annotation.answer_schema import FORMAT
from emo_tf.annotation.answer_store import AnswerStore
from emo_tf.errors import EmoError
from tests.annotation.albums import BOX, HAPPY, make_album, open_store


@pytest.fixture
def album(tmp_path):
    return make_album(tmp_path / "album", ["a.png"])


def write_sqlite(file, *statements):
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def write_answers(file, album):
    with open_store(file, album) as store:
        store.add_annotator("Ada")
        person = store.add_person(1, BOX, origin="drawn", annotator="Ada")
        store.save(person.id, "Ada", HAPPY)
    return file


@pytest.mark.parametrize(
    ("write", "received"),
    [
        (lambda file: file.mkdir(), "a folder"),
        (lambda file: file.write_text("Ada: happy\n" * 100), "a file of another kind"),
        (lambda file: file.write_text("Ada"), "a file of another kind"),
        (
            lambda file: write_sqlite(file, "CREATE TABLE mails (text)"),
            "a SQLite file of another program",
        ),
        (
            lambda file: write_sqlite(file, "PRAGMA application_id = 7"),
            "a SQLite file of another program",
        ),
    ],
    ids=["a folder", "a text", "a short text", "tables of others", "a mark of others"],
)
def test_what_is_no_answers_file_is_refused_and_left_as_it_was(tmp_path, album, write, received):
    file = tmp_path / "answers.db"
    write(file)
    before = file.read_bytes() if file.is_file() else None
    expected = "expected a new file, or one that `emo-tf annotate` made. Received: "
    for reopen in (AnswerStore.read, lambda place: open_store(place, album)):
        with pytest.raises(EmoError, match=f"{file}: {expected}{received}"):
            reopen(file)
    assert (file.read_bytes() if file.is_file() else None) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["album", "answers.db"]


def test_a_file_of_a_newer_format_is_refused(tmp_path, album):
    file = write_answers(tmp_path / "answers.db", album)
    write_sqlite(file, f"PRAGMA user_version = {FORMAT + 1}")
    expected = f"{file}: expected answers of format {FORMAT} or older. Received: format 2, which"
    for reopen in (AnswerStore.read, lambda place: open_store(place, album)):
        with pytest.raises(EmoError, match=expected):
            reopen(file)


@pytest.mark.parametrize(
    "write",
    [lambda file: file.touch(), lambda file: write_sqlite(file, "VACUUM")],
    ids=["no bytes", "no tables"],
)
def test_an_empty_file_is_begun_anew(tmp_path, album, write):
    file = tmp_path / "answers.db"
    write(file)
    with pytest.raises(EmoError, match=f"{file}: expected .* Received: a file without answers"):
        AnswerStore.read(file)
    write_answers(file, album)
    with AnswerStore.read(file) as store:
        assert len(list(store.answers())) == 1


def test_folders_on_the_way_are_made(tmp_path, album):
    write_answers(tmp_path / "new" / "folder" / "answers.db", album)
    with AnswerStore.read(tmp_path / "new" / "folder" / "answers.db") as store:
        assert store.annotators() == ["Ada"]


@pytest.mark.parametrize(
    ("name", "received"),
    [("album/a.png/x", "Not a directory|File exists"), ("x" * 300, "unable to open")],
    ids=["within a file", "a long name"],
)
def test_a_place_that_cannot_be_written_to_is_refused(tmp_path, album, name, received):
    with pytest.raises(EmoError, match=f"x: expected a file that can be written. .*: ({received})"):
        open_store(tmp_path / name, album)


def test_a_file_that_is_not_there_cannot_be_read(tmp_path):
    with pytest.raises(EmoError, match=r"answers.db: expected .* Received: no such file"):
        AnswerStore.read(tmp_path / "answers.db")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_refused(tmp_path, album):
    file = write_answers(tmp_path / "answers.db", album)
    content = file.read_bytes()
    file.write_bytes(content[:4096] + bytes(len(content) - 4096))
    with pytest.raises(EmoError, match=f"{file}: expected .* malformed"):
        open_store(file, album)


def test_signs_in_the_files_name_mean_nothing(tmp_path, album):
    file = write_answers(tmp_path / "a?mode=memory&b#c %41.db", album)
    assert sorted(path.name for path in tmp_path.iterdir()) == [file.name, "album"]


def test_a_file_that_is_closed_stands_alone(tmp_path, album):
    file = write_answers(tmp_path / "answers.db", album)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["album", "answers.db"]
    file.rename(tmp_path / "moved.db")
    with AnswerStore.read(tmp_path / "moved.db") as store:
        assert [one.answer for one in store.answers()] == [HAPPY]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["album", "moved.db"]


def test_answers_in_a_place_that_is_read_only_can_be_read_alone(tmp_path, album):
    file = write_answers(tmp_path / "answers.db", album)
    file.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this user may write anywhere")
        with AnswerStore.read(file) as store:
            assert [one.answer for one in store.answers()] == [HAPPY]
        for place in (file, tmp_path / "new.db"):
            with pytest.raises(EmoError, match=f"{place}: expected a file that can be written"):
                open_store(place, album)
    finally:
        tmp_path.chmod(0o755)


def test_a_store_that_is_read_saves_nothing(tmp_path, album):
    file = write_answers(tmp_path / "answers.db", album)
    with AnswerStore.read(file) as store, pytest.raises(EmoError, match="readonly database"):
        store.add_annotator("Bo")

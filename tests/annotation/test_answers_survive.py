"""What was saved stays, whatever happens to the program, the disk and the file."""

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emo_tf.annotation.answer import Skip
from emo_tf.annotation.answer_errors import NotSaved
from emo_tf.errors import EmoError
from tests.annotation.albums import BOX, HAPPY, make_album, open_store
from tests.full_disk import largest_file

SAVE = """
import itertools, sys
from pathlib import Path
from emo_tf.errors import EmoError
from tests.annotation.albums import HAPPY, open_store
file, album, annotator, most = sys.argv[1:]
store = open_store(Path(file), Path(album))
name = store.add_annotator(annotator)
for _ in range(int(most)):
    print(store.save(1, name, HAPPY), flush=True)
"""


@pytest.fixture
def album(tmp_path):
    return make_album(tmp_path / "album", ["a.png"])


@pytest.fixture
def file(tmp_path):
    return tmp_path / "answers.db"


@pytest.fixture
def store(file, album):
    with open_store(file, album) as opened:
        opened.add_annotator("Ada")
        opened.add_person(1, BOX, origin="drawn", annotator="Ada")
        yield opened


def start_saving(file: Path, album: Path, *, annotator: str, most: int) -> subprocess.Popen:
    command = [sys.executable, "-c", SAVE, file, album, annotator, str(most)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def revisions(file: Path, annotator: str) -> list[int]:
    """Returns what is in a file, past everything of ours, once it is found to be whole."""
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    query = "SELECT revision FROM answer JOIN annotator ON annotator.id = annotator_id"
    rows = connection.execute(f"{query} WHERE name = ? ORDER BY answer.id", (annotator,)).fetchall()
    connection.close()
    return [revision for (revision,) in rows]


def test_what_was_saved_is_there_after_the_program_was_killed(store, file, album):
    store.close()
    saving = start_saving(file, album, annotator="Ada", most=10**9)
    printed = [int(saving.stdout.readline()) for _ in range(50)]
    os.kill(saving.pid, signal.SIGKILL)
    printed += [int(line) for line in saving.stdout if line.endswith("\n")]
    assert saving.wait() == -signal.SIGKILL
    saving.stdout.close()
    with open_store(file, album) as again:
        assert again.answer_of(1, "Ada") == HAPPY
        assert again.save(1, "Ada", Skip("")) > printed[-1]
    kept = revisions(file, "Ada")
    assert kept == list(range(1, len(kept) + 1))
    assert printed == kept[: len(printed)]


def test_threads_and_processes_that_save_at_once_lose_nothing(store, file, album):
    names = [store.add_annotator(name) for name in ("Ada", "Bo", "Cy", "Di")]
    saving = start_saving(file, album, annotator="Ada", most=100)
    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(lambda i: store.save(1, names[i % 4], HAPPY), range(400)))
    printed, _ = saving.communicate(timeout=60)
    assert saving.returncode == 0
    assert sorted(saved[0::4] + list(map(int, printed.split()))) == list(range(1, 201))
    assert revisions(file, "Ada") == list(range(1, 201))
    for number, name in enumerate(names[1:], start=1):
        assert sorted(saved[number::4]) == revisions(file, name) == list(range(1, 101))


def test_several_that_begin_a_file_at_once_agree(file, album):
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(lambda _: open_store(file, album), range(6)))
    names = [store.add_annotator(f"Ada {number}") for number, store in enumerate(stores)]
    assert all(store.annotators() == names for store in stores)
    assert all(len(store.pictures()) == 1 for store in stores)
    for store in stores:
        store.close()


def test_annotators_who_come_at_once_under_one_name_are_one(store):
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(store.add_annotator, ["ZOË", "zoë", "Zoë"] * 8)) <= {
            "ZOË",
            "zoë",
            "Zoë",
        }
    assert len(store.annotators()) == 2


def test_a_full_disk_is_told_and_what_was_saved_stays(store, file):
    assert store.save(1, "Ada", HAPPY) == 1
    with largest_file(0):
        for _ in range(2):
            with pytest.raises(NotSaved, match=f"{file}: expected to save. Received: (disk|data)"):
                store.save(1, "Ada", Skip("not saved"))
    assert store.answer_of(1, "Ada") == HAPPY
    assert store.save(1, "Ada", Skip("saved")) == 2
    store.close()
    assert revisions(file, "Ada") == [1, 2]


def test_a_full_disk_at_the_start_is_told(file, album):
    expected = f"{file}: expected a file that can be written. Received: disk I/O error"
    with largest_file(0), pytest.raises(EmoError, match=expected):
        open_store(file, album)


@pytest.mark.parametrize("instead", [False, True], ids=["gone", "another"])
def test_a_file_that_is_taken_away_gets_no_answers(store, file, instead):
    file.unlink()
    if instead:
        file.touch()
    with pytest.raises(NotSaved, match=r"expected the file in its place. Received: none or anothe"):
        store.save(1, "Ada", HAPPY)


def test_a_file_that_another_process_holds_is_told(store, file, monkeypatch):
    monkeypatch.setattr("emo_tf.annotation.answer_file._PATIENCE_S", 0.05)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    store.close()  # so that it opens the file anew, with less patience
    with pytest.raises(NotSaved, match=f"{file}: expected to save. Received: database is locked"):
        store.save(1, "Ada", HAPPY)
    assert store.answer_of(1, "Ada") is None
    holder.execute("ROLLBACK")
    holder.close()
    assert store.save(1, "Ada", HAPPY) == 1


def test_a_thread_that_reads_is_not_kept_waiting_by_one_that_writes(store, file):
    store.save(1, "Ada", HAPPY)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    holder.execute("DELETE FROM answer")
    assert store.answer_of(1, "Ada") == HAPPY
    holder.close()


def test_old_boxes_and_answers_stay_in_the_file(store, file):
    store.save(1, "Ada", HAPPY)
    store.move_person(1, (0, 0, 5, 5), annotator="Ada")
    store.save(1, "Ada", Skip("gone"))
    store.remove_person(1, annotator="Ada")
    store.close()
    assert revisions(file, "Ada") == [1, 2]
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT x, y, width, height FROM box").fetchall() == [
        BOX,
        (0, 0, 5, 5),
    ]
    connection.close()

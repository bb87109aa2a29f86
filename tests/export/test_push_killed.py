import errno
import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emo_tf.errors import EmoError
from emo_tf.export import served_root
from emo_tf.export.push import push
from tests.small_exports import (
    contents,
    names,
    served_contents,
    write_blessing,
    write_export,
    write_served,
)

# Pushes the export argv[1] to copies of the served model argv[2], and once more for every thing
# that a push does on the disk: each time in a child that kills itself there.
SCRIPT = """
import itertools, os, shutil, signal, sys
from pathlib import Path
from emo_tf.export.push import push

export, model = map(Path, sys.argv[1:])
events = itertools.count(1)
EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "fcntl.flock")

def count():
    if next(events) == last:
        signal.raise_signal(signal.SIGKILL)

def copy_in_halves(reading, writing):
    content = reading.read()
    for half in (content[: len(content) // 2], content[len(content) // 2 :]):
        writing.write(half)
        writing.flush()
        count()

def fsync(descriptor):
    count()  # and no more: what a killed process has written is not lost, and a disk is slow

for last in itertools.count(1):
    root = model.with_name(str(last)) / "model"
    shutil.copytree(model, root)
    child = os.fork()
    if not child:
        sys.addaudithook(lambda event, arguments: count() if event in EVENTS else None)
        shutil.copyfileobj, os.fsync = copy_in_halves, fsync
        push(export, root, keep=2)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code != -signal.SIGKILL:
        sys.exit(code)
"""


@pytest.fixture
def export(tmp_path) -> Path:
    return write_export(tmp_path / "export")


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "served" / "model"


def test_a_push_that_is_killed_anywhere_leaves_whole_versions_alone(
    export, root, tmp_path, monkeypatch
):
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    before = contents(write_served(root, 1, 2) / "2")
    subprocess.run([sys.executable, "-c", SCRIPT, export, root], timeout=100, check=True)
    other = write_export(tmp_path / "other", mark=" of another")
    killed = [folder / "model" for folder in root.parent.glob("[0-9]*")]
    assert len(killed) > 50
    found = set()
    for model in killed:
        numbers = served_root.versions(model)
        whole = {1: before, 2: before, 3: served_contents(export)}
        assert all(contents(model / str(number)) == whole[number] for number in numbers), model
        found.add((*numbers, len(names(model)) > len(numbers)))
        pushed = push(other, model, keep=9)
        assert contents(pushed.version) == served_contents(other), model
        assert names(model) == [*map(str, numbers), pushed.version.name], model
    hidden, clean = True, False
    assert found == {
        (1, 2, clean),  # before and
        (1, 2, hidden),  # during the copy
        (1, 2, 3, hidden),
        (1, 2, 3, clean),  # once the new version stands
        (2, 3, hidden),  # while the old one is removed
        (2, 3, clean),  # at the end
    }


def test_a_version_is_on_the_disk_before_it_is_served_its_graph_after_its_other_files(
    export, root, monkeypatch
):
    written, fsync = [], os.fsync

    def write_through(descriptor: int) -> None:
        written.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    def place(version: Path, to: Path) -> Path:
        inodes = {item.stat().st_ino: item for item in (version, *version.rglob("*"))}
        assert set(written) == set(inodes)
        files = [inodes[number].name for number in written if inodes[number].is_file()]
        assert files[-1] == "saved_model.pb"
        return served_root.place(version, to)

    monkeypatch.setattr(os, "fsync", write_through)
    monkeypatch.setattr("emo_tf.export.push.place", place)
    push(export, root)
    assert written[-1] == root.stat().st_ino


def during_copy(monkeypatch, action) -> None:
    """Calls an action once, before the third file of the next push is copied."""
    copy, calls = shutil.copyfileobj, iter(range(100))

    def copy_later(*arguments):
        if next(calls) == 2:
            action()
        return copy(*arguments)

    monkeypatch.setattr(shutil, "copyfileobj", copy_later)


@pytest.mark.parametrize("name", ["saved_model/saved_model.pb", "report.json"])
def test_an_export_that_changes_while_it_is_copied_is_not_served(export, root, monkeypatch, name):
    write_served(root, 1)
    during_copy(monkeypatch, lambda: (export / name).write_text("changed"))
    with pytest.raises(EmoError, match=r"as it is while it is copied. Received: one that changed"):
        push(export, root)
    assert names(root) == ["1"]


def test_a_blessing_that_is_taken_back_during_the_copy_counts(export, root, monkeypatch):
    for name in "abc":  # files that are copied before the blessing
        (export / f"a{name}").touch()
    write_blessing(export)
    during_copy(monkeypatch, lambda: write_blessing(export, blessed=False))
    with pytest.raises(EmoError, match="one that changed"):
        push(export, root)
    assert names(root) == []


def test_a_disk_that_fills_up_leaves_no_trace(export, root, monkeypatch):
    write_served(root, 7)
    before = contents(root), contents(export)

    def fill() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    during_copy(monkeypatch, fill)
    with pytest.raises(OSError, match=r"nothing of the export is served: '.*model'") as raised:
        push(export, root)
    assert raised.value.errno == errno.ENOSPC
    assert (contents(root), contents(export)) == before
    assert names(root) == ["7"]
    assert push(export, root).version == root / "8"


def test_an_error_after_the_version_stands_says_so(export, root, monkeypatch):
    def refuse(*_arguments, **_options) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted", "1")

    monkeypatch.setattr("emo_tf.export.push.remove_old", refuse)
    with pytest.raises(PermissionError, match="model/1 is served, but older versions may be left"):
        push(export, root)
    assert contents(root / "1") == served_contents(export)


def test_leftovers_of_killed_pushes_are_removed_by_the_next(export, root):
    write_served(root, 1)
    for _ in range(2):
        shutil.copytree(export, served_root.new_hidden(root))
    push(export, root)
    assert names(root) == ["1", "2"]


def test_a_push_during_another_takes_the_number_and_removes_nothing_of_it(
    export, root, tmp_path, monkeypatch
):
    other = write_export(tmp_path / "other", mark=" of another")
    during_copy(monkeypatch, lambda: push(other, root))
    assert push(export, root).version == root / "2"
    assert contents(root / "1") == served_contents(other)
    assert contents(root / "2") == served_contents(export)
    assert names(root) == ["1", "2"]


def test_a_number_that_is_taken_at_the_last_moment_is_not_written_over(
    export, root, tmp_path, monkeypatch
):
    write_served(root, 1)
    out_of_date, versions = [[]], served_root.versions
    monkeypatch.setattr(
        served_root, "versions", lambda to: out_of_date.pop() if out_of_date else versions(to)
    )
    before = contents(root / "1")
    assert served_root.place(write_export(tmp_path / "moved"), root) == root / "2"
    assert contents(root / "1") == before


def test_pushes_at_the_same_time_make_a_version_each(export, root):
    start = threading.Barrier(4)

    def push_together(_) -> str:
        start.wait()
        return push(export, root, keep=4).version.name

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(push_together, range(4))) == ["1", "2", "3", "4"]
    assert names(root) == ["1", "2", "3", "4"]
    assert all(contents(version) == served_contents(export) for version in root.iterdir())

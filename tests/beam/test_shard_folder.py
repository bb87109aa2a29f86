import json

import pytest

from emo_tf.beam.shard_count import SHARDS
from emo_tf.beam.shard_folder import CHANGED, NEW, OTHER_PICTURES, ShardFolder
from emo_tf.beam.shard_work import ShardResults, ShardWork
from emo_tf.beam.source_file import SourceFile
from emo_tf.errors import EmoError

SETTINGS = {"min_face": 20, "group_models": ("digest",)}
WORK = ShardWork.of(3, [SourceFile("a.jpg", "1 1"), SourceFile("b.jpg", "2 2")])
FOUND = ShardResults(WORK, b'{"source": "a.jpg"}\n', b'{"source": "b.jpg"}\n', {"pictures": 2})


@pytest.fixture(params=["local", "shelf"])
def location(request, tmp_path, shelf):
    """A place for shards, and the folder that it is."""
    if request.param == "local":
        return str(tmp_path / "out"), tmp_path / "out"
    return "shelf://some/out", shelf / "some" / "out"


@pytest.fixture
def written(location):
    """A place with one finished shard."""
    folder = ShardFolder.begin(location[0], 4)
    folder.write(FOUND, SETTINGS)
    return folder, location[1]


def test_a_shard_is_two_files_and_a_marker_behind_them(written):
    path = written[1]
    assert (path / "results-00003-of-00004.jsonl").read_bytes() == FOUND.results
    assert (path / "failed-00003-of-00004.jsonl").read_bytes() == FOUND.failed
    marker = json.loads((path / ".shards" / "00003-of-00004.json").read_text())
    assert marker["counts"] == {"pictures": 2}
    assert sorted(file.name for file in path.rglob("*") if "part" in file.name) == []


def test_a_finished_shard_need_not_be_done(written):
    assert written[0].why(WORK, SETTINGS) is None


def test_a_shard_can_be_written_again(written):
    folder, path = written
    folder.reopen(3)
    assert folder.why(WORK, SETTINGS) == NEW
    folder.write(ShardResults(WORK, b"", b"", {}), SETTINGS)
    assert (path / "results-00003-of-00004.jsonl").read_bytes() == b""
    assert folder.why(WORK, SETTINGS) is None


@pytest.mark.parametrize(
    ("work", "settings", "why"),
    [
        (ShardWork.of(2, WORK.files), SETTINGS, NEW),
        (ShardWork.of(3, WORK.files[:1]), SETTINGS, OTHER_PICTURES),
        (WORK, SETTINGS | {"min_face": 30}, "for other min_face"),
        (WORK, {"min_face": None, "more": 1}, "for other group_models, min_face, more"),
    ],
    ids=["never done", "other pictures", "another setting", "other settings"],
)
def test_what_a_shard_has_to_be_done_for_is_said(written, work, settings, why):
    assert written[0].why(work, settings) == why


@pytest.mark.parametrize("name", ["results-00003-of-00004.jsonl", "failed-00003-of-00004.jsonl"])
@pytest.mark.parametrize("gone", [True, False], ids=["gone", "cut"])
def test_a_file_that_was_changed_is_noticed(written, name, gone):
    folder, path = written
    (path / name).unlink()
    if not gone:
        (path / name).write_bytes(b"{")
    assert folder.why(WORK, SETTINGS) == CHANGED


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"\xff"],
    ids=["empty", "a list", "an empty object", "no text"],
)
def test_a_marker_that_cannot_be_used_is_none(written, content):
    folder, path = written
    (path / ".shards" / "00003-of-00004.json").write_bytes(content)
    assert folder.why(WORK, SETTINGS) == NEW


def test_a_folder_keeps_its_number_of_shards(location):
    assert ShardFolder.begin(location[0]).shards == SHARDS
    assert ShardFolder.begin(location[0]).shards == SHARDS
    with pytest.raises(EmoError, match=r"^--shards: expected 16, .* Received: 4$"):
        ShardFolder.begin(location[0], 4)


def test_what_a_killed_run_left_behind_goes(written):
    folder, path = written
    (path / ".shards" / "part-0123").write_bytes(b"half")
    assert ShardFolder.begin(folder.location) == folder
    assert not (path / ".shards" / "part-0123").exists()


def test_a_run_that_was_killed_at_its_very_start_is_no_hindrance(location):
    place, path = location
    (path / ".shards").mkdir(parents=True)
    (path / ".shards" / "part-0123").write_bytes(b"half")
    assert ShardFolder.begin(place, 3).shards == 3
    assert [file.name for file in (path / ".shards").iterdir()] == ["begun.json"]


@pytest.mark.parametrize(
    "name", ["cat.jpg", ".shards/00000-of-00004.json"], ids=["a picture", "shards without a start"]
)
def test_a_folder_that_holds_something_else_is_refused(location, name):
    place, path = location
    (path / name).parent.mkdir(parents=True)
    (path / name).write_bytes(b"")
    with pytest.raises(
        EmoError, match=rf"expected a new folder, .* Received: one that holds {name}"
    ):
        ShardFolder.begin(place)


def test_a_start_without_a_number_is_refused(written):
    folder, path = written
    (path / ".shards" / "begun.json").write_text('{"shards": "many"}')
    with pytest.raises(EmoError, match=r"begun\.json says nothing of shards$"):
        ShardFolder.begin(folder.location)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(EmoError, match=r"out: expected a folder\. Received: a file$"):
        ShardFolder.begin(str(tmp_path / "out"))
    with pytest.raises(EmoError, match=r"expected a writable folder\. Received: .*Not a directory"):
        ShardFolder.begin(str(tmp_path / "out" / "below"))

import json

import pytest

from emo_tf.errors import EmoError
from emo_tf.pipeline.digests import Digests
from emo_tf.pipeline.records import FILE, Record, Records, only_one

RECORD = Record(arguments=("train", "x"), package="1", inputs={"raw": "a"}, outputs={"out": None})


def test_records_are_read_back_as_they_were_put(tmp_path):
    Records(tmp_path).put("train", RECORD)
    assert Records(tmp_path).get("train") == RECORD
    assert Records(tmp_path).get("export") is None
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def _with(**changes) -> str:
    values = {"arguments": ["x"], "package": "1", "inputs": {}, "outputs": None, **changes}
    return json.dumps({"format": 1, "steps": {"train": values}})


@pytest.mark.parametrize(
    "text",
    [
        _with()[:20],
        "[]",
        '{"format": 2, "steps": {}}',
        '{"format": 1}',
        '{"format": 1, "steps": []}',
        '{"format": 1, "steps": {"train": 1}}',
        _with(arguments=None),
        _with(inputs=3),
        _with(outputs={"model.keras": 5}),
        _with(more=1),
    ],
    ids=[
        "cut off",
        "list",
        "later format",
        "no steps",
        "list of steps",
        "number",
        "no arguments",
        "no inputs",
        "digest",
        "unknown",
    ],
)
def test_damaged_records_are_one_error_that_names_the_file(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(EmoError, match=FILE):
        Records(tmp_path)


def test_a_run_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(EmoError, match="expected the folder of a run"), only_one(tmp_path / "run"):
        pass


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"arguments": ("train", "y")}, "its command changed"),
        ({"package": "2"}, "emo_tf is 2, was 1"),
        ({"inputs": {"raw": "b"}}, "raw changed"),
        ({"inputs": {"raw": None}}, "raw was removed"),
        ({"inputs": {"raw": "a", "init": "c"}}, "init is new"),
    ],
    ids=["nothing", "command", "package", "input", "removed", "new"],
)
def test_what_is_new_is_named(changes, said):
    now = {"arguments": ("train", "x"), "package": "1", "inputs": {"raw": "a"}} | changes
    assert Record(**now).new_to(RECORD) == said


@pytest.mark.parametrize("kind", ["stamps", "contents"])
def test_a_digest_notices_what_changes_in_a_folder(tmp_path, kind):
    folder = tmp_path / "folder"
    digest = getattr(Digests(), kind)
    assert digest(folder) is None
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").write_text("text")
    (folder / "broken").symlink_to("nothing")
    seen = [digest(folder)]
    assert digest(folder) == seen[0]
    (folder / "deep" / "file").write_text("longer text")
    seen.append(digest(folder))
    (folder / "deep" / "file").rename(folder / "file")
    seen.append(digest(folder))
    (folder / "file").unlink()
    seen.append(digest(folder))
    assert len({*seen, None}) == 5


def test_contents_are_the_same_though_the_times_are_not(tmp_path):
    digests = Digests()
    for name in ("a", "b"):
        (tmp_path / name).write_text("text")
    assert digests.contents(tmp_path / "a") == digests.contents(tmp_path / "b")
    assert digests.stamps(tmp_path / "a") != digests.stamps(tmp_path / "b")

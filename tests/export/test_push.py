import json
import os
import shutil
from pathlib import Path

import pytest

from emo_tf.errors import EmoError
from emo_tf.export.push import push
from tests.small_exports import (
    contents,
    names,
    served_contents,
    write_blessing,
    write_export,
    write_served,
)


@pytest.fixture
def export(tmp_path) -> Path:
    return write_export(tmp_path / "export")


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "served" / "model"


def test_the_first_push_makes_the_folder_and_version_1(export, root):
    before = contents(export)
    pushed = push(export, root)
    assert pushed.version == root / "1"
    assert pushed.removed == ()
    assert names(root) == ["1"]
    assert contents(root / "1") == served_contents(export)
    assert contents(export) == before


def test_a_version_has_the_layout_that_servers_read(export, root):
    version = push(export, root).version
    assert {"saved_model.pb", "variables", "assets", "assets.extra"} <= set(names(version))
    assert {"report.json", "blessing.json", "model_card.md", "tf_serving_warmup_requests"} <= set(
        names(version / "assets.extra")
    )


def test_an_export_without_extra_assets_gets_the_folder(export, root):
    shutil.rmtree(export / "saved_model" / "assets.extra")
    write_blessing(export)
    assert "report.json" in names(push(export, root).version / "assets.extra")


def test_empty_folders_go_along(export, root):
    (export / "saved_model" / "assets" / "labels.txt").unlink()
    write_blessing(export)
    assert names(push(export, root).version / "assets") == []


def test_the_next_version_follows_the_highest(export, root):
    write_served(root, 2, 41)
    assert push(export, root).version == root / "42"
    assert names(root) == ["2", "41", "42"]


@pytest.mark.parametrize(("keep", "kept"), [(1, ["11"]), (2, ["10", "11"]), (4, ["10", "11", "9"])])
def test_the_highest_versions_are_kept(export, root, keep, kept):
    write_served(root, 9, 10)
    pushed = push(export, root, keep=keep)
    assert names(root) == kept
    assert [version.name for version in pushed.removed] == ["9", "10"][: max(0, 3 - keep)]


@pytest.mark.parametrize("keep", [0, -1], ids=["none", "negative"])
def test_at_least_one_version_is_kept(export, root, keep):
    with pytest.raises(EmoError, match=rf"keep: expected at least 1 .* Received: {keep}"):
        push(export, root, keep=keep)
    assert not root.exists()


def test_an_export_without_its_blessing_is_refused(export, root):
    (export / "blessing.json").unlink()
    with pytest.raises(EmoError, match=r"expected a blessed export. Received: no blessing.json"):
        push(export, root)
    assert not root.exists()


def test_what_was_not_blessed_is_refused_with_the_reasons(export, root):
    write_blessing(export, blessed=False, reasons=["quality: int8: worse", "too slow"])
    with pytest.raises(EmoError, match="one that is not: quality: int8: worse; too slow"):
        push(export, root)
    assert not root.exists()


@pytest.mark.parametrize(
    "changes",
    [{"blessed": "yes"}, {"blessed": None, "reasons": None}, {"blessed": 1, "reasons": 3}],
    ids=["word", "null", "number"],
)
def test_a_damaged_blessing_is_no_blessing(export, root, changes):
    write_blessing(export, **changes)
    with pytest.raises(EmoError, match=r"expected a blessed export. Received: one that is not"):
        push(export, root)


@pytest.mark.parametrize("name", ["report.json", "saved_model/saved_model.pb", "new.tflite"])
def test_a_blessing_of_another_export_is_refused(export, root, name):
    values = json.loads((export / "report.json").read_text())
    (export / name).write_text(json.dumps(values | {"changed": True}))
    with pytest.raises(EmoError, match=r"Received: a blessing of another export \([0-9a-f]{12}\)"):
        push(export, root)
    assert not root.exists()


def test_an_export_without_a_saved_model_is_refused(export, root):
    shutil.rmtree(export / "saved_model")
    write_blessing(export)
    with pytest.raises(EmoError, match=r"export with saved_model. Received: one without"):
        push(export, root)


@pytest.mark.parametrize("there", [True, False], ids=["empty", "missing"])
def test_what_is_no_export_is_refused(tmp_path, root, there):
    if there:
        (tmp_path / "export").mkdir()
    with pytest.raises(EmoError, match=r"expected an export. Received: no "):
        push(tmp_path / "export", root)


@pytest.mark.parametrize("kind", ["file", "folder", "nowhere", "pipe"])
def test_an_export_with_a_link_or_a_pipe_is_refused(export, root, tmp_path, kind):
    strange = export / "saved_model" / "assets" / "more"
    if kind == "pipe":
        os.mkfifo(strange)
    else:
        targets = {"file": export / "labels.txt", "folder": tmp_path, "nowhere": tmp_path / "no"}
        strange.symlink_to(targets[kind])
    with pytest.raises(EmoError, match="assets/more, a link or a device"):
        push(export, root)
    assert not root.exists()


def test_a_link_to_an_export_and_one_to_a_served_model_are_followed(export, root, tmp_path):
    root.mkdir(parents=True)
    (tmp_path / "latest").symlink_to(export)
    (tmp_path / "model").symlink_to(root)
    push(tmp_path / "latest", tmp_path / "model")
    assert contents(root / "1") == served_contents(export)


def test_a_file_that_would_take_the_place_of_another_is_refused(export, root):
    (export / "saved_model" / "assets.extra" / "report.json").touch()
    write_blessing(export)
    with pytest.raises(
        EmoError, match=r"expected no report.json, as that of the export goes there"
    ):
        push(export, root)
    assert names(root) == []


@pytest.mark.parametrize("to", ["export", "export/served", "."])
def test_an_export_and_a_served_model_lie_apart(export, tmp_path, to):
    before = contents(tmp_path)
    with pytest.raises(EmoError, match=r"expected a folder apart from the export"):
        push(export, tmp_path / to)
    assert contents(tmp_path) == before


def test_a_version_is_not_chosen_by_the_caller(export, root):
    with pytest.raises(EmoError, match=r"chosen for you. Received: the version 4"):
        push(export, root / "4")


def test_a_folder_that_is_no_served_model_stays_as_it_is(export, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("years of work")
    with pytest.raises(EmoError, match=r"Received: one that holds thesis\.txt"):
        push(export, tmp_path / "home")
    assert names(tmp_path / "home") == ["thesis.txt"]


def test_served_files_have_the_modes_of_new_files(export, root):
    for item in sorted(export.rglob("*"), reverse=True):
        item.chmod(0o500 if item.is_dir() else 0o400)
    before = os.umask(0o022)
    try:
        version = push(export, root).version
    finally:
        os.umask(before)
    modes = {
        (item.is_dir(), item.stat().st_mode & 0o777) for item in [version, *version.rglob("*")]
    }
    assert modes == {(True, 0o755), (False, 0o644)}

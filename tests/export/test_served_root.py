import shutil
from pathlib import Path

import pytest

from emo_tf.errors import EmoError
from emo_tf.export import served_root
from emo_tf.export.push import push
from tests.small_exports import write_export, write_served

ALIEN = "holds its versions alone. Received: "


def test_versions_come_in_the_order_of_their_numbers(tmp_path):
    root = write_served(tmp_path / "model", 10, 9, 1637000000)
    assert served_root.versions(root) == [9, 10, 1637000000]


def test_a_folder_that_is_empty_or_not_there_has_no_versions(tmp_path):
    assert served_root.versions(tmp_path) == []
    assert served_root.versions(tmp_path / "new") == []


def test_what_a_push_is_writing_is_no_version_and_no_fault(tmp_path):
    root = write_served(tmp_path / "model", 1)
    served_root.new_hidden(root).mkdir()
    assert served_root.versions(root) == [1]


@pytest.mark.parametrize(
    "name", ["notes.txt", ".bashrc", "photos/1.jpg", "v1/saved_model.pb", ".emo_tf.x/file"]
)
def test_a_folder_with_anything_else_is_no_served_model(tmp_path, name):
    root = write_served(tmp_path / "model", 1)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).touch()
    with pytest.raises(EmoError, match=ALIEN + "one that holds " + name.split("/")[0]):
        served_root.versions(root)


@pytest.mark.parametrize(
    "name",
    ["007", "-1", "+1", "1.0", "٣", "9" * 19],
    ids=["zeros", "minus", "plus", "point", "arabic", "too_large"],
)
def test_a_name_that_is_no_plain_number_is_no_version(tmp_path, name):
    write_served(tmp_path / "model", 1).joinpath("1").rename(tmp_path / "model" / name)
    with pytest.raises(EmoError, match=ALIEN + "one that holds "):
        served_root.versions(tmp_path / "model")


def test_a_version_without_its_model_is_no_version(tmp_path):
    root = write_served(tmp_path / "model", 1, 2)
    (root / "2" / "saved_model.pb").unlink()
    with pytest.raises(EmoError, match=ALIEN + "2, no folder with saved_model.pb"):
        served_root.versions(root)


def test_a_link_is_no_version(tmp_path):
    root = write_served(tmp_path / "model", 1)
    (root / "2").symlink_to("1")
    with pytest.raises(EmoError, match=ALIEN + "2, a link"):
        served_root.versions(root)


def test_a_folder_of_models_is_told_from_that_of_one(tmp_path):
    write_served(tmp_path / "served" / "face", 1, 2)
    with pytest.raises(EmoError, match=r"ROOT/MODEL, .*a ROOT of models, among them face"):
        served_root.versions(tmp_path / "served")


@pytest.mark.parametrize("name", ["file", "file/model"])
def test_a_file_is_no_served_model(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(EmoError, match=r"expected a folder. Received: a file, or a path"):
        served_root.versions(tmp_path / name)


def test_the_report_of_an_export_lies_in_it(tmp_path):
    export = write_export(tmp_path / "export")
    assert served_root.report_folder(export) == export


def test_the_report_of_a_served_model_is_that_of_its_highest_version(tmp_path):
    export, root = write_export(tmp_path / "export"), write_served(tmp_path / "model", 9)
    push(export, root)
    assert served_root.report_folder(root) == root / "10" / "assets.extra"
    assert served_root.report_folder(root / "10") == root / "10" / "assets.extra"
    report = (export / "report.json").read_bytes()
    assert (root / "10" / "assets.extra" / "report.json").read_bytes() == report


@pytest.mark.parametrize("name", ["model", "model/1"])
def test_a_version_that_was_not_pushed_has_no_report(tmp_path, name):
    write_served(tmp_path / "model", 1)
    with pytest.raises(EmoError, match=r"model/1: .* Received: one without assets.extra/report"):
        served_root.report_folder(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "received"),
    [("new", "no such folder"), ("empty", "none of them"), ("home", "none of them")],
)
def test_what_is_neither_an_export_nor_served_has_no_report(tmp_path, name, received):
    (tmp_path / "empty").mkdir()
    (tmp_path / "home" / "photos").mkdir(parents=True)
    with pytest.raises(EmoError, match=rf"expected an export, .* Received: {received}"):
        served_root.report_folder(tmp_path / name)


def test_what_is_gone_since_the_folder_was_listed_is_no_fault(tmp_path, monkeypatch):
    root = write_served(tmp_path / "model", 2)
    hidden = served_root.new_hidden(root)
    monkeypatch.setattr(Path, "iterdir", lambda self: iter([self / "1", self / "2", hidden]))
    assert served_root.versions(root) == [2]


def test_a_version_that_another_push_has_removed_is_passed_over(tmp_path, monkeypatch):
    root = write_served(tmp_path / "model", 1, 2, 3)
    shutil.rmtree(root / "1")
    monkeypatch.setattr(served_root, "versions", lambda root: [1, 2, 3])
    assert served_root.remove_old(root, keep=1) == [root / "2"]
    assert [item.name for item in root.iterdir()] == ["3"]

import errno
import os
import shutil
from pathlib import Path

import pytest

from emo_tf.errors import EmoError
from emo_tf.export.push import push
from emo_tf.serve.model_root import read_root, shipped_version
from emo_tf.weights import weight_path
from tests.served_models import INT8, write_version
from tests.small_exports import write_blessing, write_export


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "served"


def numbers(root: Path) -> dict[str, list[int]]:
    return {name: [one.number for one in found] for name, found in read_root(root).models.items()}


def test_versions_come_the_highest_first(root):
    for number in (9, 10, 1637000000, 0):
        write_version(root / "expression", number)
    write_version(root / "my_model-2.b", 3)
    assert numbers(root) == {"expression": [1637000000, 10, 9, 0], "my_model-2.b": [3]}


def test_what_push_writes_is_served(root, tmp_path):
    export = write_export(tmp_path / "export")
    shutil.copy(INT8, export / "model_int8.tflite")
    write_blessing(export)
    version = push(export, root / "expression").version
    (found,) = read_root(root).models["expression"]
    assert (found.name, found.number, found.folder) == ("expression", 1, version)
    assert found.file == version / "assets.extra" / "model_float32.tflite"


def test_an_export_copied_by_hand_is_served(root):
    version = write_version(root / "expression", 4, pushed=False)
    (found,) = read_root(root).models["expression"]
    assert found.file == version / "model_float32.tflite"


def test_a_version_without_a_model_file_is_told(root):
    (root / "expression" / "1").mkdir(parents=True)
    (found,) = read_root(root).models["expression"]
    assert found.file is None


@pytest.mark.parametrize("name", ["007", "v1", "-1", "1.5", ".1", "latest", "9" * 19, "1 "])
def test_folders_that_are_called_by_no_number_are_passed_over(root, name):
    write_version(root / "expression", 1)
    (root / "expression" / name).mkdir()
    assert numbers(root) == {"expression": [1]}


def test_files_links_and_hidden_folders_are_passed_over(root, tmp_path):
    version = write_version(root / "expression", 1)
    write_version(root / ".hidden", 1)
    write_version(tmp_path / "elsewhere", 1)
    (root / "linked").symlink_to(tmp_path / "elsewhere")
    (root / "expression" / "2").symlink_to(version)
    (root / "expression" / "3").write_text("a file")
    (root / "notes.txt").write_text("a file")
    (root / "empty").mkdir()
    assert numbers(root) == {"expression": [1]}


@pytest.mark.parametrize("name", ["my model", "größe", "a:predict", "50%"])
def test_a_model_whose_name_no_url_holds_is_told(root, name):
    write_version(root / name, 1)
    (root / "lost + found").mkdir()
    contents = read_root(root)
    assert contents.models == {}
    assert contents.misnamed == (name,)


def test_another_file_is_another_version(root):
    version = write_version(root / "expression", 1)
    (before,) = read_root(root).models["expression"]
    assert read_root(root).models["expression"] == (before,)
    shutil.copy(weight_path("expression_float16"), version / "assets.extra" / "model_int8.tflite")
    assert read_root(root).models["expression"] == (before,)  # float32 is taken before int8
    os.utime(before.file, ns=(1, 1))
    assert read_root(root).models["expression"] != (before,)


@pytest.mark.parametrize("kind", ["file", "missing"])
def test_a_root_that_is_no_folder_is_refused(root, kind):
    if kind == "file":
        root.write_text("models")
    with pytest.raises(EmoError, match=r"served: expected a folder of models, ROOT/MODEL/NUMBER"):
        read_root(root)


def test_a_model_that_cannot_be_listed_is_told_and_the_others_are_found(root, monkeypatch):
    write_version(root / "open", 1)
    write_version(root / "shut", 1)
    listed = Path.iterdir

    def iterdir(path: Path):
        if path.name == "shut":  # as when all file descriptors are taken
            raise OSError(errno.EMFILE, "Too many open files")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    contents = read_root(root)
    assert [*contents.models] == ["open"]
    assert "shut: expected a folder. Received: Too many open files" in contents.unreadable["shut"]


def test_the_shipped_model_is_version_1_of_expression():
    shipped = shipped_version()
    assert (shipped.name, shipped.number) == ("expression", 1)
    assert shipped.file == weight_path("expression_float16")

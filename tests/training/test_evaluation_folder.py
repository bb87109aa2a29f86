import pytest

from emo_tf.errors import EmoError
from emo_tf.training.evaluation_folder import check_evaluation_folder, evaluation_folder

EVALUATION = (
    "ablation.json",
    "categories.csv",
    "metrics.json",
    "test_cat_labels.mat",
    "test_cont_preds.mat",
    "thresholds.json",
    "val_thresholds.npy",
)


def fill(folder, *names: str, text: str = "before"):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(text)
    return folder


def contents(folder) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.mark.parametrize("there", ["nothing", "an empty folder", "an evaluation"])
def test_a_folder_appears_in_place_of_what_was_there_once_the_block_ends(tmp_path, there):
    path = tmp_path / "above" / "test"
    if there != "nothing":
        fill(path, *(EVALUATION if there == "an evaluation" else ()))
    before = contents(path) if path.exists() else None
    with evaluation_folder(path) as fresh:
        fill(fresh, "metrics.json", text="after")
        assert (contents(path) if path.exists() else None) == before
    assert contents(path) == {"metrics.json": "after"}
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt], ids=["error", "interrupt"])
def test_an_error_leaves_the_evaluation_before_and_nothing_else(tmp_path, error):
    path = fill(tmp_path / "test", "metrics.json")

    def write_half():
        with evaluation_folder(path) as fresh:
            fill(fresh, "metrics.json", text="half")
            raise error

    with pytest.raises(error):
        write_half()
    assert contents(path) == {"metrics.json": "before"}
    assert list(tmp_path.iterdir()) == [path]


def test_where_the_new_one_cannot_take_its_name_the_one_before_stays(tmp_path, monkeypatch):
    path = fill(tmp_path / "test", "metrics.json")
    rename = type(path).rename

    def refuse(source, target):
        if (source / "new").exists() and target == path:
            raise OSError("no space")
        return rename(source, target)

    monkeypatch.setattr(type(path), "rename", refuse)
    with pytest.raises(OSError, match="no space"), evaluation_folder(path) as fresh:
        fill(fresh, "new")
    assert contents(path) == {"metrics.json": "before"}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("names", "named"),
    [
        (("metrics.json", "config.json"), "config.json"),
        (("notes.txt",), "notes.txt"),
        (("metrics.json", "faces.mat"), "faces.mat"),
        (("thresholds.json",), "thresholds.json"),
    ],
    ids=["a run", "notes", "another mat file", "no metrics"],
)
def test_a_folder_that_holds_anything_else_is_an_error_and_kept(tmp_path, names, named):
    path = fill(tmp_path / "out", *names)
    message = f"out: expected a new or empty folder, or .* Received: one that holds {named}"
    with pytest.raises(EmoError, match=message), evaluation_folder(path):
        pass
    assert sorted(contents(path)) == sorted(names)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(EmoError, match=r"out: expected .* Received: a file"):
        check_evaluation_folder(tmp_path / "out")

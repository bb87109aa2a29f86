"""`emo-tf evaluate group`, as a user meets it."""

import csv
import functools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emo_tf.groups.model_outputs import ModelOutputs
from emo_tf.runtime.scene_network import SceneNetwork

WRITTEN = ("metrics.json", "outputs.npz", "predictions.csv")
PICTURES = ("accuracy.png", "confusion.png", "reliability.png")
ON_VAL = "These are figures on val"
SCENES = "--scene-labels", "labels.json", "--scene-network", "net.json"


def paint(path: Path) -> None:
    """Writes a small picture without a face."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((48, 64, 3), 90, np.uint8)).save(path)


@pytest.fixture
def album(tmp_path, astronaut):
    """A smiling face, three pictures without faces, and scene labels of two of all these."""
    for name in ("negative/street.png", "negative/rain.png", "Neutral/wall.png"):
        paint(tmp_path / "album" / name)
    (tmp_path / "album" / "POSITIVE").mkdir()
    shutil.copy(astronaut, tmp_path / "album" / "POSITIVE" / "smile.png")
    labels = {"smile.png": ["team"], "street.png": ["war", "smoke"], "wall.png": []}
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    SceneNetwork(
        labels=("team", "war"),
        label_probabilities=np.array([[0.1, 0.2, 0.6], [0.7, 0.2, 0.1]]),
        face_probabilities=np.array([[0.7, 0.2, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]]),
    ).save(tmp_path / "net.json")
    return tmp_path / "album"


@pytest.fixture
def evaluate(run_here, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    return functools.partial(run_here, "evaluate", "group")


def metrics_of(folder: Path) -> dict:
    return json.loads((folder / "metrics.json").read_text("utf-8"))


def predictions_of(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "predictions.csv").open(encoding="utf-8", newline="") as stream:
        return {row["image"]: row for row in csv.DictReader(stream)}


def test_the_help_of_the_verb_names_both_ways_with_examples(run_here):
    code, out, _ = run_here("evaluate", "--help")
    assert code == 0
    assert "emo-tf evaluate --run runs/" in out
    assert "emo-tf evaluate group pictures/val" in out
    code, out, _ = run_here("evaluate", "group", "--help")
    assert code == 0
    assert out.count("emo-tf evaluate group") >= 4


def test_pictures_in_folders_of_classes_are_measured(evaluate, album, tmp_path):
    code, out, err = evaluate("album")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "album: 4 pictures (2 negative, 1 neutral, 1 positive)"
    assert lines[1] == "3 got no verdict: no face of at least 40 pixels found"
    table = {line.split()[0]: line.split()[1:] for line in lines if line.strip()}
    assert max(map(len, lines[2:-2])) <= 80
    assert table["faces"][:4] == ["*", "0.250", "1.000", "0.333"]
    assert table["negative"] == ["0", "0", "0", "2"]
    assert table["positive"] == ["0", "0", "1", "0"]
    assert ON_VAL not in out
    assert lines[-1] == "No confusion.csv: it takes faces in pictures of every class."
    assert {path.name for path in (tmp_path / "group_evaluation").iterdir()} == {
        *(WRITTEN + PICTURES)
    }
    metrics = metrics_of(tmp_path / "group_evaluation")
    assert (metrics["split"], metrics["truth"]) == (None, "folders")
    assert metrics["sources"]["faces"]["confusion"] == [[0, 0, 0], [0, 0, 0], [0, 0, 1]]
    predictions = predictions_of(tmp_path / "group_evaluation")
    assert list(predictions) == sorted(predictions)
    smile = predictions["POSITIVE/smile.png"]
    assert (smile["actual"], smile["label"], smile["faces"]) == ("positive", "positive", "1")
    for name in PICTURES:
        with Image.open(tmp_path / "group_evaluation" / name) as picture:
            assert picture.format == "PNG"


def test_every_source_is_a_row_and_what_is_followed_is_marked(evaluate, album, tmp_path):
    code, out, _ = evaluate("album", *SCENES, "--out", "out")
    assert code == 0
    firsts = [line.split()[0] for line in out.splitlines() if line.strip()]
    for source in ("faces", "scenes", "hybrid", "verdict"):
        assert firsts.count(source) == 1
    assert "* The verdict that predict gives: hybrid in 1 picture, scenes in 1 picture." in out
    assert "2 without scene labels; 1 unknown label in 1 use passed over" in out
    metrics = metrics_of(tmp_path / "out")
    assert metrics["follows"] == {"hybrid": 1, "scenes": 1}
    assert metrics["sources"]["scenes"]["accuracy"] == metrics["verdict"]["accuracy"] == 0.5
    assert metrics["settings"]["scene_network"] == "net.json"
    row = predictions_of(tmp_path / "out")["negative/street.png"]
    assert (row["faces_label"], row["scenes_label"], row["source"]) == ("", "negative", "scenes")
    np.testing.assert_allclose(float(row["negative"]), 0.7, atol=1e-6)
    outputs = ModelOutputs.read(tmp_path / "out" / "outputs.npz")
    assert outputs.models == ("faces", "scenes", "hybrid")
    assert np.isnan(outputs.log_probabilities[:, 0]).any(axis=1).sum() == 3


@pytest.mark.parametrize(
    ("arguments", "expected", "said"),
    [
        (["album/val"], "val", True),
        (["album"], "val", True),
        (["album", "--split", "validation"], "val", True),
        (["album", "--split", "holdout"], "holdout", False),
    ],
    ids=["own name", "folder between", "option", "another"],
)
def test_figures_on_val_are_said_to_be_on_val(evaluate, tmp_path, arguments, expected, said):
    paint(tmp_path / "album" / "val" / "positive" / "x.png")
    code, out, _ = evaluate(*arguments)
    assert code == 0
    assert out.splitlines()[0].startswith(f"{arguments[0]} on {expected}: 1 picture ")
    assert (ON_VAL in out) == said
    assert metrics_of(tmp_path / "group_evaluation")["split"] == expected


def test_a_class_may_be_given_for_all(evaluate, album, tmp_path):
    code, out, _ = evaluate("album/negative", "--truth", "positive")
    assert code == 0
    assert "2 pictures (0 negative, 0 neutral, 2 positive)" in out
    assert metrics_of(tmp_path / "group_evaluation")["truth"] == "positive"


def test_what_a_table_leaves_out_is_counted(evaluate, album, tmp_path):
    (tmp_path / "truth.csv").write_text("image,actual\nsmile.png,neutral\nnone.png,neutral\n")
    code, out, _ = evaluate("album", "--truth", "truth.csv")
    assert code == 0
    assert "3 left out, the true class being unknown" in out
    assert "1 of the rows of truth.csv without a picture" in out
    metrics = metrics_of(tmp_path / "group_evaluation")
    assert (metrics["pictures"], metrics["without_truth"]) == (1, 3)
    assert metrics["rows_without_picture"] == 1


def test_a_picture_that_cannot_be_read_is_named_and_the_others_go_on(evaluate, album, tmp_path):
    (album / "negative" / "broken.jpg").write_bytes(b"no picture")
    code, out, err = evaluate("album")
    assert code == 1
    assert err.startswith("emo-tf: album/negative/broken.jpg: expected a picture")
    assert err.count("\n") == 1
    assert "1 could not be read" in out
    metrics = metrics_of(tmp_path / "group_evaluation")
    assert (metrics["pictures"], metrics["failed"]) == (4, 1)


def test_results_among_the_pictures_are_no_pictures_and_are_replaced(
    evaluate, album, tmp_path, monkeypatch
):
    monkeypatch.chdir(album)
    for _ in range(2):
        code, out, _ = evaluate(".", "--truth", "positive")
        assert code == 0
        assert "4 pictures" in out
    (album / "group_evaluation" / "notes.txt").write_text("mine")
    code, _, err = evaluate(".", "--truth", "positive")
    assert code == 2
    assert "Received: one that holds notes.txt" in err
    assert (album / "group_evaluation" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none"], "'none' does not exist"),
        (["empty"], "empty: expected a folder with pictures"),
        (["album", "--truth", "postive"], "did you mean positive"),
        (["empty/..", "--truth", "none.csv"], "none.csv: expected a file that can be read"),
        (["plain"], "plain: expected a folder named negative, neutral or positive"),
        (["plain", "--truth", "truth.csv"], "expected pictures that truth.csv has a row for"),
        (["broken"], "broken: expected a picture that can be read"),
        (["splits", "--split", "val"], "--split val: expected pictures of one split"),
        (["album", "--out", "album"], "album: expected a new or empty folder"),
        (["album", *SCENES[:2]], "`emo-tf scenes fit`"),
    ],
    ids=[
        *("none", "empty", "truth", "table", "folders", "rows"),
        *("broken", "splits", "out", "network"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_written(
    evaluate, album, tmp_path, arguments, message
):
    (tmp_path / "empty").mkdir()
    for name in ("plain/x.png", "splits/val/positive/x.png", "splits/train/positive/y.png"):
        paint(tmp_path / name)
    (tmp_path / "broken" / "positive").mkdir(parents=True)
    (tmp_path / "broken" / "positive" / "x.png").write_bytes(b"no picture")
    (tmp_path / "truth.csv").write_text("image,actual\nother.png,neutral\n")
    code, out, err = evaluate(*arguments)
    assert (code, out) == (2, "")
    *_, last = err.splitlines()
    assert last.startswith("emo-tf: error: ")
    assert message in last
    assert not (tmp_path / "group_evaluation").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Expected --run RUN, for a run that has ended, or `group DIR`"),
        (["--split", "val", "group", "album"], "group: expected its options behind it"),
        (["--run", "run", "group", "album"], "Received: --run before it"),
        (["grup", "album"], "No such command 'grup'"),
    ],
    ids=["neither", "an option before", "a run before", "another command"],
)
def test_a_run_and_a_command_exclude_each_other(run_here, album, arguments, message):
    code, out, err = run_here("evaluate", *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert message in err


def test_models_and_an_ensemble_of_them_are_measured(evaluate, album, tmp_path):
    from emo_tf.runtime.ensemble import Ensemble
    from tests.group_models import write_group_tflite

    write_group_tflite(tmp_path / "colour.tflite", name="mean_colour")
    Ensemble(models=("mean_colour", "faces"), method="mean").save(tmp_path / "joint.json")
    code, _, _ = evaluate("album", "--model", "colour.tflite", "--ensemble", "joint.json")
    assert code == 0
    metrics = metrics_of(tmp_path / "group_evaluation")
    assert metrics["follows"] == {"mean_colour": 3, "ensemble": 1}
    assert {name: one["verdicts"] for name, one in metrics["sources"].items()} == {
        "faces": 1,
        "mean_colour": 4,
        "ensemble": 1,
    }
    outputs = ModelOutputs.read(tmp_path / "group_evaluation" / "outputs.npz")
    assert outputs.models == ("faces", "mean_colour")
    write_group_tflite(tmp_path / "people.tflite", task="emotic")
    code, _, err = evaluate("album", "--model", "people.tflite")
    assert code == 2
    assert "--model: expected models of task group or expression" in err


def test_it_runs_without_tensorflow_and_without_matplotlib(run_cli, album, tmp_path):
    (tmp_path / "broken").mkdir()
    for name in ("matplotlib", "tensorflow", "keras", "sklearn"):
        text = f'raise ModuleNotFoundError("No module named {name}", name="{name}")'
        (tmp_path / "broken" / f"{name}.py").write_text(text)
    environment = {"PYTHONPATH": str(tmp_path / "broken"), "PATH": ""}
    done = run_cli("evaluate", "group", "album", cwd=tmp_path, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "No pictures: expected the extra `groups` (pip install 'emo_tf[groups]')" in done.stdout
    names = {path.name for path in (tmp_path / "group_evaluation").iterdir()}
    assert names == set(WRITTEN)

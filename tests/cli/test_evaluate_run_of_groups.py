"""`emo-tf evaluate --run` of groups, as a user meets it."""

import csv
import functools
import json
import shutil

import numpy as np
import pytest

from emo_tf.data import builders
from emo_tf.data.group_inputs import GroupInputs
from emo_tf.data.group_pictures import GroupPictures
from emo_tf.groups.model_outputs import ModelOutputs

pytestmark = pytest.mark.slow


@pytest.fixture
def evaluate(run_here, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    return functools.partial(run_here, "evaluate")


@pytest.fixture
def run(group_smoke_run):
    return group_smoke_run("Attention_C")


def test_a_run_is_measured_on_what_nothing_was_chosen_on(evaluate, run, tmp_path):
    code, out, _ = evaluate("--run", run.folder, "--out", tmp_path / "out")
    assert code == 0
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    expected = run.metrics["eval"]
    assert metrics["split"] == "eval"
    assert metrics["pictures"] == expected["pictures"]
    assert metrics["verdict"]["accuracy"] == pytest.approx(expected["accuracy"], abs=1e-3)
    assert metrics["verdict"]["confusion"] == expected["verdicts"]["confusion"]
    assert f"{run.folder} on eval: {expected['pictures']} pictures" in out
    assert out.splitlines()[-1] == (
        f"Wrote {tmp_path / 'out'}: accuracy.png, confusion.png, metrics.json, outputs.npz, "
        "predictions.csv, reliability.png"
    )
    with (tmp_path / "out" / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    hits = [row["label"] == row["actual"] for row in rows]
    assert np.mean(hits) == pytest.approx(expected["accuracy"], abs=1e-4)


def test_runs_beside_make_one_file_that_an_ensemble_is_fitted_on(
    evaluate, run_here, run, group_smoke_run, tmp_path
):
    others = [group_smoke_run(name).folder for name in ("Local", "Average")]
    beside = [part for other in others for part in ("--beside", other)]
    code, out, _ = evaluate(
        "--run", run.folder, *beside, "--split", "val", "--out", tmp_path / "out"
    )
    assert code == 0
    assert "These are figures on val" in out
    outputs = ModelOutputs.read(tmp_path / "out" / "outputs.npz")
    assert outputs.models == ("Attention_C", "Local", "Average")
    pictures = run.metrics["val"]["pictures"]
    assert outputs.log_probabilities.shape == (pictures, 3, 3)
    ensemble = tmp_path / "ensemble.json"
    code, _, _ = run_here(
        *("ensemble", "fit", "--outputs", tmp_path / "out" / "outputs.npz"),
        *("--method", "mean", "--out", ensemble),
    )
    assert code == 0
    assert ensemble.is_file()


def test_pictures_are_told_apart_by_how_many_faces_were_found(evaluate, run, tmp_path):
    code, out, _ = evaluate(
        *("--run", run.folder, "--out", tmp_path / "out"),
        *("--slices", "face_count", "--min-slice", "1"),
    )
    assert code == 0
    assert "By face_count, with 95 % intervals" in out
    (by_faces,) = json.loads((tmp_path / "out" / "slices.json").read_text())
    dataset = builders.prepared("group_affect/faces", data_dir=run.data_dir)
    pictures = GroupPictures(dataset, "eval", inputs=GroupInputs(features=1), batch_size=8)
    values, counts = np.unique(pictures.face_counts(), return_counts=True)
    assert by_faces["counts"] == dict(zip(map(str, values), counts.tolist(), strict=True))
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    hits = sum(
        cell["examples"] * cell["estimate"]
        for cell in by_faces["cells"]
        if cell["figure"] == "accuracy"
    )
    expected = metrics["verdict"]["accuracy"]
    assert hits / metrics["pictures"] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--split", "evl"], "did you mean eval"),
        (["--split", "test"], "test: expected pictures with labels. Received: "),
        (["--ablate"], "expected a run of EMOTIC for --ablate. Received: one of groups"),
        (["--beside", "copy"], "expected a run of another experiment"),
        (["--data-dir", "."], "`emo-tf data build group_affect/faces "),
        (["--out", "copy"], "expected a new or empty folder"),
    ],
    ids=["split", "no labels", "ablate", "twice", "data", "out"],
)
def test_what_cannot_be_done_is_one_line(evaluate, run, tmp_path, arguments, message):
    copy = shutil.copytree(run.folder, tmp_path / "copy")
    arguments = [str(copy) if argument == "copy" else argument for argument in arguments]
    code, out, err = evaluate("--run", run.folder, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("emo-tf: error: ")
    assert err.count("\n") == 1
    assert message in err
    assert not (run.folder / "evaluation").exists()

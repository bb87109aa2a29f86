"""`emo-tf evaluate`, as a user meets it."""

import functools
import json

import pytest

from emo_tf.labels import EMOTIC_CATEGORIES
from tests.training.emotic_runs import (
    mean_colour_model,
    with_empty_figures,
    write_run,
)


@pytest.fixture(scope="module")
def data_dir(emotic_twin):
    return emotic_twin


@pytest.fixture
def run(tmp_path, data_dir):
    return write_run(tmp_path / "run", mean_colour_model(), data_dir=data_dir)


@pytest.fixture
def evaluate(run_here, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with_empty_figures(monkeypatch)
    return functools.partial(run_here, "evaluate")


def rows(out: str) -> dict[str, list[str]]:
    """Returns the cells of the lines that begin with a word, by that word; the last of each."""
    cells = [line.split() for line in out.splitlines() if line.strip()]
    return {first: others for first, *others in cells}


def test_the_verb_has_help_with_examples(evaluate):
    code, out, _ = evaluate("--help")
    assert code == 0
    assert out.count("emo-tf evaluate --run") >= 4


def test_every_category_stands_beside_its_prevalence_on_80_columns(evaluate, run):
    code, out, _ = evaluate("--run", run)
    assert code == 0
    *lines, wrote = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "mean_colours (B+I) on test: 6 people; thresholds from val: 3 people"
    assert lines[1].split() == ["category", "prevalence", "AP", "interpolated", "F1", "threshold"]
    names = [line.split()[0] for line in lines[2:28]]
    assert tuple(names) == EMOTIC_CATEGORIES
    metrics = json.loads((run / "evaluation" / "test" / "metrics.json").read_text())
    columns = ("prevalence", "average_precision", "average_precision_interpolated", "f1")
    for line in lines[2:28]:
        category, *cells, threshold = line.split()
        values = [metrics[name][category] for name in columns]
        assert cells == ["-" if value is None else f"{value:.3f}" for value in values]
        assert (threshold == "-") == (metrics["thresholds"][category] is None)
    mean = next(line.split() for line in lines if line.startswith("mean "))
    assert mean[1] == f"{metrics['mean_average_precision']:.3f}"
    error = f"{metrics['vad_mean_absolute_error']['valence']:.3f}"
    assert rows(out)["valence"][0] == error
    assert wrote.startswith(f"Wrote {run / 'evaluation' / 'test'}: categories.csv, metrics.json,")


def test_thresholds_that_are_used_where_they_were_chosen_are_told_of(evaluate, run):
    code, out, _ = evaluate("--run", run, "--split", "val")
    assert code == 0
    assert "Thresholds are chosen and used on the same people: F1 flatters." in out


def test_an_ablation_is_printed_and_summed_up(evaluate, run):
    code, out, _ = evaluate("--run", run, "--ablate", "--out", "look")
    assert code == 0
    *lines, wrote = out.splitlines()
    assert max(map(len, lines)) <= 80
    title = "This model with one branch silenced: B without the scene, I without the body"
    table = lines[lines.index(title) + 1 :]
    assert table[0].split() == ["AP", "prevalence", "B", "I", "B+I", "B+I", "-", "B"]
    assert tuple(line.split()[0] for line in table[1:27]) == EMOTIC_CATEGORIES
    assert "With the scene (B+I against B) average precision rises in" in out
    assert wrote.startswith("Wrote look: ablation.json, ")


def test_runs_beside_are_printed(evaluate, run, tmp_path, data_dir):
    body = write_run(tmp_path / "body", mean_colour_model(["body"]), data_dir=data_dir)
    code, out, _ = evaluate("--run", run, "--beside", body, "--data-dir", data_dir)
    assert code == 0
    table = out[out.index("Models trained on B, I or both") :].splitlines()
    assert table[1].split() == ["AP", "prevalence", "B", "B+I", "B+I", "-", "B"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing option '--run'."),
        (["--run", "none"], "none: expected the folder of a run. Received: no such folder"),
        (["--run", "run", "--split", "tets"], "did you mean test?"),
        (["--run", "run", "--data-dir", "."], "`emo-tf data build emotic "),
        (["--run", "run", "--out", "run"], "expected a new or empty folder"),
        (["--run", "run", "--beside", "run"], "expected a run of other branches"),
        (["--run", "expression"], "task expression, whose figures training wrote to its metrics"),
        (["--run", "scene", "--ablate"], "Received: one of scene alone"),
    ],
    ids=["no run", "none", "split", "data", "out", "beside", "expression", "one branch"],
)
def test_what_cannot_be_done_is_one_line(evaluate, run, tmp_path, data_dir, arguments, message):
    write_run(tmp_path / "expression", mean_colour_model(), data_dir=data_dir, task="expression")
    write_run(tmp_path / "scene", mean_colour_model(["scene"]), data_dir=data_dir)
    code, out, err = evaluate(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("emo-tf: error: ")
    assert err.count("\n") == 1
    assert message in err
    assert not (run / "evaluation").exists()

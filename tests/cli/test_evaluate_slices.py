"""`emo-tf evaluate --slices` of people, as a user meets it."""

import csv
import functools
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from emo_tf.data import builders
from emo_tf.data.people import People
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.metrics.average_precision import average_precision
from tests.training.emotic_runs import (
    SIDES,
    mean_colour_model,
    with_empty_figures,
    write_run,
)

KEY = ("folder", "filename", "person")


@pytest.fixture(scope="module")
def people(emotic_twin):
    """The 21 people of `train`, the largest split of the twin."""
    dataset = builders.prepared("emotic", data_dir=emotic_twin)
    return People(dataset, "train", inputs=SIDES, batch_size=8)


@pytest.fixture(scope="module")
def run(emotic_twin, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sliced") / "run"
    return write_run(folder, mean_colour_model(), data_dir=emotic_twin)


@pytest.fixture
def evaluate(run_here, monkeypatch, run):
    """Measures the run on those people."""
    monkeypatch.setenv("COLUMNS", "80")
    with_empty_figures(monkeypatch)
    return functools.partial(
        run_here, "evaluate", "--run", run, "--split", "train", "--out", "out", "--min-slice", 5
    )


@pytest.fixture
def write_table(tmp_path, people):
    """Writes `who.csv`, a row a person; `change` is given the rows, lists of cells."""
    named = people.attributes(KEY)

    def write(change=lambda rows: rows) -> list[list[str]]:
        light = (["day", "night", ""] * people.count)[: people.count]
        rows = [list(row) for row in zip(*named.values(), light, strict=True)]
        rows = change([[*KEY, "light"], *rows])
        with (tmp_path / "who.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        return rows

    return write


def cells_of(folder: Path) -> dict[tuple[str, ...], dict[str, str]]:
    """Returns the rows of `slices.csv` by column, value, figure and label."""
    with (folder / "slices.csv").open(newline="") as file:
        return {
            tuple(row[name] for name in ("column", "value", "figure", "label")): row
            for row in csv.DictReader(file)
        }


def test_the_figures_of_a_slice_are_those_of_its_people_alone(evaluate, people, tmp_path):
    code, out, err = evaluate("--slices", "gender", "--slices", "age")
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.splitlines()[:-1]) <= 80
    assert "By gender, with 95 % intervals" in out
    gender = people.attributes(["gender"])["gender"]
    rows = {line.split()[0].rstrip("*"): line.split()[1:] for line in out.splitlines() if line}
    cells = cells_of(tmp_path / "out")
    labels, scores = (
        loadmat(tmp_path / "out" / f"train_cat_{what}.mat")[f"cat_{what}"].T
        for what in ("labels", "preds")
    )
    for value in set(gender):
        chosen = gender == value
        assert rows[value][0] == str(chosen.sum())
        expected = average_precision(labels[chosen], scores[chosen])
        for category, precision in zip(EMOTIC_CATEGORIES, expected, strict=True):
            cell = cells["gender", value, "average_precision", category]
            assert int(cell["examples"]) == labels[chosen, EMOTIC_CATEGORIES.index(category)].sum()
            found = float(cell["estimate"]) if cell["estimate"] else np.nan
            assert found == pytest.approx(precision, abs=1e-5, nan_ok=True)
    by_column = json.loads((tmp_path / "out" / "slices.json").read_text())
    assert [one["column"] for one in by_column] == ["gender", "age"]
    assert len(cells) == sum(len(one["cells"]) for one in by_column)
    assert "slices_age.png, slices_gender.png" in out
    code, _, _ = evaluate("--slices", "gender")
    assert code == 0
    assert not (tmp_path / "out" / "slices_age.png").exists()


def test_a_slice_of_few_people_is_marked_and_not_hidden(evaluate):
    code, out, _ = evaluate("--slices", "age", "--min-slice", 30)
    assert code == 0
    assert sum(line.split()[0].endswith("*") for line in out.splitlines() if line.strip()) >= 2
    assert "* fewer than 30 examples: no gap is counted." in out
    assert "No gaps: no figure stands on 30 examples in two slices." in out


def test_columns_of_a_table_are_joined_by_what_the_data_set_has_too(
    evaluate, write_table, tmp_path
):
    rows = write_table(lambda rows: [rows[0], *reversed(rows[1:]), ["other", "x.jpg", "0", "day"]])
    code, _, _ = evaluate("--slices", "light", "--attributes", "who.csv")
    assert code == 0
    cells = cells_of(tmp_path / "out")
    for value in ("day", "night", ""):
        count = sum(row[-1] == value for row in rows[1:-1])
        cell = cells["light", value or "not given", "vad_absolute_error", "valence"]
        assert int(cell["examples"]) == count


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: [*rows, rows[3]], "who.csv, line 23: expected each example once. Received: "),
        (
            lambda rows: rows[:-2],
            "a row for each of 21 examples, named by folder, filename, person",
        ),
        (lambda rows: [[cell] * 2 for cell in ["folder", "a"]], "expected each column once"),
        (lambda rows: [row[1:] for row in rows], "expected the columns folder, filename. Received"),
        (lambda rows: [*rows[:2], ["", *rows[2][1:]], *rows[3:]], "line 3, column folder"),
        (lambda rows: [[*row, "x"] for row in rows], "Unknown column of --slices"),
        (lambda rows: [*rows[:1], *([*row[:3], "day"] for row in rows[1:])], "'day' alone"),
    ],
    ids=["twice", "absent", "columns", "no key", "empty key", "other column", "one value"],
)
def test_tables_that_cannot_be_used_are_one_line(evaluate, write_table, tmp_path, change, message):
    write_table(change)
    column = "lihgt" if "Unknown" in message else "light"
    code, out, err = evaluate("--slices", column, "--attributes", "who.csv")
    assert (code, out) == (2, "")
    assert err.startswith("emo-tf: error: ")
    assert err.count("\n") == 1
    assert message in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--slices", "gendre"], "Unknown column of --slices: did you mean gender?"),
        (["--slices", "row"], "row: expected a column of at most 5 values. Received: "),
        (["--attributes", "none.csv"], "--attributes: expected --slices COLUMN with it."),
        (["--slices", "gender", "--attributes", "none.csv"], "none.csv: expected a file that can"),
    ],
    ids=["unknown", "many", "no slices", "no file"],
)
def test_what_cannot_be_told_apart_is_one_line(evaluate, arguments, message, monkeypatch):
    monkeypatch.setattr("emo_tf.metrics.slices.MOST_VALUES", 5)
    code, out, err = evaluate(*arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert message in err

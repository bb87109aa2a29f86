import json

import pytest

from benchmarks.common import row
from benchmarks.training import accuracy_rows, time_rows, write_figures

HOUR = 3600.0


def test_time_in_steps_comes_from_the_speed_of_every_epoch():
    epochs = {
        1: {"examples_per_s": 10.0, "held_out_accuracy": 0.5, "ended": 0.0},
        2: {"examples_per_s": 30.0, "held_out_accuracy": 0.7, "ended": 5 * HOUR},
        3: {"examples_per_s": 20.0, "held_out_accuracy": 0.6, "ended": 9 * HOUR},
    }
    count, speed, hours = time_rows(epochs, examples=36_000)
    assert (count["value"], count["details"]) == (3, {"kept": "epoch 2"})
    # 3600 s, 1200 s and 1800 s; the pause between the epochs does not count.
    assert hours["value"] == pytest.approx(6600 / HOUR, abs=0.005)
    assert speed["value"] == round(3 * 36_000 / 6600)
    assert speed["details"]["by epoch"] == {"median": 20, "least": 10, "most": 30}


def test_only_the_parts_that_were_measured_become_figures():
    report = {
        "accuracy": 0.6721,
        "mean_recall": 0.651,
        "expected_calibration_error": 0.021,
        "examples": 3589,
    }
    figures = list(accuracy_rows({"public_test": report, "temperature": 1.1}, stage="first stage"))
    assert [figure["what"] for figure in figures] == ["first stage, PublicTest: accuracy"]
    assert figures[0]["value"] == "67.21%"
    assert figures[0]["details"]["mean recall"] == "65.10%"


def test_each_figure_is_a_file_that_names_the_machine_and_stale_ones_go(tmp_path):
    write_figures([row("training: epochs", 90), row("old figure", 1)], tmp_path)
    write_figures([row("training: epochs", 100)], tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.name == "training_epochs.json"
    figure = json.loads(path.read_text("utf-8"))
    assert figure["value"] == 100
    assert "cores" in figure["machine"]["Processor"]
    assert "tensorflow" in figure["machine"]["Packages"]

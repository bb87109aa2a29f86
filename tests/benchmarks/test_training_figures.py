import json
import subprocess

import numpy as np
import pytest

from benchmarks.common import row
from benchmarks.expression import BATCH, predict_probabilities
from benchmarks.training import accuracy_rows, time_rows, train_and_export, write_figures

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
    assert speed["details"]["by epoch"] == {"median": 20, "least": 10, "most": 30, "runs": 3}


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


def test_both_stages_are_trained_before_the_second_is_exported(monkeypatch, tmp_path):
    commands = []
    monkeypatch.setattr(subprocess, "run", lambda command, **options: commands.append(command))
    train_and_export(tmp_path, shared=tmp_path / "shared")
    assert [command[3:5] for command in commands] == [
        ["train", "expression_fer2013"],
        ["train", "expression_photographs"],
        ["export", "--run"],
    ]
    second = tmp_path / "expression_photographs"
    assert commands[1][commands[1].index("--run") + 1] == str(second)
    assert commands[2][5:] == [str(second), "--out", str(second / "export")]


def test_faces_go_through_a_model_in_batches_and_stay_in_order():
    sizes = []

    def model(image):
        sizes.append(len(image))
        return {"probabilities": image[:, 0, 0] / 255}

    faces = np.random.default_rng(0).integers(0, 256, (2 * BATCH + 3, 2, 2, 1), np.uint8)
    found = predict_probabilities(model, faces)
    np.testing.assert_array_equal(found, faces[:, 0, 0] / 255)
    assert sizes == [BATCH, BATCH, 3]

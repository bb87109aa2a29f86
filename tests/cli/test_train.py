import functools
import json
import re
import shutil
import subprocess
import sys

import pytest

from emo_tf.cli.training_display import duration

NAME = "expression_fer2013"


@pytest.fixture
def train(run_here):
    return functools.partial(run_here, "train")


def test_an_unknown_experiment_is_one_line_with_close_matches(train, tmp_path):
    code, out, err = train("expresion_fer2013", "--manual-dir", tmp_path)
    assert (code, out) == (2, "")
    assert err == (
        "emo-tf: error: Unknown experiment: did you mean expression_fer2013?"
        " Received: 'expresion_fer2013'\n"
    )
    assert not list(tmp_path.iterdir())


def test_missing_data_are_one_line_that_names_the_folder(train, tmp_path):
    code, _, err = train(NAME, "--manual-dir", tmp_path / "missing")
    assert code == 2
    assert err.count("\n") == 1
    assert str(tmp_path / "missing") in err
    assert not (tmp_path / "runs").exists()


def test_data_that_were_never_built_are_one_line_that_names_the_option(train, tmp_path):
    code, _, err = train(NAME, "--data-dir", tmp_path / "data", "--run", tmp_path / "run")
    assert code == 2
    assert err == (
        "emo-tf: error: --manual-dir: expected the folder with the raw files of fer2013, which has"
        f" not been built in {tmp_path / 'data'} yet. Received: none\n"
    )
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--set", "optimizer.learning_rat=1"], "optimizer.learning_rate"),
        (["--set", "optimizer.learning_rate=fast"], "expected a number"),
        (["--strategy", "miror"], "mirrored"),
        (["--profile", "7"], "--profile: expected FIRST:LAST"),
        (["--profile", "9:7"], "--profile: expected FIRST:LAST"),
        (["--scene-backbone", "x.keras"], "--scene-backbone: expected an experiment"),
        (["--init", "a", "--init", "b"], "--init: expected it once for an experiment of the task"),
    ],
    ids=["setting", "value", "strategy", "one step", "backwards", "another task", "two starts"],
)
def test_an_option_that_cannot_be_used_is_one_line(train, tmp_path, options, said):
    code, _, err = train(NAME, "--manual-dir", tmp_path, "--run", tmp_path / "run", *options)
    assert code == 2
    assert err.count("\n") == 1
    assert said in err
    assert not (tmp_path / "run").exists()


def test_a_file_in_place_of_the_folder_of_the_run_is_one_line(train, tmp_path):
    (tmp_path / "run").touch()
    code, _, err = train(NAME, "--manual-dir", tmp_path, "--run", tmp_path / "run")
    assert code == 2
    assert err.count("\n") == 1
    assert "is a file" in err


def test_without_the_extra_one_line_says_what_to_install(tmp_path):
    code = (
        "import sys; sys.modules['tensorflow'] = None\n"
        f"from emo_tf.cli import main; main(['train', {NAME!r}, '--manual-dir', '.'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install 'emo_tf[train]'" in done.stderr
    assert "tensorflow" in done.stderr


@pytest.mark.slow
def test_a_run_that_has_ended_is_measured_and_nothing_more(train, smoke_run, tmp_path):
    run = smoke_run(NAME)
    folder = shutil.copytree(run.folder, tmp_path / "run")
    options = ["--manual-dir", run.manual_dir, "--data-dir", run.data_dir]
    code, out, _ = train(NAME, *options, "--run", folder, "--smoke")
    assert code == 0
    # Where this test is the first to ask for the run, training it prints before.
    first, figures, written = out.splitlines()[-3:]
    assert first == f"Training {NAME} in {folder}: 2 epochs"
    public = run.metrics["public_test"]
    assert f"PublicTest: accuracy {public['accuracy']:.2%}" in figures
    assert written == f"Wrote {folder / 'model.keras'} and {folder / 'metrics.json'}"


def test_another_configuration_in_the_folder_is_one_line(train, smoke_run):
    run = smoke_run(NAME)
    before = (run.folder / "config.json").read_text()
    options = ["--manual-dir", run.manual_dir, "--data-dir", run.data_dir]
    code, _, err = train(NAME, *options, "--run", run.folder)
    assert code == 2
    assert err.count("\n") == 1
    assert "choose another folder" in err
    assert (run.folder / "config.json").read_text() == before


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(4.4, "4 s"), (89, "89 s"), (90, "2 min"), (719, "12 min"), (5399, "1 h 30 min")],
    ids=str,
)
def test_time_left_is_told_in_the_unit_that_fits(seconds, text):
    assert duration(seconds) == text


@pytest.mark.slow
def test_the_command_trains_and_shows_how_far_it_is(run_cli, smoke_run, tmp_path):
    data = smoke_run(NAME)
    options = ["--manual-dir", data.manual_dir, "--data-dir", data.data_dir, "--smoke"]
    done = run_cli("train", NAME, *options, cwd=tmp_path, timeout=300)
    assert done.returncode == 0, done.stderr
    first, epoch_1, epoch_2, figures, written = done.stdout.splitlines()
    assert first == f"Training {NAME} in runs/{NAME}: 2 epochs"
    assert re.fullmatch(
        r"epoch   1/2  32px  loss \d\.\d{3}  accuracy 0\.\d{3}  held out 0\.\d{3}  "
        r"\d+\.\d examples/s  ~\d+ s left  best",
        epoch_1,
    )
    assert re.match(r"epoch   2/2  48px  loss .* examples/s(  best)?$", epoch_2)
    assert figures.startswith("PublicTest: accuracy ")
    assert written == f"Wrote runs/{NAME}/model.keras and runs/{NAME}/metrics.json"
    assert "Traceback" not in done.stderr
    metrics = json.loads((tmp_path / "runs" / NAME / "metrics.json").read_text())
    assert metrics["training_examples"] == data.metrics["training_examples"]

"""`emo-tf export` at the command line."""

import re

import pytest

from tests.small_context import save_small_run, small_context_fusion


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder with a run that has ended, one of another task and what only looks like a run."""
    folder = tmp_path_factory.mktemp("runs")
    for name, config in {
        "expression": '{"task": "expression"}',
        "without_task": "{}",
        "damaged": '{"task": ',
        "strange": "[1]",
        "unfinished": '{"task": "emotic"}',
        "empty": None,
    }.items():
        (folder / name).mkdir()
        if config is not None:
            (folder / name / "config.json").write_text(config)
    (folder / "emotic").mkdir()
    save_small_run(folder / "emotic", small_context_fusion(branches=("body",)))
    (folder / "text.keras").write_text("no model")
    (folder / "file").touch()
    return folder


def test_a_run_is_exported_in_silence_but_for_a_line_a_file(run_cli, runs):
    done = run_cli("export", "--run", runs / "emotic")
    assert (done.returncode, done.stderr) == (0, "")
    float32, float16, labels = done.stdout.splitlines()
    out = re.escape(str(runs / "emotic" / "export"))
    figures = r"0\.\d\d MB, largest difference from Keras \d\.\de-\d\d"
    assert re.fullmatch(rf"Wrote {out}/model_float32\.tflite: {figures}", float32)
    assert re.fullmatch(rf"Wrote {out}/model_float16\.tflite: {figures}", float16)
    assert re.fullmatch(rf"Wrote {out}/labels\.txt", labels)
    assert len(list((runs / "emotic" / "export").iterdir())) == 3


def test_a_keras_file_is_exported_where_one_says_or_beside_itself(run_here, runs, tmp_path):
    (tmp_path / "imported.keras").write_bytes((runs / "emotic" / "model.keras").read_bytes())
    code, out, _ = run_here("export", "--run", "imported.keras", "--out", "phone/new")
    assert code == 0
    assert "Wrote phone/new/model_float16.tflite: " in out
    assert (tmp_path / "phone" / "new" / "model_float16.tflite").is_file()
    (tmp_path / "imported").touch()
    code, _, err = run_here("export", "--run", "imported.keras")
    assert code == 2
    assert err.startswith("emo-tf: error: imported: expected a folder to write to")


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ("nowhere", "nowhere: expected the folder of a run, or a .keras file. Received: none"),
        ("empty", "empty: expected the folder of a run. Received: no config.json"),
        ("damaged", "damaged/config.json: expected the settings of a run. Received: "),
        ("strange", "strange/config.json: expected the settings of a run. Received: "),
        ("unfinished", "unfinished: expected a finished run. Received: no model.keras"),
        ("text.keras", "text.keras: expected a model with emo_tf.json in it"),
        (
            "expression",
            "expression: expected a run of the task emotic; one of expression goes through "
            "`python -m emo_tf.export.expression`. Received: task expression",
        ),
        ("without_task", "without_task: expected a run of the task emotic; one of expression"),
    ],
)
def test_what_cannot_be_exported_is_told_in_one_line(run_here, runs, monkeypatch, run, message):
    monkeypatch.chdir(runs)
    code, out, err = run_here("export", "--run", run)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"emo-tf: error: {message}")


def test_a_file_in_place_of_the_folder_is_told_in_one_line(run_here, runs, monkeypatch):
    monkeypatch.chdir(runs)
    code, out, err = run_here("export", "--run", "emotic", "--out", "file")
    assert (code, out) == (2, "")
    assert err == ("emo-tf: error: file: expected a folder to write to. Received: file, a file\n")


def test_the_run_has_to_be_named(run_here):
    code, _, err = run_here("export")
    assert code == 2
    assert "--run" in err

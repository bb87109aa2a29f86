import json
import subprocess
import sys
from functools import partial

import pytest

from emo_tf.cli import pipeline as verb
from emo_tf.pipeline.runner import run_steps

CONFIG = """
experiment = "emotic_miniature"
run = "run"
[build]
miniature = 4
[train]
"""
# Stands for `emo-tf`: makes what the steps of that file leave, or fails where it is told to.
PROGRAM = """
import sys
from pathlib import Path
verb = sys.argv[1] if sys.argv[1] != "data" else sys.argv[2]
if Path(f"fail_{verb}").exists():
    sys.exit(1)
files = {"miniature": ["run/raw/x"], "build": ["data/emotic/x"], "train": [
    f"run/{name}" for name in ("model.keras", "metrics.json", "thresholds.json", "data.json")]}
for name in files[verb]:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("x")
print(f"made by {verb}")
"""


@pytest.fixture
def pipeline(run_here, tmp_path, monkeypatch):
    """Runs the verb on the file above, in its folder, with stand-ins for the verbs of the steps."""
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "pipeline.toml").write_text(CONFIG)
    program = (sys.executable, "program.py")
    monkeypatch.setattr(verb, "run_steps", partial(run_steps, program=program))
    return partial(run_here, "pipeline", "pipeline.toml")


def test_each_command_is_printed_before_what_it_prints_and_a_table_ends_it(pipeline):
    code, out, err = pipeline()
    assert (code, err) == (0, "")
    assert out.splitlines()[:6] == [
        *("miniature: it never ran", "$ emo-tf data miniature emotic --out run/raw --size 4"),
        *("made by miniature", "build: it never ran"),
        *("$ emo-tf data build emotic --manual-dir run/raw --data-dir data", "made by build"),
    ]
    table = [line.split() for line in out.splitlines()[-5:-1]]
    assert table[0] == ["step", "seconds"]
    assert [row[:2] for row in table[1:]] == [
        *(["miniature", "done"], ["build", "done"], ["train", "done"])
    ]
    assert all(float(row[2]) >= 0 for row in table[1:])
    assert out.endswith("Ran 3 steps\n")


def test_the_second_time_there_is_nothing_to_do(pipeline):
    pipeline()
    code, out, err = pipeline()
    assert (code, err) == (0, "")
    assert "$" not in out
    assert out.count("skipped") == 3
    assert out.endswith("Nothing to do: every step is done\n")


def test_a_step_that_fails_gives_its_exit_code_and_one_line(pipeline, tmp_path):
    (tmp_path / "fail_build").touch()
    code, out, err = pipeline()
    assert code == 1
    assert err == (
        "emo-tf: error: build failed with exit code 1, and nothing behind it was run; "
        "the same command goes on from there\n"
    )
    results = [line.split()[:2] for line in out.splitlines()[-3:]]
    assert results == [["miniature", "done"], ["build", "failed"], ["train", "not"]]
    (tmp_path / "fail_build").unlink()
    code, out, _ = pipeline()
    assert code == 0
    assert "build: it did not end" in out
    assert "$ emo-tf data miniature" not in out


def test_a_dry_run_says_why_and_runs_nothing(pipeline, tmp_path):
    code, out, _ = pipeline("--dry-run")
    assert code == 0
    assert out.splitlines() == [
        f"{name}: runs: it never ran" for name in ("miniature", "build", "train")
    ]
    assert not (tmp_path / "run").exists()
    pipeline()
    (tmp_path / "run" / "model.keras").unlink()
    _, out, _ = pipeline("--dry-run")
    assert out.splitlines() == [
        *("miniature: is done", "build: is done", "train: runs: run/model.keras was removed")
    ]


def test_a_step_and_what_is_behind_it_can_be_asked_for(pipeline):
    pipeline()
    _, out, _ = pipeline("--from", "build", "--dry-run")
    assert out.splitlines() == [
        *("miniature: is done", "build: runs: asked for", "train: runs: asked for")
    ]
    _, out, _ = pipeline("--from", "train")
    assert "train: asked for" in out
    assert out.endswith("Ran 1 step\n")


def test_from_elsewhere_it_works_in_the_folder_of_its_file_and_says_so(
    pipeline, tmp_path, monkeypatch
):
    pipeline()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "run" / "model.keras").unlink()
    code, out, _ = pipeline.func("pipeline", tmp_path / "pipeline.toml")
    assert code == 0
    assert out.startswith(f"In {tmp_path}:\ntrain: run/model.keras was removed\n")
    assert (tmp_path / "run" / "model.keras").exists()


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (CONFIG, ["--from", "bild"], "Unknown step: did you mean build?"),
        (CONFIG, ["--from", "push"], "Unknown step: expected one of build, miniature, train."),
        (CONFIG + "smok = true", [], "pipeline.toml: train: Unknown key: did you mean smoke?"),
        (CONFIG + "smoke =", [], "pipeline.toml: expected TOML. Received:"),
    ],
    ids=["step", "step without a table", "key", "damaged"],
)
def test_what_cannot_be_used_is_one_line(pipeline, tmp_path, text, options, said):
    (tmp_path / "pipeline.toml").write_text(text)
    code, out, err = pipeline(*options)
    assert (code, out) == (2, "")
    assert err.startswith("emo-tf: error: ")
    assert err.count("\n") == 1
    assert said in err
    assert not (tmp_path / "run").exists()


def test_damaged_records_are_one_line_that_names_the_file(pipeline, tmp_path):
    pipeline()
    (tmp_path / "run" / "pipeline.json").write_text('{"format": 1, "st')
    code, _, err = pipeline()
    assert code == 2
    assert err.startswith("emo-tf: error: run/pipeline.json: expected")
    assert err.count("\n") == 1


def test_nothing_to_do_is_found_out_without_tensorflow(pipeline, tmp_path):
    pipeline()
    code = """
import sys
from emo_tf.cli import main
try:
    main(["pipeline", "pipeline.toml"])
except SystemExit as end:
    print(end.code, {name.split(".")[0] for name in sys.modules} & {"tensorflow", "keras", "cv2"})
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert "Nothing to do" in done.stdout
    assert done.stdout.splitlines()[-1] == "0 set()"


WHOLE = """
experiment = "emotic_miniature"
run = "runs/twin"
[build]
miniature = 40
[train]
smoke = true
[evaluate]
[export]
precision = ["float32"]
limit = 6
[bless]
baseline = "served/emotic"
min = { mean_average_precision = 0.01 }
max_drop = 1.0
max_slice_drop = 1.0
[push]
to = "served/emotic"
"""
STEPS = ["miniature", "build", "train", "evaluate", "export", "bless", "push"]


@pytest.mark.slow
def test_a_twin_goes_from_nothing_to_a_served_model_and_no_step_runs_twice(run_cli, tmp_path):
    path = tmp_path / "twin.toml"
    path.write_text(WHOLE)

    def run(*options):
        done = run_cli("pipeline", "twin.toml", *options, cwd=tmp_path, timeout=900)
        said = [line.split(":")[0] for line in done.stdout.splitlines()]
        ran = [line for line in said if line in STEPS]
        return done, ran

    done, ran = run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert ran == STEPS
    assert "Traceback" not in done.stderr
    assert "served/emotic holds nothing yet: --baseline is left out" in done.stdout
    version = tmp_path / "served" / "emotic" / "1"
    assert (version / "saved_model.pb").is_file()
    assert json.loads((version / "assets.extra" / "blessing.json").read_text())["blessed"]

    done, ran = run()
    assert (done.returncode, ran) == (0, [])
    assert "Nothing to do" in done.stdout

    path.write_text(WHOLE.replace("0.01 }", "1.01 }"))
    done, ran = run()
    assert (done.returncode, ran) == (1, ["bless"])
    assert "bless failed with exit code 1" in done.stderr
    path.write_text(WHOLE)
    done, ran = run()
    assert (done.returncode, ran) == (0, ["bless"])
    assert "--baseline served/emotic" in done.stdout

    done, ran = run("--from", "export")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ran == ["export", "bless", "push"]
    assert (tmp_path / "served" / "emotic" / "2").is_dir()
    assert run()[1] == []

import json
import subprocess
import sys

import pytest

from benchmarks import twin_runs
from benchmarks.twin_runs import CLOCK, run_timed, train
from emo_tf import configs
from emo_tf.training.overrides import apply_overrides

EXPERIMENT = "emotic_notebook"


def test_the_seconds_of_all_starts_add_up(tmp_path):
    clock = tmp_path / "run" / CLOCK
    run_timed([sys.executable, "-c", "pass"], clock)
    first = json.loads(clock.read_text())["seconds"]
    clock.write_text(json.dumps({"seconds": first + 100}))
    with pytest.raises(subprocess.CalledProcessError):
        run_timed([sys.executable, "-c", "import sys; sys.exit(2)"], clock)
    assert json.loads(clock.read_text())["seconds"] >= first + 100


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """The commands that training started; each ends at once, after 7 seconds as it says."""
    commands = []

    def run_timed(command, clock):
        commands.append(list(command))
        clock.parent.mkdir(parents=True, exist_ok=True)
        clock.write_text('{"seconds": 7}')

    monkeypatch.setattr(twin_runs, "run_timed", run_timed)
    return commands


def test_training_is_told_what_to_set_and_where(started, tmp_path):
    settings = ["seed=3", "model.branches=body"]
    data_dir, initial = tmp_path / "data", [tmp_path / "A"]
    seconds = train(
        EXPERIMENT, tmp_path / "B", settings=settings, data_dir=data_dir, initial=initial
    )
    assert seconds == 7
    (command,) = started
    assert command[2:5] == ["emo_tf", "train", EXPERIMENT]
    assert command[5:9] == ["--run", str(tmp_path / "B"), "--data-dir", str(data_dir)]
    assert command[9:] == [
        f"--init={tmp_path / 'A'}",
        "--set=seed=3",
        "--set=model.branches=body",
    ]


@pytest.mark.parametrize(
    ("seed", "times"), [(0, 0), (1, 1)], ids=["as it is now", "of another configuration"]
)
def test_a_run_that_has_ended_is_kept_if_it_is_of_the_experiment_as_it_is_now(
    started, tmp_path, seed, times
):
    config = apply_overrides(configs.load(EXPERIMENT), ["seed=0"])
    (tmp_path / "config.json").write_text(config.to_json())
    (tmp_path / "metrics.json").write_text("{}")
    (tmp_path / CLOCK).write_text('{"seconds": 7}')
    assert train(EXPERIMENT, tmp_path, settings=[f"seed={seed}"], data_dir=tmp_path) == 7
    assert len(started) == times

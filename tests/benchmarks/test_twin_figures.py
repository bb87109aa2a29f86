import json
import subprocess
import sys

import pytest

from benchmarks import twin
from benchmarks.twin import CLOCK, Trained, run_timed, train, twin_rows


def trained(seed: int = 0, *, both: float = 0.7, minutes: float = 5.0) -> Trained:
    return Trained(
        seed=seed,
        precision={"B+I": both, "B": 0.6, "I": 0.5},
        oracle=0.8,
        minutes={"B+I": minutes, "B": 60.0, "I": 60.0},
    )


def test_each_seed_has_its_figure():
    figure = twin_rows([trained(4)])[0]
    assert "seed 4" in figure["what"]
    assert (figure["value"], figure["met"]) == (70.0, None)
    assert figure["details"]["B"] == 60.0
    assert figure["details"]["share of the oracle"] == "87.5%"
    assert figure["details"]["points above the better of B and I"] == 10.0


def test_the_worst_seed_is_judged():
    figures = twin_rows([trained(0), trained(1, both=0.64), trained(2, minutes=12.0)])
    gain, share, longest = figures[-3:]
    assert (gain["value"], gain["met"]) == (4.0, False)
    assert (share["value"], share["met"]) == ("80.0%", False)
    assert (longest["value"], longest["met"]) == (12.0, False)
    assert all("over seeds 0, 1, 2" in figure["what"] for figure in figures[-3:])


def test_bars_that_are_reached_are_met():
    gain, share, longest = twin_rows([trained(both=0.68, minutes=9.9)])[-3:]
    assert gain["met"]
    assert share["met"]
    assert longest["met"]
    assert not twin_rows([trained(minutes=10.0)])[-1]["met"]


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

    monkeypatch.setattr(twin, "EXPERIMENT", "emotic_notebook")
    monkeypatch.setattr(twin, "run_timed", run_timed)
    return commands


def test_training_is_told_what_to_set_and_where(started, tmp_path):
    settings = ["seed=3", "model.branches=body"]
    assert train(tmp_path / "B", settings=settings, data_dir=tmp_path / "data") == 7
    (command,) = started
    assert command[2:5] == ["emo_tf", "train", "emotic_notebook"]
    assert command[-2:] == ["--set=seed=3", "--set=model.branches=body"]


@pytest.mark.parametrize(
    ("seed", "times"), [(0, 0), (1, 1)], ids=["as it is now", "of another configuration"]
)
def test_a_run_that_has_ended_is_kept_if_it_is_of_the_experiment_as_it_is_now(
    started, tmp_path, seed, times
):
    config = twin.apply_overrides(twin.configs.load("emotic_notebook"), ["seed=0"])
    (tmp_path / "config.json").write_text(config.to_json())
    (tmp_path / "metrics.json").write_text("{}")
    (tmp_path / CLOCK).write_text('{"seconds": 7}')
    assert train(tmp_path, settings=[f"seed={seed}"], data_dir=tmp_path) == 7
    assert len(started) == times

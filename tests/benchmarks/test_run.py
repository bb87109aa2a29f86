import json
import sys
import time
from pathlib import Path

import pytest

from benchmarks import run
from benchmarks.common import row
from benchmarks.record import Record

GOOD = """
import json, sys
rows = [{"what": "speed", "value": 1, "bar": "≤ 2", "met": True, "details": {}},
        {"what": "weight", "value": 9, "bar": "≤ 2", "met": False, "details": {}}]
json.dump(rows, open(sys.argv[sys.argv.index("--json") + 1], "w"))
"""
BROKEN = "print('starting'); raise ValueError('expected a net. Received: none')"
SILENT = "pass"


@pytest.fixture
def benchmarks(tmp_path, monkeypatch):
    """Three made-up benchmarks in a repository of their own; returns its folder."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    sources = {"good": GOOD, "broken": BROKEN, "silent": SILENT}
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source, "utf-8")
    monkeypatch.setattr(run, "REPOSITORY", tmp_path)
    for place in ("CACHE", "RECORDS", "IMAGES"):
        monkeypatch.setattr(run, place, tmp_path / place.lower())
    folders = {"bench-train": tmp_path / "training", "bench-twin": tmp_path / "twin"}
    monkeypatch.setattr(run, "FIGURES", folders)
    monkeypatch.setattr(run, "TITLES", {name: name.title() for name in sources})
    return tmp_path


def run_main(benchmarks, monkeypatch, *arguments: str) -> tuple[int, str]:
    out = benchmarks / "results.md"
    command = ["run", "--shared", str(benchmarks), "--out", str(out), *arguments]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        run.main()
    return ended.value.code, out.read_text("utf-8") if out.exists() else ""


def test_one_that_fails_is_reported_and_the_others_go_on(benchmarks, monkeypatch, capsys):
    code, text = run_main(benchmarks, monkeypatch)
    assert code == 1
    assert "| speed | 1 | ≤ 2 | yes |" in text
    assert "| weight | 9 | ≤ 2 |  |" in text
    assert "`benchmarks.broken`, its figures are missing: ended with 1: ValueError" in text
    assert "`benchmarks.silent`, its figures are missing: ended well without writing" in text
    printed = capsys.readouterr().out
    assert "weight" in printed
    assert "expected a net. Received: none" in printed


def test_a_missed_bar_is_no_failure(benchmarks, monkeypatch):
    code, text = run_main(benchmarks, monkeypatch, "--only", "good")
    assert code == 0
    assert "**1 of 2 bars met.**" in text


def test_running_one_keeps_what_the_others_came_to(benchmarks, monkeypatch):
    run_main(benchmarks, monkeypatch, "--only", "good")
    _, text = run_main(benchmarks, monkeypatch, "--only", "broken")
    assert text.index("| speed | 1 |") < text.index("**FAILED**: ended with 1: ValueError")


def test_one_that_fails_keeps_what_it_came_to_before(benchmarks, monkeypatch):
    run_main(benchmarks, monkeypatch, "--only", "good")
    (benchmarks / "benchmarks" / "good.py").write_text(BROKEN, "utf-8")
    code, text = run_main(benchmarks, monkeypatch, "--only", "good")
    assert code == 1
    assert "`benchmarks.good`, its figures are of an earlier run: ended with 1" in text
    assert "| speed | 1 | ≤ 2 | yes |" in text
    code, text = run_main(benchmarks, monkeypatch, "--only", "silent")
    assert "| speed | 1 | ≤ 2 | yes |" in text
    (benchmarks / "benchmarks" / "good.py").write_text(GOOD, "utf-8")
    code, text = run_main(benchmarks, monkeypatch, "--only", "good")
    assert code == 0
    assert "`benchmarks.good`, its figures" not in text


def test_the_report_alone_is_written_from_what_is_kept(benchmarks, monkeypatch):
    _, measured = run_main(benchmarks, monkeypatch, "--only", "good")
    (benchmarks / "results.md").unlink()
    code, text = run_main(benchmarks, monkeypatch, "--report")
    assert code == 0
    assert text == measured


def test_an_error_of_another_day_is_no_failure_of_this(benchmarks, monkeypatch):
    run_main(benchmarks, monkeypatch, "--only", "broken")
    code, text = run_main(benchmarks, monkeypatch, "--only", "good")
    assert code == 0
    assert "`benchmarks.broken`, its figures are missing" in text


@pytest.mark.parametrize(("folder", "title"), [("training", "Training"), ("twin", "EMOTIC's twin")])
def test_training_figures_are_read_from_their_files(benchmarks, monkeypatch, folder, title):
    origin = {"machine": {"Processor": "Loom"}, "measured_at": "2026-01-01", "commit": None}
    (benchmarks / folder).mkdir()
    figure = json.dumps(row("training: epochs", 100) | origin)
    (benchmarks / folder / "epochs.json").write_text(figure)
    _, text = run_main(benchmarks, monkeypatch, "--only", "good")
    heading, section = text.split("\n## ")[-1].split("\n", maxsplit=1)
    assert heading.endswith(title)
    assert "| training: epochs | 100 |" in section


def test_an_unknown_benchmark_is_refused_with_those_there_are(benchmarks, monkeypatch, capsys):
    code, text = run_main(benchmarks, monkeypatch, "--only", "speed")
    assert (code, text) == (2, "")
    assert "good" in capsys.readouterr().err


def test_a_missing_folder_of_data_is_refused(benchmarks, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["run", "--shared", str(benchmarks / "nowhere")])
    with pytest.raises(SystemExit, match="2"):
        run.main()
    assert "--shared: expected a folder. Received:" in capsys.readouterr().err


def test_what_takes_too_long_is_stopped_with_all_it_started(benchmarks, tmp_path):
    child = tmp_path / "child"
    (benchmarks / "benchmarks" / "endless.py").write_text(
        "import subprocess, time, pathlib\n"
        "process = subprocess.Popen(['sleep', '60'])\n"
        f"pathlib.Path({str(child)!r}).write_text(str(process.pid))\n"
        "time.sleep(60)\n"
    )
    record = run.run_benchmark(
        "endless", tmp_path, commit=None, folder=tmp_path / "cache", limit_s=1
    )
    assert record.error == "stopped after 1 s: the time for all benchmarks was over"
    assert _ends(int(child.read_text()))


def _ends(process: int) -> bool:
    """Waits for a process that was told to end; a dead one may lie uncollected, as `Z`."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_nothing_is_started_once_the_time_is_over(benchmarks, tmp_path):
    record = run.run_benchmark("good", tmp_path, commit=None, folder=tmp_path / "cache", limit_s=0)
    assert record.error == "not started: the time for all benchmarks was over"
    assert record.rows == []


def test_a_record_survives_its_file(tmp_path):
    machine = {"Processor": "Loom"}
    record = Record(
        "speed", "2026-01-31 09:30", None, machine, 1.5, 0.2, [row("a", 1)], "ended with 1"
    )
    record.write(tmp_path)
    assert Record.read(tmp_path / "speed.json") == record

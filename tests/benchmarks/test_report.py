import pytest

from benchmarks.common import row
from benchmarks.record import Record
from benchmarks.report import describe, render_report

TITLES = {"speed": "Speed", "memory": "Memory", "bench-train": "Training", "bench-twin": "Twin"}
MACHINE = {"Processor": "Abacus 3000, 2 cores", "Python": "3.12.0"}


def record(name: str, *rows: dict, error: str | None = None) -> Record:
    return Record(
        name=name,
        measured_at="2026-01-31 09:30",
        commit="abc1234",
        seconds=12.3,
        load=0.25,
        rows=list(rows),
        error=error,
    )


def render(*records: Record, **options) -> str:
    return render_report(records, titles=TITLES, machine=MACHINE, **options)


FAST = row("time, ms", 3.5, bar="≤ 4", met=True, details={"least": 3.1, "most": 4.2})
FAT = row("peak memory, MB", 512, bar="≤ 400", met=False)


def test_every_figure_has_its_line_under_its_benchmark():
    lines = render(record("speed", FAST), record("memory", FAT)).splitlines()
    speed, memory = lines.index("## Speed"), lines.index("## Memory")
    assert speed < lines.index("| time, ms | 3.5 | ≤ 4 | yes | least 3.1, most 4.2 |") < memory
    assert memory < lines.index("| peak memory, MB | 512 | ≤ 400 | **NO** |  |")
    assert "2026-01-31 09:30, commit abc1234, took 12 s" in lines[speed + 1]


def test_a_missed_bar_stands_above_all_tables():
    text = render(record("speed", FAST), record("memory", FAT))
    summary = text.split("## ")[0]
    assert "**1 of 2 bars met.**" in summary
    assert "- Missed: peak memory, MB: 512 (bar ≤ 400)" in summary
    assert "time, ms" not in summary


def test_a_benchmark_that_failed_is_reported_and_the_others_keep_their_figures():
    text = render(record("speed", error="ended with 1:\nboom | bang"), record("memory", FAT))
    assert "- Failed: `benchmarks.speed`, its figures are missing: ended with 1: boom" in text
    assert "## Speed" in text
    assert "**FAILED**: ended with 1: boom" in text
    assert "| peak memory, MB |" in text


def test_a_figure_without_a_bar_is_not_counted():
    text = render(record("speed", FAST, row("faces a second | all", 12)))
    assert "**1 of 1 bars met.**" in text
    assert "| faces a second \\| all | 12 |  |  |  |" in text


def test_the_machine_is_named():
    assert "| Processor | Abacus 3000, 2 cores |" in render(record("speed", FAST))


def test_figures_of_training_are_merged_with_their_own_machine():
    origin = {"machine": {"Processor": "Loom 7"}, "measured_at": "2026-01-01", "commit": None}
    accuracy = row("held-out accuracy", "60.0%", bar="≥ 67%", met=False) | origin
    trainings = {"bench-train": [accuracy, row("epochs", 3) | origin], "bench-twin": []}
    text = render(record("speed", FAST), trainings=trainings)
    section = text.split("## Training\n")[1]
    assert section.startswith("`make bench-train`, 2026-01-01, on Processor: Loom 7.\n\n")
    assert "| held-out accuracy | 60.0% | ≥ 67% | **NO** |" in section
    assert "| epochs | 3 |" in section
    assert "- Missed: held-out accuracy" in text
    assert "## Twin" not in text


def test_each_training_has_its_own_section():
    origin = {"machine": {"Processor": "Loom 7"}, "measured_at": "2026-01-01", "commit": None}
    trainings = {
        "bench-train": [row("epochs", 3) | origin],
        "bench-twin": [row("gain", 6, bar="≥ 5", met=True) | origin],
    }
    text = render(record("speed", FAST), trainings=trainings)
    section = text.split("## Twin\n")[1]
    assert section.startswith("`make bench-twin`, 2026-01-01")
    assert "| gain | 6 | ≥ 5 | yes |" in section
    assert "epochs" not in section
    assert "**2 of 2 bars met.**" in text


@pytest.mark.parametrize(
    ("details", "line"),
    [
        ({}, ""),
        ({"rounds": 3, "sizes": [20, 40]}, "rounds 3, sizes 20, 40"),
        ({"recalls": {"happy": "80%", "sad": "60%"}}, "recalls: happy 80%, sad 60%"),
        ({"crop": {"margin": 0.2}, "faces": 9}, "faces 9; crop: margin 0.2"),
    ],
    ids=["none", "flat", "nested", "both"],
)
def test_details_become_one_line(details, line):
    assert describe(details) == line

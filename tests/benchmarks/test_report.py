from benchmarks.common import ratio_row, row
from benchmarks.record import Record
from benchmarks.remarks import Remarks, Telling
from benchmarks.report import render_report

TITLES = {"speed": "Speed", "memory": "Memory", "bench-train": "Training", "bench-twin": "Twin"}
MACHINE = {"Processor": "Abacus 3000, 2 cores", "Python": "3.12.0"}
NO_REMARKS = Remarks(telling=[], missed={})


def record(
    name: str, *rows: dict, error: str | None = None, machine: dict[str, str] = MACHINE
) -> Record:
    return Record(
        name=name,
        measured_at="2026-01-31 09:30",
        commit="abc1234",
        machine=machine,
        seconds=12.3,
        load=0.25,
        rows=list(rows),
        error=error,
    )


def render(*records: Record, remarks: Remarks = NO_REMARKS, **options) -> str:
    return render_report(records, titles=TITLES, remarks=remarks, **options)


FAST = row("time, ms", 3.5, bar="≤ 4", met=True, details={"least": 3.1, "most": 4.2})
FAT = row("peak memory, MB", 512, bar="≤ 400", met=False)


def test_every_figure_has_its_line_under_its_benchmark():
    lines = render(record("speed", FAST), record("memory", FAT)).splitlines()
    speed, memory = lines.index("## Speed"), lines.index("## Memory")
    assert speed < lines.index("| time, ms | 3.5 | ≤ 4 | yes | least 3.1, most 4.2 |") < memory
    assert memory < lines.index("| peak memory, MB | 512 | ≤ 400 | **NO** |  |")
    assert "2026-01-31 09:30, commit abc1234, machine 1, took 12 s" in lines[speed + 2]


def test_a_missed_bar_stands_before_all_benchmarks_with_its_reason():
    remarks = Remarks(telling=[], missed={"peak memory, MB": "the abacus is made of lead"})
    text = render(record("speed", FAST), record("memory", FAT), remarks=remarks)
    bars = text.split("## Bars")[1].split("## Machines")[0]
    assert "**1 of 2 bars met.**" in bars
    assert "| peak memory, MB | 512 | ≤ 400 | the abacus is made of lead |" in bars
    assert "time, ms" not in bars


def test_the_telling_figures_come_first_with_their_peers():
    ratio = ratio_row("a / b", [8, 9], [2, 3], peer="the loom", unit="m a second", at_least=2)
    remarks = Remarks(
        telling=[
            Telling(text="Weaving", row="a / b"),
            Telling(text="Time", row="time, ms", peer="slide rule", peer_row="peak memory, MB"),
            Telling(text="Gone", row="no such row"),
        ],
        missed={},
    )
    text = render(record("speed", ratio, FAST), record("memory", FAT), remarks=remarks)
    minute = text.split("## In a minute")[1].split("## Bars")[0]
    weaving = "| Weaving | 8.5 [8, 9] m a second | the loom: 2.5 [2, 3] m a second | "
    assert f"{weaving}3.5 [3, 4], 2 runs | ≥ 2 | yes |" in minute
    assert "| Time | 3.5 | slide rule: 512 |  | ≤ 4 | yes |" in minute
    assert "Gone" not in minute
    assert "(../docs/images/bench_peers.svg)" in minute


def test_the_time_of_all_benchmarks_is_told():
    assert "took 0 minutes" in render(record("speed", FAST), record("memory", FAT))


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


def test_figures_of_another_machine_say_so():
    other = {"Processor": "Loom 7"}
    text = render(record("speed", FAST), record("memory", FAT, machine=other))
    assert "|  | machine 1 | machine 2 |" in text
    assert "| Processor | Abacus 3000, 2 cores | Loom 7 |" in text
    assert "| Python | 3.12.0 |  |" in text
    assert "machine 2, took" in text.split("## Memory")[1]


def test_figures_of_training_are_merged_with_their_own_machine():
    origin = {"machine": {"Processor": "Loom 7"}, "measured_at": "2026-01-01", "commit": None}
    accuracy = row("held-out accuracy", "60.0%", bar="≥ 67%", met=False) | origin
    trainings = {"bench-train": [accuracy, row("epochs", 3) | origin], "bench-twin": []}
    text = render(record("speed", FAST), trainings=trainings)
    section = text.split("## Training\n")[1]
    assert section.startswith("\n`make bench-train`, 2026-01-01, machine 2.\n\n")
    assert "| held-out accuracy | 60.0% | ≥ 67% | **NO** |" in section
    assert "| epochs | 3 |" in section
    assert "| held-out accuracy | 60.0% | ≥ 67% |  |" in text
    assert "## Twin" not in text


def test_each_training_has_its_own_section():
    origin = {"machine": {"Processor": "Loom 7"}, "measured_at": "2026-01-01", "commit": None}
    trainings = {
        "bench-train": [row("epochs", 3) | origin],
        "bench-twin": [row("gain", 6, bar="≥ 5", met=True) | origin],
    }
    text = render(record("speed", FAST), trainings=trainings)
    section = text.split("## Twin\n")[1]
    assert section.startswith("\n`make bench-twin`, 2026-01-01")
    assert "| gain | 6 | ≥ 5 | yes |" in section
    assert "epochs" not in section
    assert "**2 of 2 bars met.**" in text

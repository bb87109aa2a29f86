"""Runs every benchmark, one after the other, and writes `results.md` and its plots.

    python -m benchmarks.run --shared ../shared
    python -m benchmarks.run --shared ../shared --only detection
    python -m benchmarks.run --shared ../shared --report

Each runs in a process of its own, so that one that fails leaves the others be. What each came to
is kept in `benchmarks/records`; one that fails keeps what it came to before, and with `--only` the
report takes the others from there. Remarks on figures come from `remarks.toml`. The exit code is 1
if a benchmark failed; a bar that is missed is a result and no failure.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.common import CACHE, REPOSITORY
from benchmarks.machine import describe_machine, git_commit
from benchmarks.plots import draw_plots
from benchmarks.record import Record
from benchmarks.remarks import read_remarks
from benchmarks.report import all_rows, render_report
from benchmarks.tables import MET
from emo_tf.files import replace_whole

TITLES = {
    "detection": "Face detection",
    "expression": "Expression of a face",
    "photographs": "From photograph to expression",
    "predict": "`emo-tf predict`",
    "data": "Data sets and their miniature twins",
    "context": "EMOTIC's network and its weights",
    "emotic_training": "Training EMOTIC's network",
    "export": "Export",
    "groups": "Groups: scene labels and ensembles",
    "group_export": "Export of models of groups",
    "video": "Faces in videos",
    "video_speed": "Videos: speed",
    "serve": "Server",
    "serve_hostile": "Server: malformed requests and a switch under load",
    "explanation": "What a model looked at",
    "annotation": "Labels by hand",
}
"""The benchmarks in the order in which they run."""

TRAININGS = {
    "bench-train": "Training",
    "bench-twin": "Training on EMOTIC's twin",
    "bench-group-twin": "Training on the groups' twin",
    "bench-video-twin": "Training on the videos' twin",
}
"""What takes too long to run with the others, by its target in the Makefile."""

FIGURES = {
    "bench-train": Path(__file__).parent / "training",
    "bench-twin": Path(__file__).parent / "twin",
    "bench-group-twin": Path(__file__).parent / "group_twin",
    "bench-video-twin": Path(__file__).parent / "video_twin",
}
"""Where the figures of each lie."""

TIME_LIMIT_S = 58 * 60
"""Of all benchmarks together: an hour less what the report takes."""

RECORDS = Path(__file__).parent / "records"
RESULTS = Path(__file__).parent / "results.md"
IMAGES = REPOSITORY / "docs" / "images"


def run_benchmark(
    name: str, shared: Path, *, commit: str | None, folder: Path, limit_s: float
) -> Record:
    """Runs one benchmark in a process of its own.

    Args:
        name: Its module in `benchmarks`.
        shared: Folder of the shared data.
        commit: What is measured.
        folder: Where its output goes, `<name>.log`.
        limit_s: Seconds that are left to it.

    Returns:
        Its figures, or why it failed.
    """
    measured_at, load = time.strftime("%Y-%m-%d %H:%M"), os.getloadavg()[0]
    folder.mkdir(parents=True, exist_ok=True)
    rows_file, log_file = folder / f"{name}.rows.json", folder / f"{name}.log"
    rows_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    command += ["--shared", str(shared.resolve()), "--json", str(rows_file.resolve())]
    start = time.monotonic()
    error = _run_logged(command, log_file, limit_s=limit_s)
    seconds = time.monotonic() - start
    rows = []
    if error is None and not rows_file.is_file():
        error = "ended well without writing its figures"
    if error is None:
        rows = json.loads(rows_file.read_text(encoding="utf-8"))
        rows_file.unlink()
    return Record(
        name=name,
        measured_at=measured_at,
        commit=commit,
        machine=describe_machine(),
        seconds=round(seconds, 1),
        load=round(load, 2),
        rows=rows,
        error=error,
    )


def _run_logged(command: Sequence[str], log_file: Path, *, limit_s: float) -> str | None:
    """Runs a command with its output in a file; returns what went wrong, if anything did."""
    if limit_s <= 0:
        return "not started: the time for all benchmarks was over"
    with log_file.open("w", encoding="utf-8") as log:
        # A session of its own, so that whatever the benchmark started can be stopped with it.
        process = subprocess.Popen(
            command, cwd=REPOSITORY, stdout=log, stderr=log, start_new_session=True
        )
        try:
            code = process.wait(timeout=limit_s)
        except subprocess.TimeoutExpired:
            return f"stopped after {limit_s:.0f} s: the time for all benchmarks was over"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if code == 0:
        return None
    said = log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f"ended with {code}: {said[-1] if said else 'without a word'}"


def kept_records(folder: Path) -> dict[str, Record]:
    """Returns what earlier runs left in `folder`, by benchmark."""
    paths = {name: folder / f"{name}.json" for name in TITLES}
    return {name: Record.read(path) for name, path in paths.items() if path.is_file()}


def training_figures(folder: Path) -> list[dict]:
    """Returns the figures that a training left in `folder`, one a file."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def write_report(records: Sequence[Record], out: Path) -> None:
    """Writes `results.md` and draws its plots."""
    trainings = {target: training_figures(folder) for target, folder in FIGURES.items()}
    remarks = read_remarks()
    titles = TITLES | TRAININGS
    text = render_report(records, titles=titles, trainings=trainings, remarks=remarks)
    draw_plots(all_rows(records, trainings), IMAGES, telling=remarks.telling)
    with replace_whole(out) as temporary:
        temporary.write_text(text, encoding="utf-8")


def print_records(records: Sequence[Record], console: Console) -> None:
    """Prints the figures as a table."""
    table = Table("what", "value", "bar", "met")
    for record in records:
        table.add_section()
        for row in record.rows:
            met = "[red]NO[/red]" if row["met"] is False else MET[row["met"]]
            table.add_row(escape(row["what"]), escape(str(row["value"])), row["bar"], met)
        if record.error:
            failed = f"benchmarks.{record.name}", "[red]FAILED[/red]", None, escape(record.error)
            table.add_row(*failed)
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder of the shared data")
    parser.add_argument("--only", choices=TITLES, action="append", help="run just this one")
    parser.add_argument("--report", action="store_true", help="run none, write the report anew")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the report to write")
    arguments = parser.parse_args()
    if not arguments.shared.is_dir():
        parser.error(f"--shared: expected a folder. Received: {arguments.shared}")
    console = Console(width=None if sys.stdout.isatty() else 160)
    records, commit = kept_records(RECORDS), git_commit()  # before the records change the files
    deadline = time.monotonic() + TIME_LIMIT_S
    chosen = [] if arguments.report else arguments.only or list(TITLES)
    for name in chosen:
        console.print(f"benchmarks.{name} ...")
        left_s = deadline - time.monotonic()
        found = run_benchmark(name, arguments.shared, commit=commit, folder=CACHE, limit_s=left_s)
        records[name] = found.or_earlier(records.get(name))
        records[name].write(RECORDS)
    ordered = [records[name] for name in TITLES if name in records]
    write_report(ordered, arguments.out)
    if chosen:
        print_records([records[name] for name in chosen], console)
    print(f"Wrote {arguments.out}")
    sys.exit(1 if any(records[name].error for name in chosen) else 0)


if __name__ == "__main__":
    main()

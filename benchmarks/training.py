"""Trains the expression model in its two stages, exports it, and keeps the figures.

python -m benchmarks.training --shared ../shared

A run that was stopped goes on after its last epoch; one that has ended is only measured. Each
figure becomes a file in `benchmarks/training`, which `benchmarks.run` puts into the report.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.common import REPOSITORY, row, spread, verdict, write_json
from benchmarks.machine import describe_machine, git_commit
from benchmarks.photographs import ARCHIVE

FIRST_STAGE, SECOND_STAGE = "expression_fer2013", "expression_photographs"
EXPORT = "export"
FIGURES = Path(__file__).parent / "training"
PARTS = {
    "held_out": "held-out tenth of Training",
    "public_test": "PublicTest",
    "public_test_without_duplicates": "PublicTest without what duplicates Training",
    "private_test": "PrivateTest",
}


def train_and_export(runs: Path, *, shared: Path) -> None:
    """Trains both stages to their last epoch and exports the second into a folder of it.

    Args:
        runs: Folder of the runs.
        shared: Folder with `data/fer2013.zip` and `data/expression_photos.zip`.

    Raises:
        subprocess.CalledProcessError: One of the steps failed; it has said why.
    """
    first, second = runs / FIRST_STAGE, runs / SECOND_STAGE
    manual_dir = ["--manual-dir", str(shared / "data")]
    program = [sys.executable, "-m", "emo_tf"]
    train = [*program, "train"]
    photographs = ["--photographs", str(shared / ARCHIVE), "--init", str(first)]
    for command in (
        [*train, FIRST_STAGE, "--run", str(first), *manual_dir],
        [*train, SECOND_STAGE, "--run", str(second), *manual_dir, *photographs],
        [*program, "export", "--run", str(second), "--out", str(second / EXPORT)],
    ):
        subprocess.run(command, cwd=REPOSITORY, check=True)


def measure(runs: Path, *, shared: Path) -> list[dict]:
    """Returns the figures of two stages that have ended and were exported.

    Args:
        runs: Folder of the runs.
        shared: Folder with `data/fer2013.zip` and `data/expression_photos.zip`.
    """
    from benchmarks import folds
    from benchmarks.expression import SIZE_BARS_MB, measure_files
    from emo_tf.data.fer2013 import load_fer2013
    from emo_tf.export.folder import tflite_name

    first, second = runs / FIRST_STAGE, runs / SECOND_STAGE
    data = load_fer2013(manual_dir=shared / "data", data_dir=REPOSITORY / "data")
    files = {name: second / EXPORT / tflite_name(name) for name in SIZE_BARS_MB}
    exported = (
        figure | {"what": f"as exported, {figure['what']}"} for figure in measure_files(files, data)
    )
    config = _read(first / "config.json")
    pictures, batch_size = config["limit"] or len(data.training), config["batch_size"]
    return [
        *accuracy_rows(_read(first / "metrics.json"), stage="first stage"),
        *accuracy_rows(_read(second / "metrics.json"), stage="second stage"),
        *time_rows(_logged(first / "logs"), examples=pictures // batch_size * batch_size),
        *exported,
        *folds.measure(first, runs=runs, shared=shared),
    ]


def _read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def accuracy_rows(metrics: dict, *, stage: str) -> Iterator[dict]:
    """Yields accuracy and calibration of the float32 model on each part of the data.

    Args:
        metrics: The run's `metrics.json`.
        stage: What to call the run.
    """
    for part, title in PARTS.items():
        if part not in metrics:
            continue
        report = metrics[part]
        yield row(
            f"{stage}, {title}: accuracy",
            f"{report['accuracy']:.2%}",
            details={
                "mean recall": f"{report['mean_recall']:.2%}",
                "calibration error": report["expected_calibration_error"],
                "pictures": report["examples"],
            },
        )


def time_rows(epochs: dict[int, dict[str, float]], *, examples: int) -> Iterator[dict]:
    """Yields how many epochs training took, how fast and how long.

    Args:
        epochs: By epoch `examples_per_s`, `held_out_accuracy` and `ended`, seconds since 1970.
        examples: Examples an epoch.
    """
    rates = [epoch["examples_per_s"] for epoch in epochs.values()]
    seconds = sum(examples / rate for rate in rates)
    best = max(epochs, key=lambda number: epochs[number]["held_out_accuracy"])
    yield row("first stage: epochs", len(epochs), details={"kept": f"epoch {best}"})
    yield row(
        "first stage: examples a second, all epochs",
        round(examples * len(epochs) / seconds),
        details={"by epoch": spread(rates, digits=0)},
    )
    ends = [epoch["ended"] for epoch in epochs.values()]
    yield row(
        "first stage: hours in training steps",
        round(seconds / 3600, 2),
        details={"first epoch ended": _date(min(ends)), "last": _date(max(ends))},
    )


def _logged(folder: Path) -> dict[int, dict[str, float]]:
    """Reads a run's TensorBoard logs: the scalars of each epoch and when it ended."""
    import tensorflow as tf
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), size_guidance={"tensors": 0})  # 0: all of them
    events.Reload()
    epochs: dict[int, dict[str, float]] = {}
    for tag in ("examples_per_s", "held_out_accuracy"):
        for event in events.Tensors(tag):
            epoch = epochs.setdefault(event.step, {})
            epoch[tag] = float(tf.make_ndarray(event.tensor_proto))
            epoch["ended"] = event.wall_time
    return epochs


def _date(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def write_figures(rows: list[dict], folder: Path) -> None:
    """Writes each figure, with machine and date, as a file of its own; earlier ones go."""
    origin = {
        "machine": describe_machine(),
        "measured_at": _date(time.time()),
        "commit": git_commit(),
    }
    paths = {folder / f"{_file_name(figure['what'])}.json": figure for figure in rows}
    for path, figure in paths.items():
        write_json(path, figure | origin)
    for path in set(folder.glob("*.json")) - set(paths):
        path.unlink()


def _file_name(what: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", what.lower()).strip("_")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder of the shared data")
    parser.add_argument("--runs", type=Path, default=REPOSITORY / "runs", help="folder of the runs")
    parser.add_argument("--out", type=Path, default=FIGURES, help="folder for the figures")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    shared, runs = arguments.shared.resolve(), arguments.runs.resolve()
    try:
        train_and_export(runs, shared=shared)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    rows = measure(runs, shared=shared)
    write_figures(rows, arguments.out)
    for figure in rows:
        print(verdict(figure))
    print(f"Wrote {len(rows)} files to {arguments.out}")


if __name__ == "__main__":
    main()

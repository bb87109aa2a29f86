"""Trains the expression model, exports it into the run's folder, and keeps the figures.

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

EXPERIMENT = "expression_fer2013"
FIGURES = Path(__file__).parent / "training"
PARTS = {
    "held_out": "held-out tenth of Training",
    "public_test": "PublicTest",
    "public_test_without_duplicates": "PublicTest without what duplicates Training",
    "private_test": "PrivateTest",
}


def train_and_export(run: Path, *, shared: Path) -> None:
    """Trains to the last epoch and writes the `.tflite` files to `<run>/export`.

    Args:
        run: Folder of the run.
        shared: Folder with `data/fer2013.zip`.

    Raises:
        subprocess.CalledProcessError: One of the two failed; it has said why.
    """
    manual_dir = ["--manual-dir", str(shared / "data")]
    train = [sys.executable, "-m", "emo_tf", "train", EXPERIMENT, "--run", str(run), *manual_dir]
    export = [sys.executable, "-m", "emo_tf.export.expression", "--run", str(run), *manual_dir]
    for command in (train, [*export, "--out", str(run / "export")]):
        subprocess.run(command, cwd=REPOSITORY, check=True)


def measure(run: Path, *, shared: Path) -> list[dict]:
    """Returns the figures of a run that has ended and was exported.

    Args:
        run: Folder of the run.
        shared: Folder with `data/fer2013.zip`.
    """
    from benchmarks.expression import SIZE_BARS_MB, measure_files
    from emo_tf.data.fer2013 import load_fer2013

    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    data = load_fer2013(manual_dir=shared / "data", data_dir=REPOSITORY / "data")
    files = {name: run / "export" / f"expression_{name}.tflite" for name in SIZE_BARS_MB}
    pictures, batch_size = config["limit"] or metrics["training_examples"], config["batch_size"]
    exported = (
        figure | {"what": f"as exported, {figure['what']}"} for figure in measure_files(files, data)
    )
    return [
        *accuracy_rows(metrics),
        *time_rows(_logged(run / "logs"), examples=pictures // batch_size * batch_size),
        *exported,
    ]


def accuracy_rows(metrics: dict) -> Iterator[dict]:
    """Yields accuracy and calibration of the float32 model on each part of the data.

    Args:
        metrics: The run's `metrics.json`.
    """
    for part, title in PARTS.items():
        if part not in metrics:
            continue
        report = metrics[part]
        yield row(
            f"trained model, {title}: accuracy",
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
    yield row("training: epochs", len(epochs), details={"kept": f"epoch {best}"})
    yield row(
        "training: examples a second, all epochs",
        round(examples * len(epochs) / seconds),
        details={"by epoch": spread(rates, digits=0)},
    )
    ends = [epoch["ended"] for epoch in epochs.values()]
    yield row(
        "training: hours in training steps",
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
    parser.add_argument("--run", type=Path, default=REPOSITORY / "runs" / "expression")
    parser.add_argument("--out", type=Path, default=FIGURES, help="folder for the figures")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    shared, run = arguments.shared.resolve(), arguments.run.resolve()
    try:
        train_and_export(run, shared=shared)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    rows = measure(run, shared=shared)
    write_figures(rows, arguments.out)
    for figure in rows:
        print(verdict(figure))
    print(f"Wrote {len(rows)} files to {arguments.out}")


if __name__ == "__main__":
    main()

"""What `emo-tf evaluate --run` writes and prints of a run of videos."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from emo_tf.cli.evaluate.slice_columns import SliceColumns
from emo_tf.cli.evaluate.slice_report import print_slices, write_and_draw_slices
from emo_tf.cli.figure_table import AS_IS
from emo_tf.cli.progress import progress_bar
from emo_tf.data.clip_splits import CLIPS_AT_A_TIME
from emo_tf.data.clips import Clips
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.sliced_figures import class_figures
from emo_tf.training.evaluation_folder import (
    METRICS,
    check_evaluation_folder,
    evaluation_folder,
)
from emo_tf.training.video_run import read_video_run

FIGURES = {
    "accuracy": "accuracy",
    "mean recall": "mean_recall",
    "log loss": "negative_log_likelihood",
    "ECE": "expected_calibration_error",
}
"""What is printed, by its name in `metrics.json`."""


def evaluate_video_run(
    run: Path,
    *,
    split: str | None,
    data_dir: Path | None,
    out: Path | None,
    slices: SliceColumns | None,
) -> None:
    """Measures a run of videos that has ended, writes `metrics.json` and prints it.

    Args:
        run: Folder of the run.
        split: Split of its data set; by default as `VideoRun.default_split` says.
        data_dir: Where the data set lies, if not where it lay for training.
        out: Where to write, `evaluation/SPLIT` in the run by default.
        slices: What clips are to be measured apart by.

    Raises:
        EmoError: The run or its data set cannot be read, there is no such split, or the folder to
            write holds something else; or clips cannot be told apart as asked.
    """
    read = read_video_run(run)
    split = split or read.default_split(data_dir=data_dir)
    clips = read.clips(split, data_dir=data_dir)
    folder = out or Path(run) / "evaluation" / split
    check_evaluation_folder(folder)
    if slices is not None and not isinstance(clips.source, Clips):
        raise EmoError(
            f"--slices: expected clips as they are, or stills for a model of one frame. Received: "
            f"{clips.source.name}, stills that are drawn and set moving"
        )
    chosen = None if slices is None else slices.of_examples(clips.source)
    console = Console(file=sys.stdout, highlight=False)
    with progress_bar(console, -(-clips.count // CLIPS_AT_A_TIME)) as advance:
        found = read.predict(clips, advance=advance)
    metrics = {
        "run": str(read.folder),
        "sha256": read.sha256,
        "dataset": read.dataset,
        "split": split,
        "temperature": read.metadata.temperature,
        **found.report(temperature=read.metadata.temperature or 1.0),
    }
    predicted = found.logits.argmax(axis=1)
    figures = class_figures(found.clip_labels, predicted, names=EXPRESSIONS)
    apart = () if chosen is None else chosen.measure(figures)
    with evaluation_folder(folder) as place:
        (place / METRICS).write_text(json.dumps(metrics, indent=1) + "\n", "utf-8")
        if apart:
            write_and_draw_slices(place, apart, title=f"{read.name} on {split}")
        names = sorted(path.name for path in place.iterdir())
    console.print(
        f"{read.name} on {split} of {read.dataset}: {metrics['examples']:,} examples", **AS_IS
    )
    console.print(_figures(metrics))
    console.print()
    console.print(_confusion(metrics))
    print_slices(console, apart)
    console.print(f"Wrote {folder}: {', '.join(names)}", **AS_IS)


def _figures(metrics: Mapping) -> Table:
    """Returns the figures of the decisions, and of a clip's last frames where it has several."""
    table = _table("", *FIGURES)
    rows = {"decision": metrics}
    if "last_frame" in metrics:
        rows["last frame"] = metrics["last_frame"]
    for name, figures in rows.items():
        table.add_row(name, *(f"{figures[key]:.3f}" for key in FIGURES.values()))
    return table


def _confusion(metrics: Mapping) -> Table:
    """Returns the counts of the decisions, a row a true class, and the recall of each."""
    table = _table("actual", *EXPRESSIONS, "recall")
    for name, row in zip(EXPRESSIONS, metrics["confusion"], strict=True):
        recall = metrics["recall"][name]
        table.add_row(
            name, *(f"{count:,}" for count in row), "-" if recall is None else f"{recall:.3f}"
        )
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(first, box=None, pad_edge=False)
    for name in others:
        table.add_column(name, justify="right")
    return table

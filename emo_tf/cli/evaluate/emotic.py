"""What `emo-tf evaluate --run` prints of a run of EMOTIC."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from emo_tf.cli.evaluate.slice_columns import SliceColumns
from emo_tf.cli.evaluate.slice_report import print_slices
from emo_tf.cli.progress import progress_bar
from emo_tf.cli.workshop import loading
from emo_tf.labels import EMOTIC_CATEGORIES, VAD

if TYPE_CHECKING:
    from emo_tf.data.people import People
    from emo_tf.training.emotic_ablation import Comparison

COLUMNS = {
    "prevalence": "prevalence",
    "AP": "average_precision",
    "interpolated": "average_precision_interpolated",
    "F1": "f1",
    "threshold": "thresholds",
}
"""Columns of the table, by the name of what they hold in `metrics.json`."""

MEANS = {
    "AP": "mean_average_precision",
    "interpolated": "mean_average_precision_interpolated",
    "F1": "f1_macro",
}
DEFAULT_SPLIT = "test"
TITLES = {
    "silenced": "This model with one branch silenced: B without the scene, I without the body",
    "trained": "Models trained on B, I or both",
}


def evaluate_emotic(
    run: Path,
    *,
    split: str | None,
    data_dir: Path | None,
    out: Path | None,
    ablate: bool,
    beside: Sequence[Path],
    slices: SliceColumns | None,
) -> None:
    """Measures a run of EMOTIC and prints what came out; see `training.emotic_evaluation`."""
    with loading("evaluate"):
        from emo_tf.training.emotic_evaluation import evaluate_run
        from emo_tf.training.emotic_run import PEOPLE_AT_A_TIME
    console = Console(file=sys.stdout, highlight=False)

    def progress(people: "People") -> AbstractContextManager:
        return progress_bar(console, -(-people.count // PEOPLE_AT_A_TIME))

    evaluation = evaluate_run(
        run,
        split=split or DEFAULT_SPLIT,
        data_dir=data_dir,
        out=out,
        ablate=ablate,
        beside=beside,
        slices=None if slices is None else slices.of_examples,
        progress=progress,
    )
    for line in _introduction(evaluation.metrics):
        console.print(line, markup=False, soft_wrap=True)
    console.print(_categories(evaluation.metrics))
    console.print()
    console.print(_dimensions(evaluation.metrics))
    for kind, comparison in evaluation.comparisons.items():
        console.print()
        console.print(TITLES[kind], markup=False)
        console.print(_comparison(comparison, evaluation.metrics["prevalence"]))
        if comparison.summary:
            console.print(comparison.summary, markup=False)
    print_slices(console, evaluation.slices)
    names = sorted(path.name for path in evaluation.folder.iterdir())
    console.print(f"Wrote {evaluation.folder}: {', '.join(names)}", markup=False, soft_wrap=True)


def _introduction(metrics: Mapping) -> list[str]:
    split, chosen = metrics["split"], metrics["thresholds_from"]
    lines = [
        f"{metrics['run']} ({metrics['model']['branches']}) on {split}: {metrics['people']:,} "
        f"people; thresholds from {chosen['split']}: {chosen['people']:,} people"
    ]
    if split == chosen["split"]:
        lines.append("Thresholds are chosen and used on the same people: F1 flatters.")
    return lines


def _categories(metrics: Mapping) -> Table:
    table = _table("category", *COLUMNS)
    for category in EMOTIC_CATEGORIES:
        values = [metrics[name][category] for name in COLUMNS.values()]
        table.add_row(category, *map(_shown, values))
    means = [metrics[MEANS[column]] if column in MEANS else "" for column in COLUMNS]
    table.add_section()
    table.add_row("mean", *map(_shown, means), style="bold")
    return table


def _dimensions(metrics: Mapping) -> Table:
    table = _table("dimension", "mean absolute error", "concordance")
    for name in (*VAD, "mean"):
        values = metrics["vad_mean_absolute_error"][name], metrics["vad_concordance"][name]
        table.add_row(name, *map(_shown, values), style="bold" if name == "mean" else None)
    return table


def _comparison(comparison: "Comparison", prevalence: Mapping[str, float]) -> Table:
    gains = comparison.gains
    table = _table("AP", "prevalence", *comparison.reports, *(["B+I - B"] if gains else []))
    for category in EMOTIC_CATEGORIES:
        values = [by_name[category] for by_name in comparison.average_precision.values()]
        gain = [f"{gains[category]:+.3f}" if category in gains else "-"] if gains else []
        table.add_row(category, _shown(prevalence[category]), *map(_shown, values), *gain)
    table.add_section()
    reports = comparison.reports.values()
    for name, values in (
        ("mean", [report["mean_average_precision"] for report in reports]),
        ("VAD MAE", [report["vad_mean_absolute_error"]["mean"] for report in reports]),
    ):
        table.add_row(name, "", *map(_shown, values), style="bold")
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(first, box=None, pad_edge=False)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _shown(value: float | str | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.3f}"

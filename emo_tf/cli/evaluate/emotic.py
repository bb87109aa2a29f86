"""`emo-tf evaluate --run`: a run measured on people it was not trained on."""

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from emo_tf.cli.progress import progress_bar
from emo_tf.cli.workshop import loading
from emo_tf.errors import EmoError
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
TITLES = {
    "silenced": "This model with one branch silenced: B without the scene, I without the body",
    "trained": "Models trained on B, I or both",
}


def emotic(
    context: typer.Context,
    run: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="Folder of an EMOTIC run that has ended.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        str, typer.Option(help="Split of the run's data set: `test`, `val`, `train`.")
    ] = "test",
    data_dir: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="Where prepared data sets lie.  [default: where they lay for training]",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            file_okay=False, help="Folder for the results.  [default: RUN/evaluation/SPLIT]"
        ),
    ] = None,
    ablate: Annotated[
        bool,
        typer.Option(
            "--ablate", help="Silence the scene, then the body, and compare: B, I and B+I."
        ),
    ] = False,
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            file_okay=False,
            metavar="RUN",
            help="A run trained on other branches, to compare with; may be repeated.",
        ),
    ] = None,
) -> None:
    """Measure an EMOTIC run, or with the command `group` verdicts on pictures of people.

    With `--run`: average precision of each category, valence, arousal, dominance.

    The threshold of each category is where precision equals recall on the validation split. The
    folder of the results holds `metrics.json`, `categories.csv`, `thresholds.json`,
    `val_thresholds.npy`, predictions and labels as `SPLIT_{cat,cont}_{preds,labels}.mat`, and
    `plots/`; with `--ablate` or `--beside` also `ablation.json`. It is complete, or as it was
    before.

    `--ablate` shows what a model of body and scene uses: one branch says the same for everybody,
    its mean. `--beside` shows what can be learnt from one branch alone, as Kosti et al. 2020 do.

    **Examples**

    `emo-tf evaluate --run runs/emotic_context`

    `emo-tf evaluate --run runs/emotic_context --split val --out look`

    `emo-tf evaluate --run runs/emotic_context --ablate`

    `emo-tf evaluate --run runs/emotic_context --beside runs/body --beside runs/scene`

    `emo-tf evaluate group pictures/val`
    """
    _check_choice(context, run)
    if context.invoked_subcommand is not None:
        return
    with loading("evaluate"):
        from emo_tf.training.emotic_evaluation import evaluate_run
        from emo_tf.training.emotic_run import PEOPLE_AT_A_TIME
    console = Console(file=sys.stdout, highlight=False)

    def progress(people: "People") -> AbstractContextManager:
        return progress_bar(console, -(-people.count // PEOPLE_AT_A_TIME))

    evaluation = evaluate_run(
        run,
        split=split,
        data_dir=data_dir,
        out=out,
        ablate=ablate,
        beside=beside or (),
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
    names = sorted(path.name for path in evaluation.folder.iterdir())
    console.print(f"Wrote {evaluation.folder}: {', '.join(names)}", markup=False, soft_wrap=True)


def _check_choice(context: typer.Context, run: Path | None) -> None:
    """Checks that either a run is named or a command, whose options stand behind it."""
    command = context.invoked_subcommand
    if run is None and command is None:
        raise EmoError(
            "Missing option '--run'. Expected --run RUN, for an EMOTIC run, or `group DIR`, for "
            "pictures of people. Received: neither"
        )
    given = [
        name
        for name in context.params
        if command is not None and context.get_parameter_source(name).name == "COMMANDLINE"
    ]
    if given:
        raise EmoError(
            f"{command}: expected its options behind it, and none of a run. "
            f"Received: --{given[0].replace('_', '-')} before it"
        )


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

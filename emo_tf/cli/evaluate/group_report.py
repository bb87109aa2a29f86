"""What an evaluation of verdicts on groups prints and draws."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from emo_tf.cli.wording import counted
from emo_tf.errors import EmoError
from emo_tf.extras import needing_extra
from emo_tf.groups.group_evaluation import GroupVerdicts
from emo_tf.groups.group_evaluation_folder import PICTURES
from emo_tf.groups.truth import VALIDATION, split_name
from emo_tf.labels import GROUP_EMOTIONS

COLUMNS = {
    "accuracy": "accuracy",
    "of verdicts": "accuracy_of_verdicts",
    "balanced": "balanced_accuracy",
    "log loss": "log_loss",
    "ECE": "ece",
}
"""Columns of the table, by the name of what they hold in `metrics.json`."""

MIXED = "verdict"
"""What the verdicts are called together where pictures follow different sources."""

_NO_VERDICT = "no verdict"
_LONGEST_NAME = 40


def print_report(console: Console, metrics: Mapping, *, about_labels: list[str]) -> None:
    """Prints the figures of each source, and the confusion counts of what is followed.

    Args:
        console: Where to print.
        metrics: What stands in `metrics.json`.
        about_labels: What there is to say about scene labels.
    """
    for line in _introduction(metrics, about_labels):
        console.print(line, markup=False, soft_wrap=True)
    console.print()
    console.print(_figures(metrics))
    follows = metrics["follows"]
    which = ", ".join(f"{name} in {counted(n, 'picture')}" for name, n in follows.items())
    for line in (
        f"* The verdict that predict gives: {which or 'none'}.",
        "accuracy and balanced count a picture without a verdict as wrong, the others leave it "
        "out; below each figure its 95 % interval.",
    ):
        console.print(line, markup=False)
    console.print()
    console.print("How often pictures of each class got which verdict *")
    console.print(_confusion(metrics["verdict"]))


def draw_figures(folder: Path, verdicts: GroupVerdicts, *, metrics: Mapping) -> str | None:
    """Draws the confusion counts, the reliability diagram and all sources side by side.

    Args:
        folder: Where the pictures go, called by `PICTURES`.
        verdicts: The verdicts.
        metrics: What stands in `metrics.json`.

    Returns:
        Why there are no pictures, if there are none.
    """
    try:
        with needing_extra("groups", what="No pictures", modules=["matplotlib"]):
            from emo_tf import plots
    except EmoError as error:
        return str(error)
    name, by = _short_name(metrics), ", ".join(metrics["follows"]) or "nothing"
    about = f"{name}: {counted(metrics['pictures'], 'picture')}"
    judged = ~np.isnan(verdicts.followed).all(axis=1)
    rows = _rows(metrics)
    confusion = plots.class_confusion_figure(
        _counts(metrics["verdict"]),
        actual=GROUP_EMOTIONS,
        predicted=(*GROUP_EMOTIONS, _NO_VERDICT),
        title=f"{about}\nverdicts by {by}",
    )
    reliability = plots.reliability_figure(
        verdicts.followed[judged], verdicts.actual[judged], title=f"{name}\nby {by}"
    )
    accuracy = plots.accuracy_intervals_figure(
        rows,
        {source: figures["intervals"] for source, figures in rows.items()},
        title=f"{about}\n* the verdict that is followed",
        chance=1 / len(GROUP_EMOTIONS),
    )
    for file, figure in zip(PICTURES, (confusion, reliability, accuracy), strict=True):
        plots.save_figure(figure, folder / file)
    return None


def _introduction(metrics: Mapping, about_labels: list[str]) -> list[str]:
    split = metrics["split"]
    by_class = ", ".join(f"{n:,} {name}" for name, n in metrics["pictures_by_class"].items())
    lines = [
        f"{metrics['folder']}{f' on {split}' if split else ''}: "
        f"{counted(metrics['pictures'], 'picture')} ({by_class})"
    ]
    if VALIDATION in (split or "").split():
        lines.append(
            f"These are figures on {split}: on {VALIDATION} settings and models are chosen, so "
            "they are not figures on test."
        )
    said = {
        "failed": "could not be read",
        "without_truth": "left out, the true class being unknown",
        "rows_without_picture": f"of the rows of {metrics['truth']} without a picture",
    }
    counts = [f"{metrics[key]} {words}" for key, words in said.items() if metrics[key]]
    counts += [f"{n} got no verdict: {reason}" for reason, n in metrics["reasons"].items()]
    counts += about_labels
    return [*lines, *(["; ".join(counts)] if counts else [])]


def _rows(metrics: Mapping) -> dict[str, Mapping]:
    """Returns the figures by what to call them, what is followed marked."""
    follows = list(metrics["follows"])
    rows = {
        f"{name} *" if [name] == follows else name: figures
        for name, figures in metrics["sources"].items()
    }
    return rows | ({f"{MIXED} *": metrics["verdict"]} if len(follows) > 1 else {})


def _figures(metrics: Mapping) -> Table:
    table = Table("source", box=None, pad_edge=False)
    for name in (*COLUMNS, "verdicts"):
        table.add_column(name, justify="right")
    for name, figures in _rows(metrics).items():
        values = [_shown(figures[key]) for key in COLUMNS.values()]
        style = "bold" if name.endswith("*") else None
        table.add_row(name, *values, f"{figures['verdicts']:,}", style=style)
        ends = [_interval(figures["intervals"][key]) for key in COLUMNS.values()]
        table.add_row("", *ends, "", style="dim")
    return table


def _confusion(figures: Mapping) -> Table:
    table = Table("actual", box=None, pad_edge=False)
    for name in (*GROUP_EMOTIONS, _NO_VERDICT):
        table.add_column(name, justify="right")
    for name, row in zip(GROUP_EMOTIONS, _counts(figures), strict=True):
        table.add_row(name, *(f"{count:,}" for count in row))
    return table


def _counts(figures: Mapping) -> np.ndarray:
    """Returns the confusion counts with a last column for no verdict, shape (3, 4)."""
    return np.column_stack([figures["confusion"], figures["without_verdict"]])


def _short_name(metrics: Mapping) -> str:
    """Returns a name of the folder that fits above a picture, and the split."""
    folder, split = Path(metrics["folder"]).resolve(), metrics["split"]
    name = folder.name
    if split is not None and split_name(name) == split:
        name = f"{folder.parent.name}/{name}"
    if len(name) > _LONGEST_NAME:
        name = f"...{name[-_LONGEST_NAME:]}"
    return f"{name} on {split}" if split else name


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(ends: tuple[float, float] | None) -> str:
    return "-" if ends is None else "{:.2f}-{:.2f}".format(*ends)

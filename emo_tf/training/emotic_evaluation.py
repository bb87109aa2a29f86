"""A run of EMOTIC measured on people it was not trained on."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from emo_tf.data.people import People
from emo_tf.errors import EmoError, in_place
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.metrics.example_slices import ExampleSlices
from emo_tf.metrics.slice_files import write_slices
from emo_tf.metrics.sliced_figures import emotic_figures
from emo_tf.metrics.slices import Sliced
from emo_tf.metrics.thresholds import predictions as above
from emo_tf.plots import (
    ablation_figure,
    calibration_figure,
    confusion_figure,
    draw_slices,
    precision_recall_figure,
    save_figure,
)
from emo_tf.training import evaluation_folder as files
from emo_tf.training.emotic_ablation import KEPT, Comparison, predict_silenced
from emo_tf.training.emotic_predictions import EmoticPredictions, predict_people
from emo_tf.training.emotic_run import MODEL, EmoticRun, read_run
from emo_tf.training.emotic_task import VALIDATION_SPLIT
from emo_tf.training.evaluation_folder import check_evaluation_folder, evaluation_folder
from emo_tf.training.mat_files import write_mat_files

SILENCED = "silenced"
TRAINED = "trained"
BY_CATEGORY = {
    "positives": "positives",
    "prevalence": "prevalence",
    "average_precision": "average_precision",
    "average_precision_interpolated": "average_precision_interpolated",
    "f1": "f1",
    "jaccard": "jaccard_by_category",
    "threshold": "thresholds",
}
"""Columns of `categories.csv` by the name of what they hold in `metrics.json`."""

Progress = Callable[[People], AbstractContextManager[Callable[[], None]]]
"""Opens the display of one split's progress and gives what to call after a batch."""


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found and wrote.

    Attributes:
        folder: Where it lies.
        metrics: What `metrics.json` holds.
        comparisons: Of B, I and B+I: `silenced`, one model with a branch silenced, and `trained`,
            models trained on these branches; those that were asked for.
        slices: The figures apart, by each column that was asked for.
    """

    folder: Path
    metrics: dict
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)
    slices: Sequence[Sliced] = ()


def evaluate_run(
    run: Path,
    *,
    split: str = "test",
    data_dir: Path | None = None,
    out: Path | None = None,
    ablate: bool = False,
    beside: Sequence[Path] = (),
    slices: Callable[[People], ExampleSlices] | None = None,
    progress: Progress = lambda _: nullcontext(lambda: None),
) -> Evaluation:
    """Measures an EMOTIC run that has ended, with thresholds of the validation split.

    Writes `metrics.json`, `categories.csv`, `thresholds.json` and `val_thresholds.npy` (NaN where
    there is no threshold), the four `.mat` files of the split, the figures in `plots/`, and where a
    comparison is asked for `ablation.json`, where slices are their tables and pictures: all of it,
    or nothing.

    Args:
        run: Folder of the run.
        split: Split of its data set to measure.
        data_dir: Where the data set lies, if not where it lay for training.
        out: Where to write, `evaluation/SPLIT` in the run by default. An earlier evaluation there
            is replaced once the new one is complete.
        ablate: Whether to silence each branch of the model in turn; see `predict_silenced`.
        beside: Runs trained on other branches, to be measured on the same people and put beside.
        slices: Tells what people have in common by which they are to be measured apart.
        progress: Opens the display of one split's progress and gives what to call after a batch.

    Raises:
        EmoError: A run or its data set cannot be read, there is no such split or nobody in it, the
            folder to write holds something else, the model has no branch to silence, or a run
            beside is of the same branches as another or of another data set.
    """
    run = Path(run)
    measured = read_run(run)
    folder = Path(out) if out is not None else run / "evaluation" / split
    others = [read_run(path) for path in beside]
    _check_beside([measured, *others], any_data=data_dir is not None)
    names = tuple(dict.fromkeys([VALIDATION_SPLIT, split]))
    splits = {
        each.folder: {name: each.people(name, data_dir=data_dir) for name in names}
        for each in (measured, *others)
    }
    check_evaluation_folder(folder)
    chosen = None if slices is None else slices(splits[run][split])
    comparisons = {}
    if ablate:
        with in_place(str(run / MODEL)):
            variants = predict_silenced(
                measured.model, splits[run], mean_of=VALIDATION_SPLIT, progress=progress
            )
        reports = {name: _report(measured, variants[name], split) for name in variants}
        comparisons[SILENCED] = Comparison(reports)
        predicted = variants[measured.branches]
    else:
        predicted = _predict(measured, splits[run], progress)
    if others:
        trained = {measured.branches: (measured, predicted)} | {
            other.branches: (other, _predict(other, splits[other.folder], progress))
            for other in others
        }
        reports = {name: _report(*trained[name], split) for name in KEPT if name in trained}
        comparisons[TRAINED] = Comparison(reports)
    metrics = _metrics(measured, predicted, split)
    apart = () if chosen is None else _apart(chosen, predicted, split)
    with evaluation_folder(folder) as fresh:
        _write_json(metrics, fresh / files.METRICS)
        _write_predictions(predicted, split, fresh)
        _write_categories(metrics, fresh / files.CATEGORIES)
        if comparisons:
            sources = {each.branches: each for each in (measured, *others)}
            _write_comparisons(comparisons, split, sources, fresh)
        if apart:
            write_slices(fresh, apart)
            draw_slices(fresh, apart, title=f"{measured.name} on {split}")
    return Evaluation(folder, metrics, comparisons, apart)


def _check_beside(runs: Sequence[EmoticRun], *, any_data: bool) -> None:
    """Checks that runs can be compared: other branches each, the same people."""
    first, *others = runs
    seen = {first.branches: first}
    for other in others:
        if other.branches in seen:
            raise EmoError(
                f"{other.folder}: expected a run of other branches than "
                f"{seen[other.branches].folder}. Received: {other.branches}, as that"
            )
        seen[other.branches] = other
        ours, theirs = ((each.dataset, each.data_dir.resolve()) for each in (first, other))
        if theirs[0] != ours[0] or (theirs[1] != ours[1] and not any_data):
            raise EmoError(
                f"{other.folder}: expected a run on the data set of {first.folder}, {ours[0]} in "
                f"{ours[1]}. Received: {theirs[0]} in {theirs[1]}"
            )


def _predict(
    run: EmoticRun, splits: Mapping[str, People], progress: Progress
) -> dict[str, EmoticPredictions]:
    predicted = {}
    for split, people in splits.items():
        with progress(people) as advance:
            predicted[split] = predict_people(run.model, people, advance=advance)
    return predicted


def _report(run: EmoticRun, predicted: Mapping[str, EmoticPredictions], split: str) -> dict:
    with in_place(str(run.folder / MODEL)):
        return predicted[split].report(thresholds=predicted[VALIDATION_SPLIT].thresholds)


def _metrics(run: EmoticRun, predicted: Mapping[str, EmoticPredictions], split: str) -> dict:
    report = _report(run, predicted, split)
    chosen_on = len(predicted[VALIDATION_SPLIT].labels)
    return {
        "run": run.name,
        "model": _source(run),
        "dataset": run.dataset,
        "split": split,
        "thresholds_from": {"split": VALIDATION_SPLIT, "people": chosen_on},
        **report,
        "prevalence": {
            category: round(count / report["people"], 5)
            for category, count in report["positives"].items()
        },
    }


def _apart(
    chosen: ExampleSlices, predicted: Mapping[str, EmoticPredictions], split: str
) -> Sequence[Sliced]:
    people = predicted[split]
    return chosen.measure(
        emotic_figures(
            people.labels,
            people.scores,
            people.vad_labels,
            people.vad,
            thresholds=predicted[VALIDATION_SPLIT].thresholds,
        )
    )


def _source(run: EmoticRun) -> dict[str, str]:
    return {
        "branches": run.branches,
        "file": str((run.folder / MODEL).resolve()),
        "sha256": run.sha256,
    }


def _write_predictions(
    predicted: Mapping[str, EmoticPredictions], split: str, folder: Path
) -> None:
    thresholds = predicted[VALIDATION_SPLIT].thresholds
    by_label = dict(zip(EMOTIC_CATEGORIES, thresholds.tolist(), strict=True))
    known = {label: value for label, value in by_label.items() if not np.isnan(value)}
    _write_json(known, folder / files.THRESHOLDS)
    np.save(folder / files.VALIDATION_THRESHOLDS, thresholds)
    people = predicted[split]
    write_mat_files(people, folder, split=split)
    chosen = above(people.scores, thresholds)
    figures = {
        "precision_recall": precision_recall_figure(
            people.labels, people.scores, names=EMOTIC_CATEGORIES
        ),
        "confusion": confusion_figure(people.labels, chosen, names=EMOTIC_CATEGORIES),
        "calibration": calibration_figure(people.vad_labels, people.vad),
    }
    for name, figure in figures.items():
        save_figure(figure, folder / files.PLOTS / f"{name}.png")


def _write_categories(metrics: Mapping, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["category", *BY_CATEGORY])
        for category in EMOTIC_CATEGORIES:
            # A cell is empty where there is no number.
            writer.writerow([category, *(metrics[name][category] for name in BY_CATEGORY.values())])


def _write_comparisons(
    comparisons: Mapping[str, Comparison],
    split: str,
    sources: Mapping[str, EmoticRun],
    folder: Path,
) -> None:
    values = {kind: comparison.to_dict() for kind, comparison in comparisons.items()}
    if TRAINED in comparisons:
        values[TRAINED]["sources"] = {name: _source(run) for name, run in sources.items()}
    _write_json({"split": split} | values, folder / files.ABLATION)
    for kind, comparison in comparisons.items():
        name = "ablation" if kind == SILENCED else f"ablation_{kind}"
        figure = ablation_figure(comparison.average_precision)
        save_figure(figure, folder / files.PLOTS / f"{name}.png")


def _write_json(values: Mapping, path: Path) -> None:
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")

"""What `emo-tf evaluate --run` writes and prints of a run of groups."""

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from emo_tf.cli.evaluate.group_report import draw_figures, print_report
from emo_tf.cli.evaluate.slice_columns import SliceColumns
from emo_tf.cli.evaluate.slice_report import print_slices, write_and_draw_slices
from emo_tf.cli.progress import progress_bar
from emo_tf.errors import EmoError
from emo_tf.groups.group_evaluation import GroupVerdicts, verdict_figures
from emo_tf.groups.group_evaluation_folder import (
    FORMAT,
    METRICS,
    OUTPUTS,
    PREDICTIONS,
    check_group_evaluation_folder,
    group_evaluation_folder,
)
from emo_tf.groups.model_outputs import write_outputs
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.training.group_predictions import GroupPredictions
from emo_tf.training.group_run import PICTURES_AT_A_TIME, GroupRun, read_group_run


@dataclass(frozen=True, eq=False)
class Measured:
    """What a run says of a split.

    Attributes:
        run: The run.
        found: What it says of the pictures.
        images: Their names.
    """

    run: GroupRun
    found: GroupPredictions
    images: tuple[str, ...]

    @property
    def probabilities(self) -> np.ndarray:
        """Shape (N, 3), NaN in the row of a picture without a verdict."""
        return self.found.probabilities(temperature=self.run.metadata.temperature or 1.0)


def evaluate_group_run(
    run: Path,
    *,
    split: str | None,
    data_dir: Path | None,
    out: Path | None,
    beside: Sequence[Path] = (),
    slices: SliceColumns | None = None,
) -> None:
    """Measures a run of groups that has ended, writes what came out and prints it.

    Args:
        run: Folder of the run.
        split: Split of its data set; by default as `GroupRun.pictures` says.
        data_dir: Where the data set lies, if not where it lay for training.
        out: Where to write, `evaluation/SPLIT` in the run by default.
        beside: Other runs to measure on the same pictures and to put beside.
        slices: What pictures are to be measured apart by.

    Raises:
        EmoError: A run or its data set cannot be read, there is no such split or a picture in it
            has no label, the folder to write holds something else, a run beside has the name of
            another or other pictures, or pictures cannot be told apart as asked.
    """
    runs = [read_group_run(path) for path in (run, *beside)]
    _check_names(runs)
    first = runs[0].pictures(split, data_dir=data_dir)
    folder = out or Path(run) / "evaluation" / first.split
    check_group_evaluation_folder(folder)
    chosen = None if slices is None else slices.of_examples(first)
    console = Console(file=sys.stdout, highlight=False)
    measured = []
    with progress_bar(console, len(runs) * -(-first.count // PICTURES_AT_A_TIME)) as advance:
        for one in runs:
            pictures = one.pictures(first.split, data_dir=data_dir)
            found = one.predict(pictures, advance=advance)
            measured.append(Measured(one, found, pictures.filenames()))
    _check_pictures(measured)
    labels = measured[0].found.labels
    verdicts = GroupVerdicts(
        (),
        labels,
        tuple(one.run.name for one in measured),
        np.stack([one.probabilities for one in measured], axis=1),
        measured[0].probabilities,
    )
    metrics = _metrics(measured, split=first.split)
    apart = verdicts.measure_apart(chosen)
    with group_evaluation_folder(folder) as place:
        (place / METRICS).write_text(json.dumps(metrics, indent=1) + "\n", "utf-8")
        _write_predictions(place / PREDICTIONS, measured[0])
        write_outputs(
            place / OUTPUTS,
            probabilities=verdicts.probabilities,
            labels=labels,
            models=verdicts.sources,
            images=measured[0].images,
        )
        missing = draw_figures(place, verdicts, metrics=metrics)
        if apart:
            write_and_draw_slices(place, apart, title=f"{runs[0].name} on {first.split}")
        names = sorted(path.name for path in place.iterdir())
    print_report(console, metrics, about_labels=[])
    print_slices(console, apart)
    for line in (f"Wrote {folder}: {', '.join(names)}", *([missing] if missing else [])):
        console.print(line, markup=False, soft_wrap=True)


def _check_names(runs: Sequence[GroupRun]) -> None:
    """Checks that each run has a name of its own: it tells whose outputs are whose."""
    seen = {}
    for run in runs:
        other = seen.setdefault(run.name, run)
        if other is not run:
            raise EmoError(
                f"{run.folder}: expected a run of another experiment than {other.folder}. "
                f"Received: {run.name}, as that"
            )


def _check_pictures(measured: Sequence[Measured]) -> None:
    first = measured[0]
    for other in measured[1:]:
        if other.images != first.images:
            raise EmoError(
                f"{other.run.folder}: expected a run on the pictures of {first.run.folder}. "
                f"Received: others, of {other.run.dataset} in {other.run.data_dir}"
            )


def _metrics(measured: Sequence[Measured], *, split: str) -> dict[str, object]:
    """Returns what `metrics.json` holds, by the names that `emo-tf evaluate group` gives it."""
    run, found = measured[0].run, measured[0].found
    silent = int((~found.judged).sum())
    counts = np.bincount(found.labels, minlength=len(GROUP_EMOTIONS)).tolist()
    sources = {one.run.name: verdict_figures(one.probabilities, found.labels) for one in measured}
    return {
        "format": FORMAT,
        "folder": str(run.folder),
        "split": split,
        "truth": run.dataset,
        "models": {one.run.name: _described(one) for one in measured},
        "classes": list(GROUP_EMOTIONS),
        "pictures": len(found.labels),
        "pictures_by_class": dict(zip(GROUP_EMOTIONS, counts, strict=True)),
        "without_verdict": silent,
        "reasons": {"no faces": silent} if silent else {},
        "follows": {run.name: len(found.labels) - silent},
        "verdict": sources[run.name],
        "sources": sources,
        "failed": 0,
        "without_truth": 0,
        "rows_without_picture": 0,
    }


def _described(one: Measured) -> dict[str, object]:
    faces = one.found.faces
    return {
        "run": str(one.run.folder),
        "sha256": one.run.sha256,
        "temperature": one.run.metadata.temperature,
        "pictures_without_faces": None if faces is None else int((faces == 0).sum()),
    }


def _write_predictions(path: Path, measured: Measured) -> None:
    """Writes a row a picture: its verdict, empty where there is none."""
    found, probabilities = measured.found, measured.probabilities
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(("image", "actual", "label", *GROUP_EMOTIONS, "faces"))
        for index, image in enumerate(measured.images):
            judged, row = found.judged[index], probabilities[index]
            table.writerow(
                (
                    image,
                    GROUP_EMOTIONS[found.labels[index]],
                    GROUP_EMOTIONS[row.argmax()] if judged else "",
                    *(round(float(p), 6) if judged else "" for p in row),
                    "" if found.faces is None else found.faces[index],
                )
            )

"""`emo-tf evaluate group`: verdicts on pictures of people whose class is known."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from emo_tf.cli.analyzer_options import MaxPixelsOption, MinFaceOption, ThreadsOption
from emo_tf.cli.evaluate.group_report import draw_figures, print_report
from emo_tf.cli.evaluate.slice_columns import (
    AttributesOption,
    MinSliceOption,
    SliceColumns,
    SlicesOption,
)
from emo_tf.cli.evaluate.slice_report import print_slices, write_and_draw_slices
from emo_tf.cli.group_options import (
    EnsembleOption,
    SceneLabelCount,
    SceneLabelsOption,
    SceneNetworkOption,
    group_settings,
)
from emo_tf.cli.model_files import models_by_task
from emo_tf.cli.progress import progress_bar
from emo_tf.cli.sources import expand_sources
from emo_tf.errors import EmoError
from emo_tf.groups.group_evaluation import GroupVerdicts, evaluate_group
from emo_tf.groups.group_evaluation_folder import (
    CONFUSION,
    check_group_evaluation_folder,
    group_evaluation_folder,
    write_evaluation,
)
from emo_tf.groups.truth import Truth, split_name, splits_by_folder
from emo_tf.metrics.slices import FEWEST
from emo_tf.results import PhotoResult
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.runtime.image_io import MAX_PIXELS

SOME_FAILED = 1


def group(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", exists=True, file_okay=False, help="Folder of pictures, at any depth."
        ),
    ],
    truth: Annotated[
        str | None,
        typer.Option(
            metavar="CLASS|CSV",
            help="negative, neutral or positive, for all pictures; or a table with the columns "
            "image and actual.  [default: the folders named after the classes]",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            help="What the pictures are, such as val or test.  [default: by the folders' names]",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the results.")] = Path(
        "group_evaluation"
    ),
    model: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="A .tflite file, or the folder of an export or of an exported run, of task "
            "group or expression; may be repeated.",
            show_default=False,
        ),
    ] = None,
    scene_labels: SceneLabelsOption = None,
    scene_network: SceneNetworkOption = None,
    ensemble: EnsembleOption = None,
    min_face: MinFaceOption = None,
    threads: ThreadsOption = None,
    max_pixels: MaxPixelsOption = MAX_PIXELS,
    slices: SlicesOption = None,
    attributes: AttributesOption = None,
    min_slice: MinSliceOption = FEWEST,
) -> None:
    """Measure the verdicts on pictures of people: by faces, scenes, both, models, an ensemble.

    The true class of a picture is the nearest folder named negative, neutral or positive, in
    whatever case; or that of its row in a table, the one whose `image` its path ends with.

    Prints accuracy, balanced accuracy, log loss and expected calibration error (ECE) of each source
    of verdicts, with 95 % intervals, and the confusion counts. The folder of the results holds
    `metrics.json`, `predictions.csv`, `confusion.csv` (for `scenes fit`), `outputs.npz` (for
    `ensemble fit`), and with matplotlib `confusion.png`, `reliability.png` and `accuracy.png`; with
    `--slices` also `slices.json`, `slices.csv` and a picture a column. It is complete, or as it was
    before. A picture that cannot be read makes the exit code 1; the
    others are still measured.

    **Examples**

    `emo-tf evaluate group pictures/val`

    `emo-tf evaluate group party/ --truth positive --out party_figures`

    `emo-tf evaluate group album/ --truth truth.csv --split test`

    `emo-tf evaluate group pictures/val --scene-labels labels.json --scene-network groups.json`

    `emo-tf evaluate group pictures/val --slices light --attributes pictures.csv`
    """
    check_group_evaluation_folder(out)
    columns = SliceColumns.chosen(slices, attributes=attributes, min_slice=min_slice)
    models = models_by_task(model or ())
    if models.emotic:
        raise EmoError(
            "--model: expected models of task group or expression. "
            f"Received: {models.emotic}, of task emotic"
        )
    sources = expand_sources([str(folder)], left_out=out)
    pictures = [source.name for source in sources if source.error is None]
    if not pictures:
        raise EmoError(sources[0].error)
    true = Truth.of_pictures(pictures, folder, given=truth)
    judged = [picture for picture in pictures if picture in true.classes]
    if columns is not None:  # Before pictures are looked at for minutes.
        columns.of_pictures(judged)
    splits = _splits(judged, folder, given=split)
    settings = group_settings(
        scene_labels=scene_labels,
        scene_network=scene_network,
        ensemble=ensemble,
        models=models,
        pictures=judged,
    )
    analyzer = Analyzer(
        expression_model=models.expression,
        min_face=min_face,
        threads=threads,
        max_pixels=max_pixels,
        **settings,
    )
    console = Console(highlight=False)
    failed = [source.error for source in sources if source.error is not None]
    labels = SceneLabelCount(settings.get("scene_labels"), settings.get("scene_network"))
    results: list[PhotoResult] = []
    with progress_bar(console, len(judged)) as advance:
        for result in analyzer.analyze_many(judged):
            labels.add(result)
            results += [result] if result.error is None else []
            failed += [] if result.error is None else [result.error]
            advance()
    for error in failed:
        print(f"emo-tf: {error}", file=sys.stderr)
    if not results:
        raise EmoError(f"{folder}: expected a picture that can be read. Received: none of them")
    verdicts = GroupVerdicts.of_results(results, [true.classes[one.source] for one in results])
    metrics = {
        "folder": str(folder),
        "split": " and ".join(splits) or None,
        "truth": true.source,
        **evaluate_group(verdicts),
        "failed": len(failed),
        "without_truth": len(pictures) - len(judged),
        "rows_without_picture": true.rows_without_picture,
        "settings": {
            "expression_model": _text(models.expression),
            "group_models": list(map(str, models.group)),
            "scene_labels": _text(scene_labels),
            "scene_network": _text(scene_network),
            "ensemble": _text(ensemble),
            "min_face": analyzer.min_face,
            "max_pixels": max_pixels,
        },
    }
    images = [Path(one.source).relative_to(folder).as_posix() for one in results]
    chosen = None if columns is None else columns.of_pictures([one.source for one in results])
    apart = verdicts.measure_apart(chosen)
    with group_evaluation_folder(out) as place:
        write_evaluation(place, verdicts, images=images, metrics=metrics)
        missing = draw_figures(place, verdicts, metrics=metrics)
        if apart:
            write_and_draw_slices(place, apart, title=folder.resolve().name)
        names = sorted(path.name for path in place.iterdir())
    print_report(console, metrics, about_labels=labels.words())
    print_slices(console, apart)
    said = [f"Wrote {out}: {', '.join(names)}", *([missing] if missing else [])]
    if CONFUSION not in names:
        said.append(f"No {CONFUSION}: it takes faces in pictures of every class.")
    for line in said:
        console.print(line, markup=False, soft_wrap=True)
    if failed:
        raise typer.Exit(SOME_FAILED)


def _splits(pictures: list[str], folder: Path, *, given: str | None) -> tuple[str, ...]:
    """Returns the splits that the pictures are of, as far as that is known."""
    found = splits_by_folder(map(Path, pictures), folder)
    if given is None:
        return found
    if len(found) > 1:
        raise EmoError(
            f"--split {given}: expected pictures of one split. "
            f"Received: {folder} with folders of {', '.join(found)}"
        )
    return (split_name(given),)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)

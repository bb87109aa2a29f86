"""`emo-tf scenes evaluate`: a scene network measured on pictures whose class is known."""

import csv as csv_files
import json as json_files
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from emo_tf.cli.figure_table import AS_IS, figure_table
from emo_tf.cli.output import STANDARD_OUTPUT, check_targets, text_stream
from emo_tf.groups.scene_evaluation import evaluate_network, labels_of_pictures, network_verdicts
from emo_tf.groups.scene_tables import FaceVerdicts
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.results import GROUP_EVIDENCE
from emo_tf.runtime.scene_labels import SceneLabels
from emo_tf.runtime.scene_network import SceneNetwork

CSV_COLUMNS = ("image", "actual", *GROUP_EMOTIONS, *GROUP_EVIDENCE)


def evaluate(
    network: Annotated[
        Path, typer.Option(metavar="NET.json", help="A network that `emo-tf scenes fit` wrote.")
    ],
    labels: Annotated[
        Path,
        typer.Option(metavar="JSON", help='Scene labels: `{"pos_1.jpg": ["team", ...], ...}`.'),
    ],
    faces: Annotated[
        Path,
        typer.Option(
            metavar="CSV",
            help="Columns `image`, `actual` and `cnn`, the verdict of the faces, empty for a "
            "picture without; or `negative`, `neutral`, `positive` with its probabilities.",
        ),
    ],
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Write all figures as JSON.", show_default=False),
    ] = None,
    csv: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|-",
            help="Write a row a picture: the probabilities by faces and scene together, and the "
            "class by faces, by scene and by both.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Measure a network by faces alone, by scene labels alone (scenes) and by both (hybrid).

    Prints accuracy, balanced accuracy, log loss and expected calibration error (15 bins), with
    95 % intervals from 1,000 resamples of the pictures. Every picture counts: one without a
    face has the network's prior as its verdict by faces, one without a known label as that by
    scene; where the prior is even, that is `negative`, the first class. The accuracy among those
    that have such evidence stands below.

    Labels that the network does not know are passed over and counted. Labels of which it knows
    less than a tenth come from another labeller, and are refused.

    **Examples**

    `emo-tf scenes evaluate --network net.json --labels val_labels.json --faces val_faces.csv`

    `emo-tf scenes evaluate --network net.json --labels val_labels.json --faces val_faces.csv
    --json figures.json --csv verdicts.csv`

    `emo-tf scenes evaluate --network net.json --labels val_labels.json --faces val_faces.csv
    --json - | jq .hybrid.accuracy`
    """
    targets = {"--json": json, "--csv": csv}
    check_targets(targets, inputs={network, labels, faces})
    fitted = SceneNetwork.read(network)
    scene_labels, verdicts = SceneLabels.read(labels), FaceVerdicts.read(faces)
    figures = evaluate_network(fitted, scene_labels, verdicts=verdicts)
    with ExitStack() as outputs:
        if json:
            stream = outputs.enter_context(text_stream(json))
            stream.write(json_files.dumps(figures, indent=1) + "\n")
        if csv:
            stream = outputs.enter_context(text_stream(csv))
            table = csv_files.writer(stream, lineterminator="\n")
            table.writerow(CSV_COLUMNS)
            table.writerows(_rows(fitted, scene_labels, verdicts=verdicts))
    console = Console(stderr=STANDARD_OUTPUT in targets.values(), highlight=False)
    console.print(f"{network} on {faces}, pictures: {figures['pictures']:,}", **AS_IS)
    console.print(_table(figures))
    wrote = [target for target in targets.values() if target not in (None, STANDARD_OUTPUT)]
    for line in (*_remarks(figures), *(f"Wrote {target}" for target in wrote)):
        console.print(line, **AS_IS)


def _table(figures: Mapping) -> Table:
    table = figure_table(GROUP_EVIDENCE, [figures[kind] for kind in GROUP_EVIDENCE])
    table.add_section()
    table.add_row("with evidence", *(f"{figures[kind]['verdicts']:,}" for kind in GROUP_EVIDENCE))
    shares = (figures[kind]["accuracy_of_verdicts"] for kind in GROUP_EVIDENCE)
    table.add_row("accuracy there", *("-" if one is None else f"{one:.3f}" for one in shares))
    return table


def _remarks(figures: Mapping) -> Iterator[str]:
    """Yields what a reader has to know about the pictures and labels behind the table."""
    of_all = f"of {figures['pictures']:,}"
    if figures["without_face"]:
        yield (
            f"Without a face: {figures['without_face']:,} {of_all}; by faces they have the prior, "
            f"whose ties go to {GROUP_EMOTIONS[0]}."
        )
    if figures["without_labels"]:
        yield (
            f"Without labels: {figures['without_labels']:,} {of_all}, without even an entry: "
            f"{figures['without_entry']:,}"
        )
    unknown = figures["unknown_labels"]
    if unknown["kinds"]:
        named = ", ".join(f"{one['label']} ({one['uses']:,})" for one in unknown["most_common"])
        yield (
            f"Labels that the network does not know: {unknown['kinds']:,}; their uses: "
            f"{unknown['uses']:,}; the most common: {named}"
        )


def _rows(
    network: SceneNetwork, labels: SceneLabels, *, verdicts: FaceVerdicts
) -> Iterator[list[str]]:
    its_labels = labels_of_pictures(network, labels, pictures=verdicts.pictures)
    posteriors = network_verdicts(network, its_labels, faces=verdicts.faces)
    for row, (picture, actual) in enumerate(zip(verdicts.pictures, verdicts.actual, strict=True)):
        yield [
            picture,
            GROUP_EMOTIONS[actual],
            *(f"{one:.5f}" for one in posteriors["hybrid"][row]),
            *(GROUP_EMOTIONS[posterior[row].argmax()] for posterior in posteriors.values()),
        ]

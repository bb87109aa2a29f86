"""`emo-tf predict`: pictures in, faces and their apparent expressions out."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from emo_tf.cli.drawings import plan_drawings
from emo_tf.cli.output import STANDARD_OUTPUT, check_targets, csv_rows, json_lines
from emo_tf.cli.progress import progress_bar
from emo_tf.cli.result_table import ResultTable
from emo_tf.cli.sources import PictureSource, expand_sources
from emo_tf.cli.wording import counted
from emo_tf.results import PhotoResult
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.runtime.annotate import PhotoAnnotator
from emo_tf.runtime.face_detector import MIN_FACE
from emo_tf.runtime.image_io import MAX_PIXELS, write_image

SOME_FAILED = 1


def predict(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Pictures, folders, quoted patterns such as 'a/**/*.jpg', or - for the bytes of "
            "one picture on standard input.",
            show_default=False,
        ),
    ],
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Write JSON Lines, one object a source."),
    ] = None,
    csv: Annotated[
        str | None, typer.Option(metavar="FILE|-", help="Write CSV, one row a face.")
    ] = None,
    draw: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the pictures there, what was found drawn in."),
    ] = None,
    min_face: Annotated[
        float, typer.Option(metavar="PX", help="Smallest face looked for, in pixels.")
    ] = MIN_FACE,
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Threads for the networks, all cores by default."),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(metavar="FILE.tflite", help="An expression model other than the shipped."),
    ] = None,
    group: Annotated[
        bool, typer.Option("--group/--no-group", help="Give a verdict on the picture as a whole.")
    ] = True,
    max_pixels: Annotated[
        int, typer.Option(metavar="N", min=1, help="Refuse pictures with more pixels.")
    ] = MAX_PIXELS,
) -> None:
    """Finds the faces in pictures and tells their apparent expression.

    Prints a table. A picture that cannot be read is reported in it and makes the exit code 1; the
    others are still done.

    Examples:

        emo-tf predict family.jpg

        emo-tf predict holiday/ --draw annotated/ --csv faces.csv

        emo-tf predict 'albums/**/*.jpg' --json results.jsonl --no-group

        cat team.jpg | emo-tf predict - --json - | jq .group.label
    """
    started = perf_counter()
    found = expand_sources(sources, left_out=draw)
    readable = [source for source in found if source.error is None]
    inputs = {source.path for source in readable if source.path}
    check_targets({"--json": json, "--csv": csv}, inputs=inputs)
    drawings = plan_drawings(readable, draw) if draw else {}
    analyzer = Analyzer(
        expression_model=model,
        min_face=min_face,
        threads=threads,
        group=group,
        max_pixels=max_pixels,
    )
    console = Console(stderr=STANDARD_OUTPUT in (json, csv), highlight=False)
    with ExitStack() as outputs:
        writers = [ResultTable(console, [source.name for source in found]).add]
        if json:
            writers.append(outputs.enter_context(json_lines(json)))
        if csv:
            writers.append(outputs.enter_context(csv_rows(csv)))
        advance = outputs.enter_context(progress_bar(console, len(found)))
        annotator = PhotoAnnotator()
        counts, drawn = Counter(), set()
        results = _results(analyzer, found, with_images=draw is not None)
        for source, (result, image) in zip(found, results, strict=True):
            for write in writers:
                write(result)
            if image is not None:
                write_image(drawings[source], annotator.annotate(image, result))
                drawn.add(drawings[source])
            counts.update(sources=1, faces=len(result.faces), failed=int(result.error is not None))
            advance()
    wrote = [target for target in (json, csv) if target not in (None, STANDARD_OUTPUT)]
    if draw:
        wrote.append(f"{counted(len(drawn), 'picture')} to {draw}")
    for line in (_summary(counts, perf_counter() - started), *(f"wrote {what}" for what in wrote)):
        console.print(line, markup=False, soft_wrap=True)
    if counts["failed"]:
        raise typer.Exit(SOME_FAILED)


def _summary(counts: Counter, seconds: float) -> str:
    done = [counted(counts["sources"], "picture"), counted(counts["faces"], "face")]
    failed = [f"{counts['failed']} failed"] if counts["failed"] else []
    return ", ".join([*done, *failed, f"{seconds:.1f} s"])


def _results(
    analyzer: Analyzer, sources: Sequence[PictureSource], *, with_images: bool
) -> Iterator[tuple[PhotoResult, np.ndarray | None]]:
    """Gives one result a source in their order, those that stand for no picture included."""
    for failed, part in itertools.groupby(sources, lambda source: source.error is not None):
        if failed:
            yield from ((PhotoResult(source.name, error=source.error), None) for source in part)
        elif with_images:
            yield from analyzer.analyze_with_images(source.content() for source in part)
        else:
            contents = (source.content() for source in part)
            yield from ((result, None) for result in analyzer.analyze_many(contents))

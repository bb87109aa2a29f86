"""`emo-tf predict`: pictures in, faces, people and how they appear out."""

import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console

from emo_tf.cli.analyzer_options import MaxPixelsOption, MinFaceOption, ThreadsOption
from emo_tf.cli.box_lists import is_box_list
from emo_tf.cli.drawings import plan_drawings
from emo_tf.cli.face_notes import FaceNotes
from emo_tf.cli.group_options import (
    EnsembleOption,
    SceneLabelCount,
    SceneLabelsOption,
    SceneNetworkOption,
    group_settings,
)
from emo_tf.cli.model_files import EMOTIC, models_by_task
from emo_tf.cli.outcomes import outcomes
from emo_tf.cli.output import STANDARD_OUTPUT, check_targets, csv_rows, json_lines, text_rows
from emo_tf.cli.progress import progress_bar
from emo_tf.cli.result_table import ResultTable
from emo_tf.cli.sources import expand_sources
from emo_tf.cli.submission import plan_submission, submission
from emo_tf.cli.wording import counted
from emo_tf.errors import EmoError
from emo_tf.results import PhotoResult
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.runtime.annotate import PhotoAnnotator
from emo_tf.runtime.image_io import MAX_PIXELS, write_image

SOME_FAILED = 1


def predict(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Pictures, folders, quoted patterns such as 'a/**/*.jpg', lists of people "
            "(.txt), or - for the bytes of one picture on standard input.",
            show_default=False,
        ),
    ],
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Write JSON Lines, one object a source."),
    ] = None,
    csv: Annotated[
        str | None, typer.Option(metavar="FILE|-", help="Write CSV, one row a face and a person.")
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|-",
            help="Write one row a person: path, categories above their thresholds, valence, "
            "arousal, dominance; people of a list in its order.",
        ),
    ] = None,
    submission_folder: Annotated[
        Path | None,
        typer.Option(
            "--submission",
            metavar="DIR",
            help="Write one text file a picture there with the class of its group, as the EmotiW "
            "challenge takes them.",
        ),
    ] = None,
    draw: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the pictures there, what was found drawn in."),
    ] = None,
    min_face: MinFaceOption = None,
    threads: ThreadsOption = None,
    model: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="A .tflite file, or the folder of an export or of a run that was exported. One of "
            "task emotic looks at people in their scenes, one of task expression stands in for "
            "the shipped one; may be given once for each. Those of task group look at the whole "
            "picture, at its faces or both; several are averaged, or joined by --ensemble.",
            show_default=False,
        ),
    ] = None,
    person_detector: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.tflite",
            help="A detection model that finds the people; without one their bodies are guessed "
            "from the faces.",
        ),
    ] = None,
    group: Annotated[
        bool, typer.Option("--group/--no-group", help="Give a verdict on the picture as a whole.")
    ] = True,
    scene_labels: SceneLabelsOption = None,
    scene_network: SceneNetworkOption = None,
    ensemble: EnsembleOption = None,
    max_pixels: MaxPixelsOption = MAX_PIXELS,
) -> None:
    """Finds the faces in pictures and tells their apparent expression.

    With a model of task emotic it also tells the apparent emotion of people from body and scene:
    26 categories, valence, arousal and dominance.

    The verdict on the picture as a whole comes from the faces; with scene labels and a network
    from both; with a model of task group from that, with several from their mean or ensemble.
    Labels are found by the ending of a picture's path.

    Models look at the largest faces of a picture that has more than they take, and stderr says so.

    Prints a table. A picture that cannot be read is reported in it and makes the exit code 1; the
    others are still done.

    A list is a text file with a row `path x1 y1 x2 y2` for each person, in pixels. Relative paths
    are looked for in the folder of the list, then in the working directory. Empty rows and those
    that begin with # are passed over.

    Examples:

        emo-tf predict family.jpg

        emo-tf predict holiday/ --draw annotated/ --csv faces.csv

        emo-tf predict 'albums/**/*.jpg' --json results.jsonl --no-group

        cat team.jpg | emo-tf predict - --json - | jq .group.label

        emo-tf predict people.txt --model runs/emotic_context --text results.txt

        emo-tf predict party/ --model emotic.tflite --person-detector ssd.tflite --draw annotated/

        emo-tf predict album/ --scene-labels labels.json --scene-network net.json

        emo-tf predict album/ --model a.tflite --model b.tflite --ensemble ensemble.json

        emo-tf predict test/ --model runs/attention --submission labels/
    """
    started = perf_counter()
    models = models_by_task(model or ())
    lists = [source for source in sources if is_box_list(source)]
    if not models.emotic:
        _refuse_people(lists, text=text, person_detector=person_detector)
    if submission_folder and not group:
        raise EmoError(
            "--submission: expected a verdict to be asked for with it. Received: --no-group"
        )
    found = expand_sources(sources, left_out=draw)
    readable = [source for source in found if source.error is None]
    inputs = {source.path for source in readable if source.path} | set(map(Path, lists))
    inputs |= {file for file in (scene_labels, scene_network, ensemble) if file}
    check_targets({"--json": json, "--csv": csv, "--text": text}, inputs=inputs)
    drawings = plan_drawings(readable, draw) if draw else {}
    to_submit = {}
    if submission_folder:
        to_submit = plan_submission(readable, submission_folder, drawings=draw)
    judged_by = group_settings(
        scene_labels=scene_labels,
        scene_network=scene_network,
        ensemble=ensemble,
        models=models,
        pictures=[source.name for source in readable],
    )
    labelled = SceneLabelCount(judged_by.get("scene_labels"), judged_by.get("scene_network"))
    analyzer = Analyzer(
        expression_model=models.expression,
        context_model=models.emotic,
        person_detector=person_detector,
        min_face=min_face,
        threads=threads,
        group=group,
        max_pixels=max_pixels,
        **judged_by,
    )
    targets, notes = (json, csv, text), FaceNotes()
    console = Console(stderr=STANDARD_OUTPUT in targets, highlight=False)
    with ExitStack() as outputs:
        names = [source.name for source in found]
        table = ResultTable(console, names, people=bool(models.emotic))
        writers = [table.add, labelled.add, notes.add]
        if json:
            writers.append(outputs.enter_context(json_lines(json)))
        if csv:
            writers.append(outputs.enter_context(csv_rows(csv)))
        submitted = None
        if submission_folder:
            submitted = outputs.enter_context(submission(submission_folder, to_submit))
            writers.append(submitted.add)
        write_text = outputs.enter_context(text_rows(text)) if text else None
        advance = outputs.enter_context(progress_bar(console, len(found)))
        annotator = PhotoAnnotator()
        counts, drawn = Counter(), set()
        came = outcomes(analyzer, found, with_images=draw is not None, max_pixels=max_pixels)
        for source, its_outcomes in zip(found, came, strict=True):
            for outcome in its_outcomes:
                for write in writers:
                    write(outcome.result)
                if write_text:
                    write_text(outcome.result, outcome.source.rows)
                if outcome.image is not None:
                    write_image(drawings[source], annotator.annotate(outcome.image, outcome.result))
                    drawn.add(drawings[source])
                counts.update(_counts(outcome.result))
            advance()
    wrote = [target for target in targets if target not in (None, STANDARD_OUTPUT)]
    if draw:
        wrote.append(f"{counted(len(drawn), 'picture')} to {draw}")
    if submitted:
        wrote.append(f"{counted(submitted.written, 'label')} to {submission_folder}")
    summary = ", ".join(
        [
            *_summary(counts, people=bool(models.emotic)),
            *labelled.words(),
            f"{perf_counter() - started:.1f} s",
        ]
    )
    for line in (summary, *(f"wrote {what}" for what in wrote)):
        console.print(line, markup=False, soft_wrap=True)
    complaints = submitted.complaints() if submitted else []
    for line in (*notes.lines(), *complaints):
        print(f"emo-tf: {line}", file=sys.stderr)
    if counts["failed"] or complaints:
        raise typer.Exit(SOME_FAILED)


def _refuse_people(lists: Sequence[str], *, text: str | None, person_detector: Path | None) -> None:
    """Refuses whatever only a model of people can use."""
    options = {"--text": text, "--person-detector": person_detector}
    wants = [*lists, *(option for option, value in options.items() if value is not None)]
    if wants:
        raise EmoError(
            f"{wants[0]}: expected a model of people too, --model PATH of task {EMOTIC}. "
            "Received: none"
        )


def _counts(result: PhotoResult) -> dict[str, int]:
    return {
        # A row of a list that failed is no picture.
        "pictures": int(not is_box_list(result.source)),
        "faces": len(result.faces),
        "people": len(result.people),
        "failed": int(result.error is not None),
    }


def _summary(counts: Counter, *, people: bool) -> list[str]:
    done = [counted(counts["pictures"], "picture"), counted(counts["faces"], "face")]
    if people:
        done.append(counted(counts["people"], "person", "people"))
    if counts["failed"]:
        done.append(f"{counts['failed']} failed")
    return done

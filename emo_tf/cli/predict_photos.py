"""`emo-tf predict` of pictures: faces, people and groups in them and how they appear."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import typer
from rich.console import Console

from emo_tf.cli.box_lists import is_box_list
from emo_tf.cli.drawings import plan_drawings
from emo_tf.cli.face_notes import FaceNotes
from emo_tf.cli.group_options import SceneLabelCount, group_settings
from emo_tf.cli.model_files import check_people_wanted, models_by_task
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
from emo_tf.runtime.image_io import write_image

SOME_FAILED = 1


def predict_photos(
    sources: Sequence[str],
    *,
    json: str | None,
    csv: str | None,
    text: str | None,
    submission_folder: Path | None,
    draw: Path | None,
    min_face: float | None,
    threads: int | None,
    model: Sequence[Path],
    person_detector: Path | None,
    group: bool,
    scene_labels: Path | None,
    scene_network: Path | None,
    ensemble: Path | None,
    max_pixels: int,
) -> None:
    """Analyses pictures, writes what was found and prints a table.

    The arguments are the options of `emo-tf predict`.

    Raises:
        EmoError: The options do not go together, or a file cannot be used.
        typer.Exit: Some pictures could not be read, or have no place in the submission.
    """
    started = perf_counter()
    models = models_by_task(model)
    lists = [source for source in sources if is_box_list(source)]
    of_people = {"--text": text, "--person-detector": person_detector}
    wants = [option for option, value in of_people.items() if value is not None]
    check_people_wanted(models, [*lists, *wants])
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
            *summary_words(counts, people=bool(models.emotic)),
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


def summary_words(counts: Mapping[str, int], *, people: bool) -> list[str]:
    """Returns what a summary says of pictures.

    Args:
        counts: How many `pictures`, `faces`, `people` and `failed` there are.
        people: Whether people were looked at too.
    """
    done = [counted(counts["pictures"], "picture"), counted(counts["faces"], "face")]
    if people:
        done.append(counted(counts["people"], "person", "people"))
    if counts["failed"]:
        done.append(f"{counts['failed']} failed")
    return done


def _counts(result: PhotoResult) -> dict[str, int]:
    return {
        # A row of a list that failed is no picture.
        "pictures": int(not is_box_list(result.source)),
        "faces": len(result.faces),
        "people": len(result.people),
        "failed": int(result.error is not None),
    }

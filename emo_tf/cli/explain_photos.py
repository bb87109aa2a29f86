"""`emo-tf explain`: what a model looked at in pictures as a table, drawings and JSON."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import typer
from rich.console import Console
from rich.text import Text

from emo_tf.cli.box_lists import is_box_list
from emo_tf.cli.drawings import plan_drawings
from emo_tf.cli.explained_tasks import Explain, ExplainSettings, explain_by
from emo_tf.cli.output import STANDARD_OUTPUT, check_targets, json_lines
from emo_tf.cli.predict_photos import SOME_FAILED
from emo_tf.cli.progress import progress_bar
from emo_tf.cli.row_printer import RowPrinter
from emo_tf.cli.sources import PictureSource, expand_sources
from emo_tf.cli.wording import counted
from emo_tf.errors import EmoError
from emo_tf.explanation.face_drawing import draw_faces
from emo_tf.explanation.group_drawing import draw_group
from emo_tf.explanation.group_wording import (
    attention_lines,
    face_lines,
    picture_lines,
    verdict_line,
)
from emo_tf.explanation.panels import MOST_ROWS
from emo_tf.explanation.person_drawing import draw_people
from emo_tf.explanation.photo_explanation import PhotoExplanation
from emo_tf.explanation.wording import (
    branch_lines,
    expression_line,
    map_line,
    masked_face_lines,
    score_lines,
)
from emo_tf.export.run_files import MODEL
from emo_tf.runtime.image_io import read_image, write_image

LONGEST_NAME = 32


def explain_photos(
    sources: Sequence[str],
    *,
    model: Path | None,
    draw: Path | None,
    json: str | None,
    settings: ExplainSettings,
    max_pixels: int,
) -> None:
    """Explains pictures, draws and writes what was found and prints a table.

    The arguments are the options of `emo-tf explain`.

    Raises:
        EmoError: The options do not go together, or a file cannot be used.
        typer.Exit: Some pictures could not be read.
    """
    found = expand_sources(sources, left_out=draw)
    readable = [source for source in found if source.error is None]
    inputs = {source.path for source in readable if source.path}
    inputs |= {model, model / MODEL} if model else set()
    inputs |= {Path(word) for word in sources if is_box_list(word)}
    check_targets({"--json": json}, inputs=inputs)
    drawings = plan_drawings(readable, draw) if draw else {}
    explain = explain_by(model, settings, found)
    console = Console(stderr=json == STANDARD_OUTPUT, highlight=False)
    longest = max((len(source.name) for source in found), default=0)
    printer = RowPrinter(console, min(longest, LONGEST_NAME))
    failed, drawn = 0, set()
    with ExitStack() as outputs:
        write = outputs.enter_context(json_lines(json)) if json else None
        advance = outputs.enter_context(progress_bar(console, len(found)))
        for source in found:
            for explanation, image in _explained(source, explain, max_pixels=max_pixels):
                printer.note(Text(explanation.source), Text("\n").join(_lines(explanation)))
                if write:
                    write(explanation)
                picture = _drawn(image, explanation) if draw else None
                if picture is not None:
                    drawn.add(write_image(drawings[source], picture))
                rows = len(explanation.people or explanation.faces)
                if draw and rows > MOST_ROWS:
                    who = "people" if explanation.people else "faces"
                    told = f"{MOST_ROWS} of {rows} {who} are drawn"
                    print(f"emo-tf: {source.name}: {told}", file=sys.stderr)
                failed += explanation.error is not None
            advance()
    for target in (json, f"{counted(len(drawn), 'picture')} to {draw}" if draw else None):
        if target not in (None, STANDARD_OUTPUT):
            console.print(f"wrote {target}", markup=False, soft_wrap=True)
    if failed:
        raise typer.Exit(SOME_FAILED)


def _explained(
    source: PictureSource, explain: Explain, *, max_pixels: int
) -> Iterator[tuple[PhotoExplanation, np.ndarray | None]]:
    """Yields what is found in a source, or why nothing is, with the picture that was looked at."""
    if source.error is not None:
        yield PhotoExplanation(source.name, error=source.error), None
        return
    try:
        content = replace(source, rows=()).content()
        data = content[1] if isinstance(content, tuple) else content
        image = read_image(data, max_pixels=max_pixels, name=source.name)
        for explanation in explain(source, image):
            yield explanation, image
    except EmoError as error:
        yield PhotoExplanation(source.name, error=str(error)), None


def _drawn(image: np.ndarray | None, explanation: PhotoExplanation) -> np.ndarray | None:
    """Returns a picture of what was found, if anything was."""
    if explanation.people:
        return draw_people(image, explanation.people)
    if explanation.faces:
        return draw_faces(image, explanation.faces)
    return draw_group(image, explanation.group) if explanation.group else None


def _lines(explanation: PhotoExplanation) -> Iterator[Text]:
    if explanation.error is not None:
        error = explanation.error.removeprefix(explanation.source).lstrip(":, ")
        yield Text(f"error: {error}", style="red")
    if explanation.reason is not None:
        yield Text(explanation.reason, style="dim")
    for number, person in enumerate(explanation.people):
        yield Text(f"person {number}: {'; '.join(score_lines(person))}", style="bold")
        for branch, found in person.branches.items():
            seen, *masked = branch_lines(branch, found)
            yield Text(f"  {seen}")
            yield from (Text(f"    {line}") for line in masked)
    for number, face in enumerate(explanation.faces):
        yield Text(f"face {number}: {expression_line(face)}", style="bold")
        yield Text(f"  {map_line('map', face.map)}")
        yield from (Text(f"    {line}") for line in masked_face_lines(face))
    if explanation.group:
        yield Text(verdict_line(explanation.group), style="bold")
        group = explanation.group
        for line in (*attention_lines(group), *face_lines(group), *picture_lines(group)):
            yield Text(f"  {line}")

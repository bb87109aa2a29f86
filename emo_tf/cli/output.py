"""Results as files: JSON Lines, CSV and rows of text, whole or not at all."""

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from emo_tf.cli.box_lists import BoxRow
from emo_tf.errors import EmoError
from emo_tf.files import replace_whole
from emo_tf.results import CSV_COLUMNS, Person, PhotoResult
from emo_tf.video_results import FrameResult, Segment, VideoFailure

STANDARD_OUTPUT = "-"

Result = PhotoResult | FrameResult | Segment | VideoFailure
ResultWriter = Callable[[Result], None]
TextWriter = Callable[[PhotoResult, Sequence[BoxRow]], None]


def check_targets(targets: dict[str, str | None], *, inputs: set[Path]) -> None:
    """Checks where the results are to go before any work is done.

    Args:
        targets: File or `-` by option name; `None` where the option was not given.
        inputs: The files that are read.

    Raises:
        EmoError: Two options name one place, or one of them names a folder or an input.
    """
    inputs = {path.resolve() for path in inputs}
    seen = {}
    for option, target in targets.items():
        if target is None:
            continue
        place = target if target == STANDARD_OUTPUT else Path(target).resolve()
        if place in seen:
            raise EmoError(
                f"{option}: expected another place than that of {seen[place]}. Received: {target}"
            )
        if place in inputs:
            raise EmoError(f"{option}: expected a file other than the sources. Received: {target}")
        if place != STANDARD_OUTPUT and place.is_dir():
            raise EmoError(f"{option}: expected a file or -. Received: {target}, which is a folder")
        seen[place] = option


@contextmanager
def json_lines(target: str) -> Iterator[ResultWriter]:
    """Opens `target` (a file or `-`) for one JSON object a line and a result."""
    with text_stream(target) as stream:
        yield lambda result: print(result.to_json(), file=stream, flush=stream is sys.stdout)


@contextmanager
def csv_rows(target: str, columns: Sequence[str] = CSV_COLUMNS) -> Iterator[ResultWriter]:
    """Opens `target` (a file or `-`) for a table: one row a face and a person.

    Args:
        target: Where the table goes.
        columns: Those that are written, of the ones that the results have.
    """
    with text_stream(target) as stream:
        table = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        yield lambda result: table.writerows(result.to_csv_rows())


@contextmanager
def text_rows(target: str) -> Iterator[TextWriter]:
    """Opens `target` (a file or `-`) for one row a person, as EMOTIC's PyTorch code writes it.

    A row is `path category ... V A D`: the categories above their thresholds in the order of the
    model, valence, arousal and dominance to four decimals. The people of a list come in the order
    of its rows, also where those of one picture stand apart, and under the paths given there.

    Yields:
        A function that takes a result and the rows that its people come from, none if they were
        found in the picture.
    """
    with text_stream(target) as stream:
        waiting: list[tuple[BoxRow, str]] = []

        def flush() -> None:
            waiting.sort(key=lambda entry: entry[0].line)
            stream.writelines(text for _, text in waiting)
            waiting.clear()

        def write(result: PhotoResult, rows: Sequence[BoxRow]) -> None:
            if result.error is not None:
                return
            if waiting and not (rows and rows[0].source_list == waiting[0][0].source_list):
                flush()
            if rows:
                people = zip(rows, result.people, strict=True)
                waiting.extend((row, _text(row.given, person)) for row, person in people)
            else:
                stream.writelines(_text(result.source, person) for person in result.people)

        yield write
        flush()


def _text(path: str, person: Person) -> str:
    vad = person.vad
    dimensions = (f"{value:.4f}" for value in (vad.valence, vad.arousal, vad.dominance))
    return " ".join([path, *(category.label for category in person.shown), *dimensions]) + "\n"


@contextmanager
def text_stream(target: str) -> Iterator[TextIO]:
    """Opens `target` (a file or `-`) for text, which a file gets whole or not at all.

    Raises:
        EmoError: The file cannot be written.
    """
    # A name that is no valid UTF-8 becomes \udc80 and the like, which JSON reads back.
    encoding = {"encoding": "utf-8", "errors": "backslashreplace"}
    if target == STANDARD_OUTPUT:
        sys.stdout.reconfigure(**encoding)
        yield sys.stdout
        return
    path = Path(target).resolve()
    with ExitStack() as files:
        try:
            # A pipe or a device is written to as it stands, never replaced.
            special = path.exists() and not path.is_file()
            part = path if special else files.enter_context(replace_whole(path))
            stream = files.enter_context(part.open("w", newline="", **encoding))
        except OSError as error:
            raise EmoError(f"{target}: cannot be written ({error.strerror})") from error
        yield stream

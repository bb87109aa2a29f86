"""The examples of a split as an Apache Beam pipeline."""

import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner import worker_handlers

from emo_tf.corpora.report import LeftOut, SplitReport
from emo_tf.errors import EmoError

_NEVER_MS = 24 * 60 * 60 * 1000


def examples_by_beam(
    items: Sequence[object], *, read: Callable, counted: Callable, report: Path
) -> beam.PTransform:
    """Returns a transform from an empty pipeline to keys and examples.

    Args:
        items: What the split is made of; every worker has to reach the files behind them.
        read: Returns keys and examples, and `LeftOut`s, of an item.
        counted: Returns the values of an example that are counted.
        report: Folder where the workers leave files for `take_report`.
    """
    report.mkdir(parents=True)
    return beam.Create(list(enumerate(items))) | beam.ParDo(_Examples(read, counted, report))


def take_report(report: Path, *, items: int) -> SplitReport:
    """Returns what the workers left in a folder, in the order of the items, and removes it.

    Args:
        report: The folder.
        items: How many the split is made of.

    Raises:
        EmoError: Items never came to a worker.
    """
    rows = {}
    for path in report.glob("*.json"):
        for number, *of_item in json.loads(path.read_text(encoding="utf-8")):
            rows[number] = of_item  # once, even if a worker had to do its work again
    if len(rows) != items:
        raise EmoError(
            f"expected Beam to bring {items:,} items to its workers. Received: {len(rows):,}"
        )
    found = SplitReport()
    for _, (left_out, counted) in sorted(rows.items()):
        for reason, text in left_out:
            found.leave_out(LeftOut(reason, text))
        for values in counted:
            found.count(values)
    shutil.rmtree(report)
    return found


@contextmanager
def no_timed_flush() -> Iterator[None]:
    """Keeps Beam's direct runner from losing elements inside the block.

    In Beam 2.77 a timer sends on what a worker has written so far, and then forgets all that is
    there: what the worker writes in between is lost. Without the timer, it is sent once it is
    enough, or all. Workers of other runners have no such timer unless told so.
    """
    before = worker_handlers.DATA_BUFFER_TIME_LIMIT_MS
    worker_handlers.DATA_BUFFER_TIME_LIMIT_MS = _NEVER_MS
    try:
        yield
    finally:
        worker_handlers.DATA_BUFFER_TIME_LIMIT_MS = before


class _Examples(beam.DoFn):
    """Makes the examples of numbered items, and a file of what it counted for every bundle.

    A side output would do too, but to gather it takes Beam a second a split.
    """

    def __init__(self, read: Callable, counted: Callable, report: Path):
        self._read = read
        self._counted = counted
        self._report = report

    def start_bundle(self) -> None:
        self._rows = []

    def process(self, numbered: tuple[int, object]) -> Iterator[object]:
        number, item = numbered
        left_out, counted = [], []
        for found in self._read(item):
            if isinstance(found, LeftOut):
                left_out.append((found.reason, found.text))
            else:
                counted.append(self._counted(found[1]))
                yield found
        self._rows.append((number, left_out, counted))

    def finish_bundle(self) -> None:
        path = self._report / f"{uuid.uuid4().hex}.json"
        path.write_text(json.dumps(self._rows), encoding="utf-8")

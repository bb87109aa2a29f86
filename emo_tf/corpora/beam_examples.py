"""The examples of a split as an Apache Beam pipeline."""

import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import apache_beam as beam

from emo_tf.corpora.report import LeftOut, SplitReport


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


def take_report(report: Path) -> SplitReport:
    """Returns what the workers left in a folder, in the order of the items, and removes it."""
    rows = {}
    for path in report.glob("*.json"):
        for number, place, *row in json.loads(path.read_text(encoding="utf-8")):
            rows[number, place] = row  # once, even if a worker had to do its work again
    found = SplitReport()
    for _, (left_out, values) in sorted(rows.items()):
        if left_out is None:
            found.count(values)
        else:
            found.leave_out(LeftOut(*left_out))
    shutil.rmtree(report)
    return found


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
        for place, found in enumerate(self._read(item)):
            if isinstance(found, LeftOut):
                self._rows.append((number, place, (found.reason, found.text), None))
            else:
                self._rows.append((number, place, None, self._counted(found[1])))
                yield found

    def finish_bundle(self) -> None:
        path = self._report / f"{uuid.uuid4().hex}.json"
        path.write_text(json.dumps(self._rows), encoding="utf-8")

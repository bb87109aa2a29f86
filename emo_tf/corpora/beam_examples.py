"""The examples of a split as an Apache Beam pipeline."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput

from emo_tf.corpora.report import LeftOut, SplitReport

_LEFT_OUT, _COUNTED = "left_out", "counted"


def examples_by_beam(
    items: Sequence[object], *, read: Callable, counted: Callable, report: Path
) -> beam.PTransform:
    """Returns a transform from an empty pipeline to keys and examples.

    Args:
        items: What the split is made of; every worker has to reach the files behind them.
        read: Returns keys and examples, and `LeftOut`s, of an item.
        counted: Returns the values of an example that are counted.
        report: Where the pipeline leaves files for `read_report`.
    """

    def found_in(numbered: tuple[int, object]) -> Iterator[object]:
        number, item = numbered
        for place, found in enumerate(read(item)):
            if isinstance(found, LeftOut):
                yield TaggedOutput(_LEFT_OUT, (number, place, found.reason, found.text))
            else:
                yield TaggedOutput(_COUNTED, (number, place, counted(found[1])))
                yield found

    @beam.ptransform_fn
    def make(pipeline: beam.Pipeline) -> beam.PCollection:
        examples = (
            pipeline
            | "Items" >> beam.Create(list(enumerate(items)))
            | "Spread" >> beam.Reshuffle()  # else one worker reads all
            | "Examples" >> beam.FlatMap(found_in).with_outputs(_LEFT_OUT, _COUNTED, main="kept")
        )
        for tag in (_LEFT_OUT, _COUNTED):
            _ = (
                examples[tag]
                | f"List {tag}" >> beam.combiners.ToList()
                | f"Write {tag}" >> beam.Map(_write, _path(report, tag))
            )
        return examples.kept

    return make()


def read_report(report: Path) -> SplitReport:
    """Returns what a pipeline left at `report`, in the order of the items, and removes it."""
    found = SplitReport()
    for _, _, values in _take(_path(report, _COUNTED)):
        found.count(values)
    for _, _, reason, text in _take(_path(report, _LEFT_OUT)):
        found.leave_out(LeftOut(reason, text))
    return found


def _path(report: Path, tag: str) -> Path:
    return report.with_name(f"{report.name}_{tag}.json")


def _write(found: Iterable, path: Path) -> None:
    path.write_text(json.dumps(sorted(found, key=lambda row: row[:2])), encoding="utf-8")


def _take(path: Path) -> list:
    found = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    return found

"""The analysis of pictures as a Beam pipeline."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import apache_beam as beam
from apache_beam.ml.inference.base import RunInference
from apache_beam.options.pipeline_options import PipelineOptions

from emo_tf.beam.analyzer_settings import AnalyzerSettings
from emo_tf.beam.label_check import CheckLabels
from emo_tf.beam.shard_folder import ShardFolder
from emo_tf.beam.shard_handler import ShardHandler
from emo_tf.beam.shard_work import ShardResults, ShardWork
from emo_tf.beam.source_file import SourceFile
from emo_tf.beam.stop import stoppable
from emo_tf.errors import EmoError

Find = Callable[[str], Iterable[SourceFile]]
"""Finds the pictures that a word stands for; Beam sends it to other processes."""

FINISHED = "finished before"
"""What a summary says of a shard that was passed over."""

_TO_DO, _DONE = "to do", "done"
_BYTES = "utf-8", "surrogatepass"  # A path need not be valid UTF-8.
_WHERE = re.compile(r" \[while running .*")
_OURS = re.compile(r"EmoError: (.*)")


@dataclass(frozen=True)
class RunSummary:
    """What a run did, and what its folder now holds.

    Attributes:
        shards: How many shards were done for which reason, or `FINISHED`.
        counts: How many `pictures`, `faces`, `people` and `failed` there are in all shards.
    """

    shards: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


def analyze_shards(
    words: Sequence[str],
    *,
    find: Find,
    folder: ShardFolder,
    settings: AnalyzerSettings,
    options: PipelineOptions,
) -> RunSummary:
    """Analyses all pictures of those shards that are not finished, and waits for it.

    Pictures are looked for, and finished shards passed over, by the workers: what is sent to the
    runner is as small for millions of pictures as for one.

    Args:
        words: What stands for pictures.
        find: Finds the pictures.
        folder: Where the shards go.
        settings: Those of the analyzer.
        options: Those of the pipeline, the runner among them.

    Raises:
        EmoError: The pipeline cannot be built or fails, or has lost a shard in the end.
        KeyboardInterrupt: The user has stopped it.

    Example:
        >>> folder = ShardFolder.begin("results", 16)
        >>> options = pipeline_options("DirectRunner")
        >>> settings = AnalyzerSettings()
        >>> analyze_shards(["album"], find=find, folder=folder, settings=settings, options=options)
    """
    folder.write_summary(None)
    try:
        with stoppable(), beam.Pipeline(options=options) as pipeline:
            _build(pipeline, words, find=find, folder=folder, settings=settings)
    except Exception as error:
        if str(error).startswith(KeyboardInterrupt.__name__):  # as Beam hands it on
            raise KeyboardInterrupt from error
        raise _failure(error) from error
    summary = RunSummary(**folder.summary())
    if sum(summary.shards.values()) != folder.shards:
        raise EmoError(
            f"{folder.location}: expected {folder.shards:,} shards from Beam. "
            f"Received: {sum(summary.shards.values()):,}"
        )
    return summary


def _build(pipeline, words, *, find, folder, settings) -> None:
    fingerprint = settings.fingerprint()
    files = (
        pipeline
        | "Words" >> beam.Create([word.encode(*_BYTES) for word in words])
        | "Find" >> beam.FlatMap(_found, find, folder.shards).with_output_types(tuple[int, Any])
    )
    if settings.scene_labels is not None:
        _ = files | "Check labels" >> CheckLabels(settings.scene_labels)
    # So that a shard whose last picture has gone is noticed too.
    empty = (
        pipeline
        | "Shards" >> beam.Create(range(folder.shards))
        | "Empty" >> beam.Map(_no_file).with_output_types(tuple[int, Any])
    )
    planned = (
        (files, empty)
        | beam.Flatten()
        | beam.GroupByKey()
        | "Plan" >> beam.FlatMap(_planned, folder, fingerprint).with_outputs(_DONE, main=_TO_DO)
    )
    # Nothing is shuffled from here to the end of a shard: it is written as soon as it is analysed.
    written = (
        planned[_TO_DO]
        | RunInference(ShardHandler(settings))
        | "Write" >> beam.Map(_written, folder, fingerprint)
    )
    _ = (
        (planned[_DONE], written)
        | "Summaries" >> beam.Flatten()
        | beam.CombineGlobally(_sum)
        | "Summary" >> beam.Map(folder.write_summary)
    )


def _found(word: bytes, find: Find, shards: int) -> Iterator[tuple[int, SourceFile]]:
    for file in find(word.decode(*_BYTES)):
        yield file.shard(shards), file


def _no_file(number: int) -> tuple[int, None]:
    return number, None


def _planned(
    shard: tuple[int, Iterable[SourceFile | None]], folder: ShardFolder, settings: dict
) -> Iterator[object]:
    number, files = shard
    work = ShardWork.of(number, (file for file in files if file is not None))
    why = folder.why(work, settings)
    if why is None:
        counts = folder.marker(number).counts
        yield beam.pvalue.TaggedOutput(_DONE, _summary(FINISHED, counts))
    else:
        folder.reopen(number)
        yield ShardWork(number, work.files, why)


def _written(found: ShardResults, folder: ShardFolder, settings: dict) -> dict:
    folder.write(found, settings)
    return _summary(found.work.why, found.counts)


def _summary(why: str, counts: Mapping[str, int]) -> dict:
    return {"shards": {why: 1}, "counts": dict(counts)}


def _sum(summaries: Iterable[dict]) -> dict:
    shards, counts = Counter(), Counter()
    for summary in summaries:
        shards.update(summary["shards"])
        counts.update(summary["counts"])
    return {"shards": dict(shards), "counts": dict(counts)}


def _failure(error: Exception) -> EmoError:
    """Returns a failure in one line: an `EmoError` of a worker, or the last that Beam said."""
    lines = str(error).strip().splitlines() or [""]
    # An error of this process comes as itself, one of another as a text with its traceback.
    ours = lines if isinstance(error, EmoError) else _OURS.findall(str(error))
    text = ours[-1] if ours else f"{type(error).__name__}: {lines[-1].strip()}"
    return EmoError(f"the pipeline failed: {_WHERE.sub('', text)}")

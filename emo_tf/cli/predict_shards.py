"""`emo-tf predict --runner`: pictures as an Apache Beam pipeline, results in shards."""

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from time import perf_counter

import typer

from emo_tf.cli.predict_photos import SOME_FAILED, summary_words
from emo_tf.cli.wording import counted
from emo_tf.errors import EmoError
from emo_tf.extras import needing_extra

_WORKERS = "apache_beam.runners.common"


def predict_shards(
    sources: Sequence[str],
    *,
    runner: str,
    out: str | None,
    shards: int | None,
    beam: Sequence[str],
    **settings: object,
) -> None:
    """Analyses pictures by a Beam pipeline and prints what its folder holds in the end.

    Args:
        sources: The words of the command line.
        runner: A runner by Beam's name.
        out: The folder for the shards.
        shards: How many shards there are.
        beam: Options of Beam, `KEY=VALUE`.
        **settings: As `shard_settings` takes them.

    Raises:
        EmoError: The options do not go together, a file cannot be used, the folder holds something
            else, or the pipeline fails.
        typer.Exit: Some pictures could not be read.
    """
    started = perf_counter()
    if out is None:
        raise EmoError("--runner: expected --out DIR with it. Received: --runner alone")
    with needing_extra("beam", what="--runner", modules=["apache_beam"]), _errors_alone():
        from apache_beam.io.filesystems import FileSystems

        from emo_tf.beam.addresses import check_reachable
        from emo_tf.beam.options import is_local, pipeline_options
        from emo_tf.beam.pipeline import FINISHED, analyze_shards
        from emo_tf.beam.shard_folder import ShardFolder
        from emo_tf.cli.shard_settings import shard_settings
        from emo_tf.cli.shard_sources import check_words, find_pictures
        from emo_tf.corpora.beam_examples import no_timed_flush
    options = pipeline_options(runner, beam)
    FileSystems.set_options(options)  # Some file systems have options of their own.
    check_words(sources)
    check_reachable(out, option="--out")
    analyzer_settings = shard_settings(**settings)
    folder = ShardFolder.begin(out, shards)
    with no_timed_flush(), _errors_alone() if is_local(options) else contextlib.nullcontext():
        summary = analyze_shards(
            sources,
            find=find_pictures,
            folder=folder,
            settings=analyzer_settings,
            options=options,
        )
    people = analyzer_settings.context_model is not None
    words = summary_words(summary.counts, people=people)
    print(", ".join([*words, f"{perf_counter() - started:.1f} s"]))
    for line in _shard_lines(summary.shards, out, finished=FINISHED):
        print(line)
    if summary.counts["failed"]:
        raise typer.Exit(SOME_FAILED)


@contextlib.contextmanager
def _errors_alone() -> Iterator[None]:
    """Keeps Beam's log inside the block to errors that nobody else tells of."""
    log, of_workers = logging.getLogger(), logging.getLogger(_WORKERS)
    before = log.level
    log.setLevel(logging.ERROR)
    of_workers.addFilter(_is_unexpected)
    try:
        yield
    finally:
        of_workers.removeFilter(_is_unexpected)
        log.setLevel(before)


def _is_unexpected(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    told = isinstance(error, EmoError | KeyboardInterrupt)
    return not told and not record.getMessage().startswith(KeyboardInterrupt.__name__)


def _shard_lines(shards: Mapping[str, int], out: str, *, finished: str) -> Iterator[str]:
    passed_over = shards.get(finished, 0)
    done = {why: number for why, number in shards.items() if why != finished}
    whole = counted(sum(shards.values()), "shard")
    if done:
        reasons = "; ".join(f"{number} {why}" for why, number in sorted(done.items()))
        yield f"wrote {sum(done.values())} of {whole} to {out} ({reasons})"
    if passed_over:
        yield f"passed over {passed_over} of {whole} in {out}, finished before"

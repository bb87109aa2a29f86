"""`emo-tf data build`: from the licensed raw files to a TFDS data set."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from emo_tf.cli.data.counts import print_sizes
from emo_tf.cli.workshop import loading
from emo_tf.errors import EmoError

_SHOWN_LEFT_OUT = 3


def build(
    name: Annotated[str, typer.Argument(help="Data set, e.g. `emotic`, `group_affect/faces`.")],
    manual_dir: Annotated[
        Path, typer.Option(help="Folder with the raw files, as the data set's README says.")
    ],
    data_dir: Annotated[
        Path, typer.Option(file_okay=False, help="Where prepared data sets lie.")
    ] = Path("data"),
    file_format: Annotated[
        str | None, typer.Option(help="`tfrecord` or `array_record`.  [default: tfrecord]")
    ] = None,
    max_examples_per_split: Annotated[
        int | None, typer.Option(min=1, help="Stop each split there, for a first look.")
    ] = None,
    beam: Annotated[
        list[str] | None,
        typer.Option(help="Flag of an Apache Beam pipeline to work in; may be repeated."),
    ] = None,
) -> None:
    """Build a data set from its raw files.

    First lists every path that is expected, found or missing; where one is missing nothing is
    started. At the end the counts stand beside the published ones, and who or what was left out
    beside the reason. What is built already is not built again. A data set of several
    configurations takes the one behind the slash, or its first; `describe` lists them.

    **Examples**

    `emo-tf data build emotic --manual-dir ~/emotic`

    `emo-tf data build emotic --manual-dir ~/emotic --data-dir /mnt/data --file-format array_record`

    `emo-tf data build emotic --manual-dir ~/emotic --data-dir look --max-examples-per-split 100`

    `emo-tf data build emotic --manual-dir ~/emotic --beam=--runner=FlinkRunner
    --beam=--flink_master=host:8081`

    `emo-tf data build group_affect/faces --manual-dir ~/group_affect`
    """
    with loading("data build"):
        import tensorflow  # noqa: F401 (TFDS loads it when it first needs it, notices and all)

        from emo_tf.data import builders
    dataset = builders.builder(name, data_dir=data_dir, file_format=file_format)
    if dataset.is_prepared():
        print(f"{name} was built before; to build it anew, remove {dataset.data_path}")
    else:
        _check(name, manual_dir, builders.requirements(dataset, manual_dir))
        with builders.without_headlines():
            dataset = builders.prepare(
                name,
                manual_dir=manual_dir,
                data_dir=data_dir,
                file_format=file_format,
                max_examples_per_split=max_examples_per_split,
                beam_options=beam or (),
            )
        print(f"Wrote {dataset.data_path}")
    _print_counts(dataset, stopped_at=max_examples_per_split)
    _print_left_out(dataset)


def _check(name: str, manual_dir: Path, requirements) -> None:
    print(f"{name} is looked for in {manual_dir}:")
    missing = []
    for requirement in requirements:
        wanted, *others = (_below(path, manual_dir) for path in requirement.alternatives)
        if requirement.found is None:
            other = f" (or {', '.join(others)})" if others else ""
            print(f"  missing  {wanted}{other}")
            missing.append(wanted)
        else:
            print(f"  found    {_below(requirement.found, manual_dir)}")
    sys.stdout.flush()  # before the progress bars on the other stream
    if missing:
        raise EmoError(
            f"{name}: expected all of these in {manual_dir}, nothing was started. "
            f"Received: no {', no '.join(missing)}"
        )


def _below(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _print_counts(dataset, *, stopped_at: int | None) -> None:
    as_published = print_sizes(dataset)
    if stopped_at is not None:
        print(f"Each split was stopped at {stopped_at:,}, so the counts differ.")
    elif not as_published:
        print("The counts differ from the published ones: this is not the corpus as published.")


def _print_left_out(dataset) -> None:
    metadata = dataset.info.metadata or {}  # one built by an earlier version lists less
    items = metadata.get("left_out_items", {})
    path = dataset.data_path / "metadata.json"
    for split, reasons in metadata.get("left_out", {}).items():
        if reasons:
            print(f"Left out of {split}: {sum(reasons.values()):,}")
        for reason, count in reasons.items():
            listed = items.get(split, {}).get(reason, [])
            print(f"  {reason}: {count:,}")
            for text in listed[:_SHOWN_LEFT_OUT]:
                print(f"    {text}")
            if count > _SHOWN_LEFT_OUT:
                which = "all" if len(listed) == count else f"{len(listed):,}"
                print(f"    and {count - _SHOWN_LEFT_OUT:,} more: {which} are listed in {path}")

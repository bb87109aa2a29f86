"""`emo-tf pipeline`: from raw data to a served model, by one file."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from emo_tf.cli.wording import counted
from emo_tf.errors import unknown_name
from emo_tf.pipeline.config import read_config
from emo_tf.pipeline.runner import DONE, FAILED, SKIPPED, Outcome, preview, run_steps
from emo_tf.pipeline.steps import pipeline_steps

_STYLES = {DONE: "green", SKIPPED: "bright_black", FAILED: "red"}


def pipeline(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="TOML file, one table a step.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say which steps would run and why; run none.")
    ] = False,
    first_forced: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="STEP",
            help="Run this step and those behind it, changed or not; what is served already is "
            "not pushed again.",
        ),
    ] = None,
) -> int:
    """Build, train, evaluate, export, bless and push; steps that are done are skipped.

    Each step is a command of `emo-tf`, printed before it runs. It runs again where its command, the
    package, what it reads or what it left is no longer as it was. Raw files and prepared data sets
    are compared by names, sizes and times, all else by contents. The first step that fails, or an
    export that is not blessed, is the last; the same command then goes on from there.

    `RUN/pipeline.json` keeps what was done. Where a step has to begin anew, what it left is not
    removed but set aside in `earlier/`.

    A file such as this is enough; paths are relative to its folder, and a step without a table is
    left out. The keys of a table are the options of its verb.

    ```toml
    experiment = "emotic_miniature"
    run = "runs/twin"
    data_dir = "data"

    [build]
    miniature = 600  # or: manual_dir = "raw"
    seed = 3
    [train]
    set = ["epochs=20"]
    [evaluate]
    split = "test"
    [export]
    precision = ["float32", "int8"]
    limit = 500
    [bless]
    baseline = "served/emotic"
    min = { mean_average_precision = 0.3 }
    max_drop = 0.01
    [push]
    to = "served/emotic"
    ```

    **Examples**

    `emo-tf pipeline emotic.toml`

    `emo-tf pipeline emotic.toml --dry-run`

    `emo-tf pipeline emotic.toml --from export`
    """
    settings = read_config(config)
    steps = pipeline_steps(settings)
    names = [step.name for step in steps]
    if first_forced is not None and first_forced not in names:
        raise unknown_name("step", first_forced, names)
    run_dir = settings.folder / settings.run_dir
    if dry_run:
        for name, reason in preview(steps, run_dir=run_dir, first_forced=first_forced).items():
            print(f"{name}: {'is done' if reason is None else f'runs: {reason}'}")
        return 0
    if settings.folder != Path():
        print(f"In {settings.folder}:")
    outcomes = run_steps(
        steps,
        run_dir=run_dir,
        folder=settings.folder,
        say=partial(print, flush=True),  # before what the step prints
        first_forced=first_forced,
    )
    return _tell(outcomes)


def _tell(outcomes: Sequence[Outcome]) -> int:
    """Prints what became of the steps; returns the exit code."""
    table = Table("step", "", box=None, pad_edge=False)
    table.add_column("seconds", justify="right")
    for outcome in outcomes:
        style = _STYLES.get(outcome.result)
        table.add_row(outcome.step, outcome.result, f"{outcome.seconds:.1f}", style=style)
    print()
    Console(file=sys.stdout, highlight=False).print(table)
    failed = next((one for one in outcomes if one.result == FAILED), None)
    if failed is None:
        ran = sum(outcome.result == DONE for outcome in outcomes)
        print(f"Ran {counted(ran, 'step')}" if ran else "Nothing to do: every step is done")
        return 0
    print(
        f"emo-tf: error: {failed.step} failed with exit code {failed.code}, and nothing behind it "
        "was run; the same command goes on from there",
        file=sys.stderr,
    )
    return failed.code

"""The bar that long work shows."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def progress_bar(
    console: Console, total: int | None, *, unit: str | None = None
) -> Iterator[Callable[[], None]]:
    """Shows how much of the work is done, on a terminal only and gone when it ends.

    The bar stays below what is printed on `console`. Where that is no terminal it is shown on
    stderr, and not at all where its lines would mix with data on stdout.

    Args:
        console: Where the caller prints meanwhile.
        total: Steps of work; a single one gets no bar. Where it is `None`, not being known, the
            steps that are done are counted.
        unit: What a step is, in the plural; with it, steps a second are shown too.

    Yields:
        A function to call after each step.
    """
    terminal = console if console.is_terminal else Console(stderr=True)
    mixed = terminal.stderr and sys.stdout.isatty()
    if (total is not None and total < 2) or mixed or not terminal.is_terminal:
        yield lambda: None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = [TextColumn(f"{{task.completed:,}} {unit or 'done'}")]
    if total is not None:
        columns = [BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
    if unit:
        columns.append(TextColumn(f"{{task.fields[rate]}} {unit}/s"))
    with Progress(
        *columns, console=terminal, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as progress:
        task = progress.add_task("", total=total, rate="-")

        def advance() -> None:
            progress.advance(task)
            speed = progress.tasks[task].speed
            if unit and speed:
                progress.update(task, rate=f"{speed:.1f}")

        yield advance

"""`emo-tf bless`: whether an export may be served."""

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from emo_tf.errors import EmoError

if TYPE_CHECKING:
    from emo_tf.export.bless import Blessing
    from emo_tf.export.checks import Check

NOT_BLESSED = 1
_METRIC = "METRIC=VALUE"
_VERDICTS = {True: "passed", None: "not judged", False: "FAILED"}
"""By `Check.passed`; in the table those that failed come last."""


def bless(
    export: Annotated[Path, typer.Option(help="Folder of an export.", show_default=False)],
    baseline: Annotated[
        Path | None,
        typer.Option(
            help="What it is compared with: an export, a served version, or a served model, "
            "ROOT/MODEL, of which the highest version counts.",
            show_default=False,
        ),
    ] = None,
    minimum: Annotated[
        list[str] | None,
        typer.Option(
            "--min", metavar=_METRIC, help="Least value of a metric, for every file; repeatable."
        ),
    ] = None,
    maximum: Annotated[
        list[str] | None,
        typer.Option(
            "--max", metavar=_METRIC, help="Most value of a metric, for every file; repeatable."
        ),
    ] = None,
    max_drop: Annotated[
        float,
        typer.Option(
            help="How much worse the first metric of a file may be than that of its Keras model, "
            "and of the same file of the baseline."
        ),
    ] = 0.01,
    max_slice_drop: Annotated[
        float, typer.Option(help="The same for each slice, such as one label.")
    ] = 0.05,
    min_slice: Annotated[
        int, typer.Option(metavar="N", help="Pass over slices with fewer examples.")
    ] = 30,
    latency_ms: Annotated[
        float | None,
        typer.Option(
            help="What one example may take in a .tflite file, on one thread and on two, in the "
            "median.",
            show_default=False,
        ),
    ] = None,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE=SHARE",
            help="Largest difference from Keras, as a share of an output's largest value; FILE is "
            "saved_model, float32, float16 or int8; repeatable.  [default: 0.001, 0.001, 0.01, "
            "none]",
        ),
    ] = None,
    time_limit: Annotated[
        float, typer.Option(metavar="S", help="Seconds after which a hanging process is killed.")
    ] = 60,
    every: Annotated[
        bool, typer.Option("--all", help="Print every check, not the counts alone.")
    ] = False,
) -> None:
    """Judge an export: is it good enough, and does it work? Writes `blessing.json` into it.

    Quality: each file's metrics against `--min` and `--max`, its first metric and each slice
    against its own Keras model and the baseline. Without a limit and without a baseline there is
    nothing to judge by.

    Infrastructure: each file is the one of the report, equals Keras, needs no operation besides
    TFLite's own, and in fresh processes, by `emo-tf predict` and `emo-tf serve` too, answers a
    drawn picture and refuses malformed ones.

    The exit code is 0 for a blessed export and 1 for one that is not. `emo-tf push` takes none
    without a blessing.

    **Examples**

    `emo-tf bless --export runs/expression/export --min accuracy=0.66`

    `emo-tf bless --export runs/emotic_context/export --baseline served/emotic --latency-ms 50`

    `emo-tf bless --export phone --baseline phone_before --max-drop 0.005 --tolerance int8=0.2`
    """
    from emo_tf.export.bless import bless as judge
    from emo_tf.export.infrastructure import InfrastructureLimits
    from emo_tf.export.quality import QualityLimits

    console = Console(file=sys.stdout, highlight=False)
    quality = QualityLimits(
        minimum=_numbers(minimum, "--min", _METRIC),
        maximum=_numbers(maximum, "--max", _METRIC),
        max_drop=max_drop,
        max_slice_drop=max_slice_drop,
        min_slice=min_slice,
    )
    infrastructure = InfrastructureLimits(
        tolerances=_numbers(tolerance, "--tolerance", "FILE=SHARE"),
        latency_ms=latency_ms,
        time_limit_s=time_limit,
    )
    with console.status("Reading") as status:
        blessing = judge(
            export,
            baseline=baseline,
            quality=quality,
            infrastructure=infrastructure,
            say=lambda name: status.update(f"Loading {name}"),
        )
    console.print(_summary(blessing))
    if every:
        console.print()
        console.print(_table(blessing))
    console.print(f"Wrote {export / 'blessing.json'}", markup=False, soft_wrap=True)
    for line in _verdict(blessing, export):
        console.print(line, markup=False, soft_wrap=True)
    if not blessing.blessed:
        raise typer.Exit(NOT_BLESSED)


def _numbers(words: Sequence[str] | None, option: str, form: str) -> dict[str, float]:
    """Reads NAME=NUMBER words of an option; `form` says in its terms what is expected."""
    numbers = {}
    for word in words or ():
        name, _, text = word.partition("=")
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not name or not math.isfinite(number):
            raise EmoError(f"{option}: expected {form}. Received: {word}")
        if name in numbers:
            raise EmoError(f"{option}: expected each name once. Received: {name} twice")
        numbers[name] = number
    return numbers


def _summary(blessing: "Blessing") -> Table:
    """Returns how many checks of each file came out how."""
    table = Table("", "file", box=None, pad_edge=False)
    for verdict in _VERDICTS.values():
        table.add_column(verdict.lower(), justify="right")
    for part, checks in blessing.parts.items():
        for number, file in enumerate(dict.fromkeys(_file(check) for check in checks)):
            of_file = [check.passed for check in checks if _file(check) == file]
            counts = [str(of_file.count(passed)) for passed in _VERDICTS]
            style = "red" if False in of_file else None
            table.add_row("" if number else part, file, *counts, style=style)
        table.add_section()
    return table


def _file(check: "Check") -> str:
    name, colon, _ = check.name.partition(": ")
    return name if colon else ""


def _table(blessing: "Blessing") -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("check", overflow="fold")
    table.add_column("found", justify="right")
    table.add_column("expected")
    table.add_column("verdict")
    for part, checks in blessing.parts.items():
        table.add_row(part, style="bold")
        for passed, verdict in _VERDICTS.items():
            for check in checks:
                if check.passed is passed:
                    row = check.name, check.shown_value, check.limit, verdict
                    table.add_row(*row, style="red" if passed is False else None)
        table.add_section()
    return table


def _verdict(blessing: "Blessing", export: Path) -> list[str]:
    checks = [check for part in blessing.parts.values() for check in part]
    if blessing.blessed:
        passed = sum(check.passed is True for check in checks)
        return [f"Blessed: {export}, {passed} checks passed"]
    return [f"Not blessed: {export}", *blessing.reasons]

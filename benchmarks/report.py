"""`results.md` out of the records of the benchmarks."""

import itertools
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from benchmarks.record import Record

MET = {True: "yes", False: "**NO**", None: ""}


def render_report(
    records: Sequence[Record],
    *,
    titles: Mapping[str, str],
    machine: Mapping[str, str],
    trainings: Mapping[str, Sequence[Mapping]] = MappingProxyType({}),
) -> str:
    """Returns the whole of `results.md`.

    Args:
        records: The benchmarks, in the order to print.
        titles: Heading of each benchmark by its name, and of each training by its target.
        machine: What the figures were measured on, by name.
        trainings: Figures by target in the Makefile, each a row with `machine`, `measured_at` and
            `commit`. Without figures there is no section.
    """
    trained = list(itertools.chain.from_iterable(trainings.values()))
    parts = [
        "# Measured\n\nWritten whole by `make bench`; do not edit. A figure without a bar informs.",
        _table(("", ""), machine.items()),
        _summary([*(row for record in records for row in record.rows), *trained], records),
        *(_section(record, title=titles[record.name]) for record in records),
        *(
            _training_section(figures, target=target, title=titles[target])
            for target, figures in trainings.items()
            if figures
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _summary(rows: Sequence[Mapping], records: Sequence[Record]) -> str:
    judged = [row for row in rows if row["met"] is not None]
    missed = [row for row in judged if not row["met"]]
    lines = [f"**{len(judged) - len(missed)} of {len(judged)} bars met.**"]
    lines += [f"- Missed: {row['what']}: {row['value']} (bar {row['bar']})" for row in missed]
    lines += [
        f"- Failed: `benchmarks.{record.name}`, its figures are missing: {_one_line(record.error)}"
        for record in records
        if record.error
    ]
    return "\n".join(lines)


def _section(record: Record, *, title: str) -> str:
    commit = f", commit {record.commit}" if record.commit else ""
    circumstances = (
        f"`python -m benchmarks.{record.name}`, {record.measured_at}{commit}, took "
        f"{record.seconds:.0f} s; processes running before: {record.load:.1f}."
    )
    body = f"**FAILED**: {_one_line(record.error)}" if record.error else _rows(record.rows)
    return f"## {title}\n{circumstances}\n\n{body}"


def _training_section(figures: Sequence[Mapping], *, target: str, title: str) -> str:
    origins = dict.fromkeys(
        f"{figure['measured_at']}{', commit ' + figure['commit'] if figure['commit'] else ''}, on "
        + "; ".join(f"{name}: {value}" for name, value in figure["machine"].items())
        for figure in figures
    )
    circumstances = "\n".join(f"`make {target}`, {origin}." for origin in origins)
    return f"## {title}\n{circumstances}\n\n{_rows(figures)}"


def _rows(rows: Sequence[Mapping]) -> str:
    return _table(
        ("what", "value", "bar", "met", "details"),
        (
            (row["what"], row["value"], row["bar"], MET[row["met"]], describe(row["details"]))
            for row in rows
        ),
    )


def _table(header, rows) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(value: object) -> str:
    return "" if value is None else _one_line(value).replace("|", "\\|")


def _one_line(value: object) -> str:
    return " ".join(str(value).split())


def describe(details: Mapping[str, object]) -> str:
    """Returns details as one line: `median 1.2, least 1.1; recalls: angry 60.1%, ...`."""
    flat = {key: value for key, value in details.items() if not isinstance(value, Mapping)}
    nested = {key: value for key, value in details.items() if isinstance(value, Mapping)}
    parts = [", ".join(f"{key} {_value(value)}" for key, value in flat.items())]
    parts += [f"{key}: {describe(value)}" for key, value in nested.items()]
    return "; ".join(part for part in parts if part)


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

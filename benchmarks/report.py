"""`results.md` out of the records of the benchmarks."""

import itertools
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from benchmarks.plots import PLOTS
from benchmarks.record import Record
from benchmarks.remarks import Remarks
from benchmarks.tables import (
    MET,
    one_line,
    peer_text,
    ratio_text,
    rows_table,
    table,
    value_text,
)

COMMAND = "python -m benchmarks.run --shared ../shared"


def render_report(
    records: Sequence[Record],
    *,
    titles: Mapping[str, str],
    trainings: Mapping[str, Sequence[Mapping]] = MappingProxyType({}),
    remarks: Remarks,
) -> str:
    """Returns the whole of `results.md`.

    Args:
        records: The benchmarks, in the order to print.
        titles: Heading of each benchmark by its name, and of each training by its target.
        trainings: Figures by target in the Makefile, each a row with `machine`, `measured_at` and
            `commit`. Without figures there is no section.
        remarks: Which figures tell most, and why bars are missed.
    """
    rows = all_rows(records, trainings)
    machines = _machines(records, trainings)
    parts = [
        _opening(records),
        _telling(rows, remarks),
        _missed(rows, records, remarks),
        _machines_section(machines),
        *(_section(record, title=titles[record.name], machines=machines) for record in records),
        *(
            _training_section(figures, target=target, title=titles[target], machines=machines)
            for target, figures in trainings.items()
            if figures
        ),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def all_rows(
    records: Sequence[Record], trainings: Mapping[str, Sequence[Mapping]]
) -> list[Mapping]:
    """Returns the figures of all benchmarks, then those of all trainings."""
    measured = (record.rows for record in records)
    return list(itertools.chain(*measured, *trainings.values()))


def _opening(records: Sequence[Record]) -> str:
    minutes = sum(record.seconds for record in records) / 60
    return (
        "# Measured\n\n"
        f"Written whole by `make bench`, which took {minutes:.0f} minutes for the benchmarks "
        "below; do not edit. The trainings at the end have targets of their own. `../shared` holds "
        "what the repository does not: FER2013, photographs, videos and golden outputs.\n\n"
        "A value is the median [least, most] of the runs whose number follows; where the worst of "
        "several seeds is judged, it stands before them. A value without runs is counted or "
        "computed. A peer runs in turns with ours, round by round, and a ratio is ours over the "
        "peer's of the same round. A figure without a bar informs."
    )


def _telling(rows: Sequence[Mapping], remarks: Remarks) -> str:
    by_name = {row["what"]: row for row in rows}
    lines = []
    for one in remarks.telling:
        row, peer_row = by_name.get(one.row), by_name.get(one.peer_row)
        if row is None:
            continue
        peer = f"{one.peer}: {value_text(peer_row)}" if peer_row else peer_text(row)
        lines.append(
            [one.text, value_text(row), peer, ratio_text(row), row["bar"], MET[row["met"]]]
        )
    if not lines:
        return ""
    header = ("what", "emo_tf", "peer", "emo_tf / peer", "bar", "met")
    pictures = [f"![{plot.title}](../docs/images/{plot.name})" for plot in PLOTS]
    return "\n\n".join(["## In a minute", table(header, lines), *pictures])


def _missed(rows: Sequence[Mapping], records: Sequence[Record], remarks: Remarks) -> str:
    judged = [row for row in rows if row["met"] is not None]
    missed = [row for row in judged if not row["met"]]
    parts = [f"## Bars\n\n**{len(judged) - len(missed)} of {len(judged)} bars met.**"]
    why = dict(remarks.missed)
    if missed:
        lines = [(r["what"], r["value"], r["bar"], why.get(r["what"], "")) for r in missed]
        parts.append(table(("missed", "value", "bar", "why"), lines))
    failed = [
        f"- Failed: `benchmarks.{record.name}`, its figures are "
        f"{'of an earlier run' if record.rows else 'missing'}: {one_line(record.error)}"
        for record in records
        if record.error
    ]
    return "\n\n".join([*parts, "\n".join(failed)] if failed else parts)


def _machines(
    records: Sequence[Record], trainings: Mapping[str, Sequence[Mapping]]
) -> list[Mapping[str, str]]:
    """Returns the machines and versions that figures come from, each once."""
    of_trainings = (figure["machine"] for figures in trainings.values() for figure in figures)
    found: list[Mapping[str, str]] = []
    for machine in itertools.chain((record.machine for record in records), of_trainings):
        if machine not in found:
            found.append(machine)
    return found


def _machines_section(machines: Sequence[Mapping[str, str]]) -> str:
    names = list(dict.fromkeys(name for machine in machines for name in machine))
    header = ["", *(f"machine {number}" for number, _ in enumerate(machines, 1))]
    lines = [[name, *(machine.get(name) for machine in machines)] for name in names]
    return f"## Machines\n\n{table(header, lines)}"


def _section(record: Record, *, title: str, machines: Sequence[Mapping]) -> str:
    circumstances = (
        f"`{COMMAND} --only {record.name}`, "
        f"{_origin(record.measured_at, record.commit, record.machine, machines)}, took "
        f"{record.seconds:.0f} s; processes running before: {record.load:.1f}."
    )
    failed = [f"**FAILED**: {one_line(record.error)}"] if record.error else []
    rows = [rows_table(record.rows)] if record.rows else []
    return "\n\n".join([f"## {title}\n\n{circumstances}", *failed, *rows])


def _training_section(
    figures: Sequence[Mapping], *, target: str, title: str, machines: Sequence[Mapping]
) -> str:
    origins = dict.fromkeys(
        _origin(figure["measured_at"], figure["commit"], figure["machine"], machines)
        for figure in figures
    )
    circumstances = "\n".join(f"`make {target}`, {origin}." for origin in origins)
    return f"## {title}\n\n{circumstances}\n\n{rows_table(figures)}"


def _origin(
    measured_at: str, commit: str | None, machine: Mapping, machines: Sequence[Mapping]
) -> str:
    of_commit = f", commit {commit}" if commit else ""
    return f"{measured_at}{of_commit}, machine {machines.index(machine) + 1}"

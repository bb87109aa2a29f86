"""Figures as tables of Markdown."""

from collections.abc import Iterable, Mapping, Sequence

MET = {True: "yes", False: "**NO**", None: ""}


def rows_table(rows: Sequence[Mapping]) -> str:
    """Returns the table of a benchmark; without peers it has no columns for them."""
    compared = any("peer" in row for row in rows)
    header = ["what", "value", *(["peer", "ratio"] if compared else []), "bar", "met", "details"]
    lines = []
    for row in rows:
        peer = [peer_text(row), ratio_text(row)] if compared else []
        details = describe(row["details"])
        lines.append([row["what"], value_text(row), *peer, row["bar"], MET[row["met"]], details])
    return table(header, lines)


def value_text(row: Mapping) -> str:
    """Returns what was measured of ours: `74 [65.3, 89.1] ms`, `0.898 [0.895, 0.919], 3 runs`."""
    if "ours" in row:
        return f"{_spread(row['ours'])} {row['ours']['unit']}"
    return _with_runs(row)


def peer_text(row: Mapping) -> str:
    """Returns name and figure of the peer: `package mtcnn: 508 [481, 570] ms`."""
    peer = row.get("peer")
    if peer is None:
        return ""
    value = peer["value"] if "value" in peer else f"{_spread(peer)} {peer['unit']}"
    return f"{peer['name']}: {value}"


def ratio_text(row: Mapping) -> str:
    """Returns ours over the peer's: `0.146 [0.13, 0.156], 5 runs`; nothing without a ratio."""
    return _with_runs(row) if "ours" in row else ""


def describe(details: Mapping[str, object]) -> str:
    """Returns details as one line: `faces 9, ms 1.2 [1.1, 1.4]; recalls: angry 60.1%, ...`."""
    flat, nested = {}, {}
    for key, value in details.items():
        if _is_spread(value):
            flat[key] = _spread(value)
        elif isinstance(value, Mapping):
            nested[key] = value
        else:
            flat[key] = value
    parts = [", ".join(f"{key} {_value(value)}" for key, value in flat.items())]
    parts += [f"{key}: {describe(value)}" for key, value in nested.items()]
    return "; ".join(part for part in parts if part)


def table(header: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Returns a table; a cell may hold anything but Markdown of several lines."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def one_line(value: object) -> str:
    """Returns a text without line breaks."""
    return " ".join(str(value).split())


def _with_runs(row: Mapping) -> str:
    runs = row.get("runs")
    if runs is None:
        return str(row["value"])
    count = runs["runs"]
    if count == 1:
        return f"{row['value']}, 1 run"
    # Of several seeds the least is judged: what lies in the middle is then told beside it.
    middle = "" if runs["median"] == row["value"] else f"; {_number(runs['median'])}"
    ends = f"[{_number(runs['least'])}, {_number(runs['most'])}]"
    return f"{_number(row['value'])}{middle} {ends}, {count} runs"


def _is_spread(value: object) -> bool:
    return isinstance(value, Mapping) and {"median", "least", "most"} <= value.keys()


def _spread(values: Mapping) -> str:
    middle, least, most = (_number(values[name]) for name in ("median", "least", "most"))
    return f"{middle} [{least}, {most}]"


def _number(value: float | str) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _cell(value: object) -> str:
    return "" if value is None else one_line(value).replace("|", "\\|")

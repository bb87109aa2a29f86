"""What the benchmarks share: rows of figures, their spread, and the command line of each."""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.files import replace_whole

REPOSITORY = Path(__file__).parent.parent
CACHE = REPOSITORY / ".bench"
"""What the benchmarks fetch and leave, out of the repository's sight."""


class AbsentPeerError(RuntimeError):
    """What a figure would be compared with is not installed.

    Args:
        package: What is absent.
        install: The command that installs it.
        reason: What became of the attempt.
    """

    def __init__(self, package: str, *, install: str, reason: str):
        super().__init__(f"{package}: {reason}")
        self.install = install


def row(
    what: str,
    value: float | str,
    *,
    bar: str | None = None,
    met: bool | None = None,
    runs: Mapping[str, object] | None = None,
    peer: Mapping[str, object] | None = None,
    details: Mapping[str, object] | None = None,
) -> dict:
    """Returns one figure.

    Args:
        what: What was measured, with its unit where `value` does not carry it.
        value: The figure, rounded to what it is worth, or written out: `"67.2%"`.
        bar: What it has to reach, `"≥ 67%"`; `None` for a figure that only informs.
        met: Whether it does, judged before any rounding.
        runs: What `spread` says of the runs that the value comes from; `None` for one that is
            counted and not measured.
        peer: What it is compared with: `name` and `value`.
        details: Spreads and circumstances, by name.

    Raises:
        ValueError: A bar comes without `met`, or `met` without a bar.
    """
    if (bar is None) != (met is None):
        raise ValueError(f"{what}: expected bar and met together. Received: {bar=}, {met=}")
    # numpy's own booleans do not become JSON
    met = None if met is None else bool(met)
    figure = {"what": what, "value": value, "bar": bar, "met": met}
    figure |= {"runs": runs} if runs else {}
    figure |= {"peer": dict(peer)} if peer else {}
    return figure | {"details": dict(details or {})}


def ratio_row(
    what: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    *,
    peer: str,
    unit: str,
    at_least: float | None = None,
    at_most: float | None = None,
    details: Mapping[str, object] | None = None,
) -> dict:
    """Returns the median of what is measured in turns with a peer, ours over theirs.

    Args:
        what: What was measured, `"Time a photograph, detection / package mtcnn"`.
        ours: One number a round.
        theirs: The peer's number of the same round.
        peer: Its name.
        unit: Of both numbers.
        at_least: What the ratio has to reach, or
        at_most: what it may not exceed; without either the figure informs.
        details: As for `row`.
    """
    ratios = [own / other for own, other in zip(ours, theirs, strict=True)]
    ratio = statistics.median(ratios)
    bar = met = None
    if at_least is not None:
        bar, met = f"≥ {at_least:.3g}", ratio >= at_least
    elif at_most is not None:
        bar, met = f"≤ {at_most:.3g}", ratio <= at_most
    return row(
        what,
        round(ratio, 3),
        bar=bar,
        met=met,
        runs=spread(ratios),
        peer={"name": peer, "unit": unit, **_significant(theirs)},
        details=details,
    ) | {"ours": {"unit": unit, **_significant(ours)}}


def _significant(values: Sequence[float]) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in _middle_and_ends(values).items()}


def _middle_and_ends(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def spread(
    values: Sequence[float], *, digits: int = 3, percent: bool = False
) -> dict[str, float | str]:
    """Returns median, least and most of repeated measurements, and how many there are.

    Args:
        values: One number a run.
        digits: Behind the point.
        percent: Whether to write shares out, `"86.1%"`.
    """
    ordered = _middle_and_ends(values)
    if percent:
        found = {name: f"{value:.1%}" for name, value in ordered.items()}
    else:
        found = {name: round(value, digits or None) for name, value in ordered.items()}
    return found | {"runs": len(values)}


def or_absent(what: str, measure: Callable[[], Iterable[dict]]) -> list[dict]:
    """Returns what `measure` does, or one row with the command that installs its absent peer."""
    try:
        return list(measure())
    except AbsentPeerError as absent:
        return [row(what, f"absent: {absent.install}", details={"reason": str(absent)})]


def description_of(function: Callable) -> str:
    """Returns the first line of what the function's module says of itself."""
    return (sys.modules[function.__module__].__doc__ or "").split("\n", maxsplit=1)[0]


def write_json(path: Path, content: object) -> None:
    """Writes `content` as JSON, whole or not at all."""
    with replace_whole(path) as temporary:
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        temporary.write_text(text, encoding="utf-8")


def verdict(figure: Mapping[str, object]) -> str:
    """Returns one line on a figure: what, value, bar, and whether it is met."""
    mark = {True: "met ", False: "MISS", None: "    "}[figure["met"]]
    bar = f" (bar {figure['bar']})" if figure["bar"] else ""
    return f"{mark} {figure['what']}: {figure['value']}{bar}"


def main(measure: Callable[[Path], list[dict]]) -> None:
    """Runs one benchmark by itself: `python -m benchmarks.NAME --shared DIR [--json OUT]`.

    Args:
        measure: From the folder of shared data to rows.
    """
    parser = argparse.ArgumentParser(description=description_of(measure))
    parser.add_argument("--shared", type=Path, required=True, help="folder of the shared data")
    parser.add_argument("--json", type=Path, help="where to write the rows")
    arguments = parser.parse_args()
    try:
        rows = measure(arguments.shared)
    except EmoError as error:
        sys.exit(f"{parser.prog}: {error}")
    for figure in rows:
        print(verdict(figure))
    if arguments.json:
        write_json(arguments.json, rows)
        print(f"Wrote {arguments.json}")

"""What the benchmarks share: rows of figures, their spread, and the command line of each."""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.files import replace_whole

REPOSITORY = Path(__file__).parent.parent
CACHE = REPOSITORY / ".bench"
"""What the benchmarks fetch and leave, out of the repository's sight."""


def row(
    what: str,
    value: float | str,
    *,
    bar: str | None = None,
    met: bool | None = None,
    details: Mapping[str, object] | None = None,
) -> dict:
    """Returns one figure.

    Args:
        what: What was measured, with its unit where `value` does not carry it.
        value: The figure, rounded to what it is worth, or written out: `"67.2%"`.
        bar: What it has to reach, `"≥ 67%"`; `None` for a figure that only informs.
        met: Whether it does, judged before any rounding.
        details: Spreads and circumstances, by name.

    Raises:
        ValueError: A bar comes without `met`, or `met` without a bar.
    """
    if (bar is None) != (met is None):
        raise ValueError(f"{what}: expected bar and met together. Received: {bar=}, {met=}")
    # numpy's own booleans do not become JSON
    met = None if met is None else bool(met)
    return {"what": what, "value": value, "bar": bar, "met": met, "details": dict(details or {})}


def spread(values: Sequence[float], *, digits: int = 3) -> dict[str, float]:
    """Returns median, least and most of repeated measurements."""
    ordered = {"median": statistics.median(values), "least": min(values), "most": max(values)}
    return {name: round(value, digits) for name, value in ordered.items()}


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
    description = (sys.modules[measure.__module__].__doc__ or "").split("\n", maxsplit=1)[0]
    parser = argparse.ArgumentParser(description=description)
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

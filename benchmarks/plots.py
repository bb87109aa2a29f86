"""Plots of the figures: against peers, accuracy of the shipped files, waiting for the server."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

import matplotlib
from matplotlib.figure import Figure

from benchmarks.remarks import Telling
from emo_tf.files import replace_whole
from emo_tf.plots.canvas import (
    BLUE,
    DARK,
    GREY,
    LARGE,
    LIGHT,
    NORMAL,
    ORANGE,
    SMALL,
    VERMILION,
    new_figure,
)

Rows = Mapping[str, Mapping]
"""Figures by what they say they are."""

_TEXT_WIDTH = 42
_FILES = {
    "expression_float16.tflite": "`expression_float16.tflite`: PublicTest accuracy",
    "expression_int8.tflite": "`expression_int8.tflite`: PublicTest accuracy",
    "fer package": "the peer: PublicTest accuracy of the `fer` package's network",
}
_ROUTES = ("`:predict`", "`/v1/analyze`")
_SHARES = (
    (-0.19, "50 %", "median", BLUE, "white"),
    (0.19, "99 %", "99th percentile", ORANGE, DARK),
)
_TICKS = (0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True)
class Plot:
    """A picture of the report.

    Attributes:
        name: Of its file.
        title: What stands over it, and for those who do not see it.
        draw: From the rows and the telling figures to a figure, or None where rows are absent.
    """

    name: str
    title: str
    draw: Callable[[Rows, Sequence[Telling]], Figure | None]


def draw_plots(rows: Sequence[Mapping], folder: Path, *, telling: Sequence[Telling]) -> None:
    """Draws the plots whose figures are there as SVG files.

    Args:
        rows: All figures.
        folder: Where the files go.
        telling: What the plot against peers shows.
    """
    by_name = {row["what"]: row for row in rows}
    # The same figures have to give the same file: no date, and no names made up by chance.
    with matplotlib.rc_context({"svg.hashsalt": "emo_tf"}):
        for plot in PLOTS:
            figure = plot.draw(by_name, telling)
            if figure is None:
                continue
            figure.suptitle(plot.title, fontsize=LARGE)
            with replace_whole(folder / plot.name) as temporary:
                figure.savefig(temporary, format="svg", metadata={"Date": None})


def peers_figure(rows: Rows, telling: Sequence[Telling]) -> Figure | None:
    """Draws how many times as fast as its peer each telling figure is, with the bar."""
    shown = [(one.text, rows[one.row]) for one in telling if "ours" in rows.get(one.row, {})]
    if not shown:
        return None
    figure = new_figure(8.6, 0.55 * len(shown) + 1.5)
    axes = figure.add_subplot()
    for place, (_, row) in enumerate(shown):
        middle, least, most = _times_as_fast(row)
        axes.barh(place, middle - 1, left=1, height=0.55, color=BLUE)
        axes.plot([least, most], [place, place], color=DARK, linewidth=1.6)
        bar = _bar(row)
        if bar:
            axes.plot([bar, bar], [place - 0.38, place + 0.38], color=VERMILION, linewidth=2)
        axes.text(most * 1.06, place, f"{middle:.3g}", va="center", size=NORMAL)
    axes.axvline(1, color=GREY, linewidth=1)
    axes.plot([], [], color=VERMILION, linewidth=2, label="bar")
    axes.plot([], [], color=DARK, linewidth=1.6, label="least to most of the runs")
    names = [f"{fill(_short(text), _TEXT_WIDTH)}\n({_peer(row)})" for text, row in shown]
    axes.set_yticks(range(len(shown)), names, fontsize=SMALL, parse_math=False)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xscale("log")
    axes.set_xlim(right=1.6 * max(_times_as_fast(row)[2] for _, row in shown))
    low, high = axes.get_xlim()
    ticks = [tick for tick in _TICKS if low <= tick <= high]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    figure.legend(loc="outside lower center", ncols=2, fontsize=SMALL, frameon=False)
    _frame(axes, along="x")
    return figure


def accuracy_figure(rows: Rows, _: Sequence[Telling]) -> Figure | None:
    """Draws the accuracy of the shipped files and of the peer with their intervals."""
    shown = {name: rows[what] for name, what in _FILES.items() if what in rows}
    shown = {name: row for name, row in shown.items() if str(row["value"]).endswith("%")}
    if not shown:
        return None
    figure = new_figure(7.2, 0.6 * len(shown) + 1.4)
    axes = figure.add_subplot()
    for place, row in enumerate(shown.values()):
        accuracy = _number(row["value"])
        margin = _number(row["details"]["95 % interval"])
        colour = ORANGE if row["bar"] is None else BLUE
        axes.errorbar(accuracy, place, xerr=margin, fmt="o", color=colour, capsize=4, markersize=8)
        axes.annotate(
            f"{accuracy:.2f} %", (accuracy, place), (0, 8), textcoords="offset points", ha="center"
        )
        if row["bar"]:
            bar = _number(row["bar"])
            axes.plot([bar, bar], [place - 0.3, place + 0.3], color=VERMILION, linewidth=2)
    axes.plot([], [], color=VERMILION, linewidth=2, label="bar")
    axes.set_yticks(range(len(shown)), list(shown), parse_math=False)
    axes.set_ylim(len(shown) - 0.5, -0.6)
    axes.set_xlabel("accuracy, %, with its 95 % interval", fontsize=NORMAL)
    figure.legend(loc="outside lower center", fontsize=SMALL, frameon=False)
    _frame(axes, along="x")
    return figure


def waiting_figure(rows: Rows, _: Sequence[Telling]) -> Figure | None:
    """Draws the median and the 99th percentile of the time to an answer, both servers."""
    shown = {
        f"{route.strip('`')}\n{server.removesuffix(', ms')}": shares
        for route in _ROUTES
        for what, row in rows.items()
        if what.startswith(route) and "99th percentile / median" in what
        for server, shares in row["details"].items()
    }
    if not shown:
        return None
    figure = new_figure(7.2, 3.2)
    axes = figure.add_subplot()
    for shift, share, label, colour, letters in _SHARES:
        runs = [shares[share] for shares in shown.values()]
        middles = [one["median"] for one in runs]
        least, most = ([abs(one[end] - one["median"]) for one in runs] for end in ("least", "most"))
        places = [place + shift for place in range(len(shown))]
        axes.bar(places, middles, width=0.36, color=colour, label=label)
        axes.errorbar(places, middles, yerr=[least, most], fmt="none", ecolor=DARK, capsize=3)
        for place, middle in zip(places, middles, strict=True):
            axes.text(place, middle / 2, f"{middle:.0f}", ha="center", color=letters, size=NORMAL)
    axes.set_xticks(range(len(shown)), list(shown), parse_math=False)
    axes.set_ylabel("ms to an answer, 16 clients", fontsize=NORMAL)
    figure.legend(loc="outside lower center", ncols=2, fontsize=SMALL, frameon=False)
    _frame(axes, along="y")
    return figure


def _times_as_fast(row: Mapping) -> tuple[float, float, float]:
    """Returns median, least and most; of a time, the peer's over ours."""
    middle, least, most = (row["runs"][name] for name in ("median", "least", "most"))
    return (middle, least, most) if _is_speed(row) else (1 / middle, 1 / most, 1 / least)


def _bar(row: Mapping) -> float | None:
    if row["bar"] is None:
        return None
    bar = _number(row["bar"])
    return bar if _is_speed(row) else 1 / bar


def _is_speed(row: Mapping) -> bool:
    return row["ours"]["unit"].endswith("a second")


def _peer(row: Mapping) -> str:
    return f"against {row['peer']['name'].replace('`', '')}"


def _short(text: str) -> str:
    return re.sub(r": (time|speed)$", "", text)


def _number(text: str) -> float:
    return float(re.search(r"[\d.]+", str(text))[0])


def _frame(axes, *, along: str) -> None:
    axes.tick_params(labelsize=SMALL, color=GREY)
    axes.grid(axis=along, color=LIGHT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


PLOTS = (
    Plot("bench_peers.svg", "Times as fast as the peer", peers_figure),
    Plot("bench_accuracy.svg", "Accuracy of the files on FER2013's PublicTest", accuracy_figure),
    Plot("bench_waiting.svg", "Time to an answer of the server", waiting_figure),
)

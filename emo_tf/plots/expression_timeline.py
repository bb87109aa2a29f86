"""Probabilities of expressions over the time of a video."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from emo_tf.colours import EXPRESSION_COLOURS, GROUP_COLOURS, Colour, ink_on
from emo_tf.plots.canvas import (
    DARK,
    GREY,
    LARGE,
    LIGHT,
    NORMAL,
    SMALL,
    name_text,
    new_figure,
    save_figure,
)
from emo_tf.plots.track_probabilities import TrackProbabilities, joined_by_twos
from emo_tf.time_text import time_step, time_text
from emo_tf.video_results import FrameResult, Segment

MOST_PANELS = 8
"""How many tracks are drawn: those that were seen longest."""

_BINS = 2048
_FIRST_BIN_S = 1 / 64
_MOST_TRACKS = 48  # that are remembered at a time
_MOST_SEGMENTS = 1024
_LONGEST_TITLE = 70

# Lengths in inches, heights above the axes in units of the probability.
_WIDTH, _PANEL_HEIGHT, _OTHER_HEIGHT = 10.0, 1.45, 1.15
_DRAWN_WIDTH, _LETTER, _SPACE = 8.9, 0.075, 0.1
_STRIP_BOTTOM, _STRIP_HEIGHT = 1.05, 0.22
_SHORTEST_SPAN_S = 0.1


class ExpressionTimeline:
    """Remembers what a video's tracks showed, and draws it: a panel for each.

    The memory does not grow with the video: as it gets longer, neighbouring moments are joined to
    their means, and tracks and segments that lasted least are forgotten.

    Example:
        >>> timeline = ExpressionTimeline()
        >>> for result, _ in VideoAnalyzer().analyze(frames, source="clip.mp4"):
        ...     timeline.add(result)
        ...     timeline.add_segments(segments.add(result))
        >>> timeline.draw(Path("clip.png"), title="clip.mp4")
    """

    def __init__(self):
        self._start_s: float | None = None
        self._end_s = 0.0
        self._bin_s = _FIRST_BIN_S
        self._frames = np.zeros(_BINS, np.int32)
        self._tracks: dict[int, TrackProbabilities] = {}
        self._group: TrackProbabilities | None = None
        self._segments: list[Segment] = []
        self._seen = 0
        self._highest = 0

    def add(self, result: FrameResult) -> None:
        """Takes note of a frame; frames come in the order of time."""
        if self._start_s is None:
            self._start_s = self._end_s = result.time_s
        self._end_s = max(self._end_s, result.time_s)
        index = int((self._end_s - self._start_s) / self._bin_s)
        while index >= _BINS:
            self._halve()
            index //= 2
        self._frames[index] += 1
        for face in result.tracks:
            if face.expression:
                self._track(face.id).add(index, face.expression.probabilities)
        if result.group:
            if self._group is None:
                self._group = TrackProbabilities(GROUP_COLOURS, bins=_BINS)
            self._group.add(index, result.group.probabilities)

    def add_segments(self, segments: Iterable[Segment]) -> None:
        """Takes note of segments, whose labels will stand above the panels of their tracks."""
        self._segments += segments
        if len(self._segments) > _MOST_SEGMENTS:
            self._segments.sort(key=lambda segment: segment.start_s - segment.end_s)
            del self._segments[_MOST_SEGMENTS // 2 :]

    def draw(self, path: Path, *, title: str = "") -> None:
        """Writes the picture as a PNG file, whole or not at all.

        Args:
            path: Where to; its folder is made if need be.
            title: What stands above, before the number of faces.
        """
        save_figure(self.figure(title=title), Path(path))

    def figure(self, *, title: str = "") -> Figure:
        """Returns the picture: for each track the probabilities stacked over time, its segments
        above them; where a verdict on the group was given, a panel of it comes last.
        """
        longest = sorted(self._tracks, key=lambda track: -self._tracks[track].frames)
        shown = sorted(longest[:MOST_PANELS])
        panels = [(f"face {number}", self._tracks[number], number) for number in shown]
        if self._group is not None:
            panels.append(("group", self._group, None))
        figure = new_figure(_WIDTH, _OTHER_HEIGHT + _PANEL_HEIGHT * max(len(panels), 1))
        figure.suptitle(self._title(title, len(shown)), fontsize=LARGE, parse_math=False)
        all_axes = figure.subplots(max(len(panels), 1), 1, sharex=True, squeeze=False)[:, 0]
        edges, there = self._edges()
        for axes, (name, track, number) in zip(all_axes, panels, strict=False):
            _draw_probabilities(axes, edges, track, there)
            self._draw_segments(axes, [one for one in self._segments if one.id == number])
            axes.set_ylabel(f"{name}\nprobability", fontsize=SMALL + 1)
        if not panels:
            _say_nothing(all_axes[0])
        self._frame(all_axes)
        _legend(figure, group=self._group is not None)
        return figure

    def _track(self, number: int) -> TrackProbabilities:
        if number not in self._tracks:
            self._seen += number > self._highest
            self._highest = max(self._highest, number)
            if len(self._tracks) == _MOST_TRACKS:
                del self._tracks[min(self._tracks, key=lambda track: self._tracks[track].frames)]
            self._tracks[number] = TrackProbabilities(EXPRESSION_COLOURS, bins=_BINS)
        return self._tracks[number]

    def _halve(self) -> None:
        self._bin_s *= 2
        self._frames = joined_by_twos(self._frames)
        for track in (*self._tracks.values(), *([self._group] if self._group else [])):
            track.halve()

    def _edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns the moments between the stretches that had a frame, and which those are.

        A frame counts until the next one; so M stretches have M + 1 edges.
        """
        there = np.flatnonzero(self._frames)
        if not len(there):
            return np.array([0.0, _SHORTEST_SPAN_S]), there
        starts = self._start_s + there * self._bin_s
        usual = float(np.median(np.diff(starts))) if len(starts) > 1 else _SHORTEST_SPAN_S
        return np.append(starts, starts[-1] + usual), there

    def _draw_segments(self, axes: Axes, segments: Sequence[Segment]) -> None:
        edges, _ = self._edges()
        inches_per_s = _DRAWN_WIDTH / (edges[-1] - edges[0])
        for segment in segments:
            length = segment.end_s - segment.start_s
            colour = EXPRESSION_COLOURS.get(segment.label, (255, 255, 255))
            axes.broken_barh(
                [(segment.start_s, length)],
                (_STRIP_BOTTOM, _STRIP_HEIGHT),
                facecolor=_matplotlib_colour(colour),
                edgecolor="white",
                linewidth=0.6,
            )
            if length * inches_per_s >= len(segment.label) * _LETTER + _SPACE:
                axes.text(
                    segment.start_s + length / 2,
                    _STRIP_BOTTOM + _STRIP_HEIGHT / 2 - 0.01,
                    segment.label,
                    ha="center",
                    va="center",
                    size=SMALL,
                    color=_matplotlib_colour(ink_on(colour)),
                )

    def _title(self, title: str, shown: int) -> str:
        count = max(self._seen, shown)
        faces = "no face" if not count else "1 face" if count == 1 else f"{count} faces"
        if count > shown:
            faces += f", the {shown} seen longest"
        return f"{name_text(title, longest=_LONGEST_TITLE)}: {faces}" if title else faces

    def _frame(self, all_axes: Sequence[Axes]) -> None:
        edges, _ = self._edges()
        step = time_step(edges[-1] - edges[0], most=12)
        ticks = np.arange(np.ceil(edges[0] / step - 1e-6) * step, edges[-1], step)
        all_axes[-1].set_xticks(ticks, [time_text(tick, tenths=step < 1) for tick in ticks])
        all_axes[-1].set_xlabel("Time", fontsize=NORMAL)
        for axes in all_axes:
            axes.set(xlim=(edges[0], edges[-1]), ylim=(0, _STRIP_BOTTOM + _STRIP_HEIGHT))
            axes.set_yticks([0, 0.5, 1])
            axes.tick_params(labelsize=SMALL + 1, color=GREY)
            axes.spines[["top", "right"]].set_visible(False)
            axes.spines["left"].set_bounds(0, 1)


def _draw_probabilities(
    axes: Axes, edges: np.ndarray, track: TrackProbabilities, stretches: np.ndarray
) -> None:
    """Stacks the means of M stretches over their M + 1 edges, hatched where there are none."""
    means = track.means()[stretches]  # (M, C)
    there = ~np.isnan(means[:, 0])
    # Both ends of each stretch, so that a lone one has an extent.
    times, there = np.stack([edges[:-1], edges[1:]], axis=1).ravel(), np.repeat(there, 2)
    tops = np.repeat(np.cumsum(np.nan_to_num(means), axis=1), 2, axis=0)  # (2M, C)
    bottoms = np.hstack([np.zeros((len(tops), 1)), tops[:, :-1]])
    axes.fill_between(
        times, 0, 1, where=~there, facecolor="white", edgecolor=LIGHT, hatch="////", linewidth=0
    )
    for index, name in enumerate(track.names):
        axes.fill_between(
            times,
            bottoms[:, index],
            tops[:, index],
            where=there,
            facecolor=_matplotlib_colour(track.colours[name]),
            edgecolor="none",
        )
    axes.hlines(0.5, edges[0], edges[-1], color=DARK, linewidth=0.5, alpha=0.5, linestyle=":")


def _say_nothing(axes: Axes) -> None:
    axes.text(
        0.5, 0.45, "no face with an expression", transform=axes.transAxes, ha="center", color=GREY
    )


def _legend(figure: Figure, *, group: bool) -> None:
    entries = dict(EXPRESSION_COLOURS)
    if group:
        entries |= {
            f"group: {name}": GROUP_COLOURS[name] for name in GROUP_COLOURS if name not in entries
        }
    figure.legend(
        [
            Patch(facecolor=_matplotlib_colour(c), edgecolor=GREY, linewidth=0.4)
            for c in entries.values()
        ],
        list(entries),
        loc="outside lower center",
        ncols=len(entries),
        fontsize=SMALL + 1,
        frameon=False,
        handlelength=1.1,
        columnspacing=1.4,
    )


def _matplotlib_colour(colour: Colour) -> tuple[float, ...]:
    return tuple(value / 255 for value in colour)

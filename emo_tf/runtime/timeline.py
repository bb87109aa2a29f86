"""The strip under a video that shows which expression each face appeared to have, and when."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from PIL import ImageFont

from emo_tf.colours import EXPRESSION_COLOURS, GROUP_COLOURS, ink_on
from emo_tf.runtime.drawing import Colour, fill, fit_font, letters, stamp, write
from emo_tf.runtime.timeline_lanes import NOTHING, TimelineLanes
from emo_tf.time_text import time_step, time_text
from emo_tf.video_results import FrameResult

LIVE_SPAN_S = 30.0
"""How far back the strip of a video without a known end goes."""

LANES = 3
"""How many faces at the same moment have a row of their own."""

_UNKNOWN = 1  # code of a face without an expression that has a colour

_GROUND: Colour = (16, 18, 22)
_LANE: Colour = (38, 41, 47)
_UNKNOWN_COLOUR: Colour = (255, 255, 255)
_WHITE: Colour = (255, 255, 255)
_GREY: Colour = (170, 175, 184)

# Lengths in units of the font's size, font sizes in pixels.
_LANE_HEIGHT, _TALLEST_LANE, _GAP, _PADDING = 1.3, 2.2, 0.2, 0.55
_TICKS_HEIGHT, _LEGEND_HEIGHT, _TICK_DISTANCE = 1.6, 1.5, 6.0
_SMALLEST_FONT = 7


class Timeline:
    """Draws a row for each of a few faces, coloured by expression, over a line of time.

    The end of what has been seen is marked, long stretches are labelled, and below stands what
    the colours mean. The size does not change from frame to frame, nor does the memory grow.

    Args:
        width: Pixels of the strip.
        font_size: Pixels of its letters.
        start_s: The moment at which the strip begins.
        duration_s: Seconds that it covers; `None` for the last `LIVE_SPAN_S`, moving.
        group: Whether to have a row for the verdict on the group.

    Attributes:
        height: Pixels of the strip.
    """

    def __init__(
        self,
        width: int,
        *,
        font_size: float,
        start_s: float = 0.0,
        duration_s: float | None = None,
        group: bool = False,
    ):
        self._font = ImageFont.load_default(size=font_size)
        self._live = duration_s is None
        self._start_s = start_s
        self._span_s = LIVE_SPAN_S if duration_s is None else duration_s
        self._left = min(round(_PADDING * font_size), (width - 1) // 2)
        columns = width - 2 * self._left
        options = {
            "columns": columns,
            "span_s": self._span_s,
            "start_s": start_s,
            "scrolling": self._live,
        }
        self._faces = TimelineLanes(LANES, **options)
        self._group = TimelineLanes(1, **options) if group else None
        self._face_rows = _Rows(EXPRESSION_COLOURS, self._font)
        self._group_rows = _Rows(GROUP_COLOURS, self._font)
        self._time_s = start_s
        lane, gap, padding = (round(x * font_size) for x in (_LANE_HEIGHT, _GAP, _PADDING))
        self._group_top = padding
        self._faces_top = padding + (lane + padding if group else 0)
        self._lane, self._gap = lane, gap
        self._faces_height = LANES * lane + (LANES - 1) * gap
        self._ticks_top = self._faces_top + self._faces_height + gap
        self._legend_top = self._ticks_top + round(_TICKS_HEIGHT * font_size)
        self.height = self._legend_top + round(_LEGEND_HEIGHT * font_size) + gap
        self._ground = self._drawn_ground(width)

    def add(self, result: FrameResult) -> None:
        """Takes note of a frame; frames come in the order of time."""
        self._time_s = max(self._time_s, result.time_s)
        shown = {
            face.id: self._face_rows.code(face.expression.label if face.expression else None)
            for face in result.tracks
        }
        self._faces.add(self._time_s, shown)
        if self._group is not None:
            verdict = {1: self._group_rows.code(result.group.label)} if result.group else {}
            self._group.add(self._time_s, verdict)

    def draw(self, canvas: np.ndarray) -> None:
        """Draws the strip.

        Args:
            canvas: uint8 RGB of shape (`height`, width, 3), changed in place.
        """
        canvas[:] = self._ground
        if self._group is not None:
            self._draw_lanes(canvas, self._group, self._group_rows, self._group_top, [self._lane])
        used = max(self._faces.used, 1)
        room = (self._faces_height - (used - 1) * self._gap) // used
        height = min(room, round(_TALLEST_LANE * self._font.size))
        top = self._faces_top + (self._faces_height - used * (height + self._gap)) // 2
        self._draw_lanes(canvas, self._faces, self._face_rows, top, [height] * used, numbered=True)
        self._draw_playhead(canvas)
        if self._faces.without_lane:
            count = self._faces.without_lane
            text = f"and {count} more {'face' if count == 1 else 'faces'}"
            right = canvas.shape[1] - self._left
            self._draw_note(canvas, text, right - self._note_width(text), _LANE, _WHITE)

    def _draw_lanes(
        self,
        canvas: np.ndarray,
        lanes: TimelineLanes,
        rows: "_Rows",
        top: int,
        heights: Sequence[int],
        *,
        numbered: bool = False,
    ) -> None:
        codes, tracks = lanes.window()
        for lane, height in enumerate(heights):
            row = canvas[top : top + height, self._left : self._left + codes.shape[1]]
            rows.draw(row, codes[lane], tracks[lane], numbered=numbered)
            top += height + self._gap

    def _draw_playhead(self, canvas: np.ndarray) -> None:
        x = self._left + self._faces.playhead
        top = self._group_top if self._group is not None else self._faces_top
        width = max(2, round(0.15 * self._font.size))
        line = (x - width / 2, top - self._gap, width, self._ticks_top - top + self._gap)
        fill(canvas, (line[0] - 1, line[1], width + 2, line[3]), _GROUND, opacity=0.7)
        fill(canvas, line, _WHITE)
        text = time_text(self._time_s, tenths=True)
        self._draw_note(canvas, text, x - self._note_width(text) / 2, _WHITE, (0, 0, 0))

    def _note_width(self, text: str) -> float:
        return self._font.getlength(text) + self._font.size

    def _draw_note(
        self, canvas: np.ndarray, text: str, x: float, ground: Colour, ink: Colour
    ) -> None:
        """Writes on the line of times, over what stands there."""
        width, size = self._note_width(text), self._font.size
        x = min(max(x, 0), max(canvas.shape[1] - width, 0))
        height = round((_TICKS_HEIGHT - 0.2) * size)
        fill(canvas, (x, self._ticks_top, width, height), ground, radius=0.3 * size)
        write(canvas, text, (x + size / 2, self._ticks_top + height / 2), self._font, ink)

    def _drawn_ground(self, width: int) -> np.ndarray:
        """Returns what stays the same: the ground, times and the meaning of the colours."""
        ground = np.full((self.height, width, 3), _GROUND, np.uint8)
        middle = self._ticks_top + (_TICKS_HEIGHT - 0.2) * self._font.size / 2
        end = 0.0
        for x, text in self._ticks(width - 2 * self._left):
            length = self._font.getlength(text)
            left = min(max(x + self._left - length / 2, self._left), width - self._left - length)
            if left >= end:
                fill(ground, (x + self._left - 0.5, self._ticks_top - self._gap, 1, 3), _GREY)
                write(ground, text, (left, middle), self._font, _GREY)
                end = left + length + self._font.size
        self._draw_legend(ground)
        return ground

    def _ticks(self, columns: int) -> Iterator[tuple[float, str]]:
        """Yields where a time stands, and its text."""
        if self._span_s <= 0:
            return
        most = max(1.0, columns / (_TICK_DISTANCE * self._font.size))
        step = max(1, time_step(self._span_s, most=most))
        if self._live:
            for back in np.arange(self._span_s, 0, -step):
                yield (1 - back / self._span_s) * columns, f"-{time_text(back)}"
            return
        first = np.ceil(self._start_s / step) * step
        for time_s in np.arange(first, self._start_s + self._span_s, step):
            yield (time_s - self._start_s) / self._span_s * columns, time_text(time_s)

    def _draw_legend(self, ground: np.ndarray) -> None:
        names = list(EXPRESSION_COLOURS)
        room = ground.shape[1] - 2 * self._left
        for texts, distance in ((names, 2.2), ([_short(name) for name in names], 1.6)):
            # Each name has a square before it and some room after it.
            font = fit_font(
                ["".join(texts)],
                width=room - len(texts) * distance * self._font.size,
                largest=self._font.size,
                smallest=_SMALLEST_FONT,
            )
            if font:
                break
        else:
            return
        size = font.size
        x, middle = float(self._left), self._legend_top + _LEGEND_HEIGHT * self._font.size / 2
        gap = min((room - sum(font.getlength(text) + 1.2 * size for text in texts)) / 6, 2 * size)
        for text, colour in zip(texts, EXPRESSION_COLOURS.values(), strict=True):
            square = (round(x), round(middle - 0.4 * size), round(0.8 * size), round(0.8 * size))
            fill(ground, square, colour, radius=0.15 * size)
            write(ground, text, (x + 1.2 * size, middle), font, _GREY)
            x += 1.2 * size + font.getlength(text) + gap


class _Rows:
    """Draws rows of one kind of labels: colours by code, and words on long stretches."""

    def __init__(self, colours: dict[str, Colour], font: ImageFont.FreeTypeFont):
        self._font = font
        self._codes = {name: code for code, name in enumerate(colours, _UNKNOWN + 1)}
        self._palette = np.array([_LANE, _UNKNOWN_COLOUR, *colours.values()], np.uint8)
        # Drawn once: a strip has dozens of words, in every frame.
        self._words: list[list[np.ndarray]] = [[], []]
        self._words += [[letters(text, font) for text in (name, _short(name))] for name in colours]
        self._inks = [ink_on(tuple(colour)) for colour in self._palette.tolist()]

    def code(self, label: str | None) -> int:
        """Returns what stands for a label in a lane."""
        return self._codes.get(label, _UNKNOWN)

    def draw(
        self, row: np.ndarray, codes: np.ndarray, tracks: np.ndarray, *, numbered: bool
    ) -> None:
        """Draws a row: the codes and the tracks' numbers of its columns; both of shape (N,)."""
        row[:] = self._palette[codes]
        if row.shape[0] < self._font.size:
            return
        before = 0
        for start, stop in _runs(np.where(codes == NOTHING, 0, tracks)):
            if codes[start] == NOTHING:
                continue
            track, written = int(tracks[start]), start
            if numbered and track != before:
                written = self._write_number(row, str(track), start, stop)
                before = track if written > start else before
            for first, last in _runs(codes[start:stop]):
                code = int(codes[start + first])
                self._write_label(row, code, max(start + first, written), start + last)

    def _write_number(self, row: np.ndarray, number: str, start: int, stop: int) -> int:
        """Writes the number of a track where it begins; returns where labels may begin."""
        width = self._font.getlength(number) + 0.8 * self._font.size
        if width > stop - start:
            return start
        middle = row.shape[0] / 2
        fill(row, (start, 0, width, row.shape[0]), _GROUND, opacity=0.75)
        write(row, number, (start + 0.4 * self._font.size, middle), self._font, _WHITE)
        return start + int(np.ceil(width))

    def _write_label(self, row: np.ndarray, code: int, start: int, stop: int) -> None:
        margin = 0.35 * self._font.size
        for word in self._words[code]:
            if word.shape[1] + 2 * margin <= stop - start:
                place = (start + margin, row.shape[0] / 2)
                stamp(row, word, place, self._font, self._inks[code])
                return


def _short(name: str) -> str:
    return name[:2].capitalize()


def _runs(values: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yields start and stop of each stretch of equal values."""
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    yield from pairwise(edges)

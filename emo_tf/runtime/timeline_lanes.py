"""What tracks showed over time, in a memory that does not grow with the video."""

from collections.abc import Mapping

import numpy as np

NOTHING = 0
"""The code of a column in which nobody was there."""

KEPT_S = 3.0
"""How long the lane of a track stays free for it after it was last seen."""


class TimelineLanes:
    """A few lanes of columns, each of them a short stretch of time.

    A track that appears takes the first free lane and keeps it while it is there and for `KEPT_S`
    after that; so people who come one after another share a lane. A frame counts until the next
    one, and a column shows what most of its frames do.

    Args:
        lanes: How many lanes, L.
        columns: How many columns, N.
        span_s: Seconds that the columns cover.
        start_s: The moment at which the first column begins.
        scrolling: Whether the columns end at the latest moment, always; otherwise they begin at
            `start_s`, and what lies after them is in the last.

    Attributes:
        used: How many lanes have been taken so far.
        without_lane: How many tracks of the latest frame found no free lane.

    Example:
        >>> lanes = TimelineLanes(3, columns=500, span_s=30)
        >>> lanes.add(0.04, {1: 5, 2: 3})
        >>> codes, tracks = lanes.window()
    """

    def __init__(
        self,
        lanes: int,
        *,
        columns: int,
        span_s: float,
        start_s: float = 0.0,
        scrolling: bool = False,
    ):
        self.used = 0
        self.without_lane = 0
        self._start_s, self._scrolling = start_s, scrolling
        self._columns_per_s = columns / span_s if span_s > 0 else 0.0
        self._codes = np.zeros((lanes, columns), np.int16)
        self._tracks = np.zeros((lanes, columns), np.int64)
        self._owner: list[int | None] = [None] * lanes
        self._seen_s = [0.0] * lanes
        self._counts: list[dict[int, int]] = [{} for _ in range(lanes)]
        self._latest = np.zeros(lanes, np.int16)
        self._column = -1

    @property
    def playhead(self) -> int:
        """The column of the latest frame in `window`, 0 before the first."""
        return self._codes.shape[1] - 1 if self._scrolling else max(self._column, 0)

    def add(self, time_s: float, shown: Mapping[int, int]) -> None:
        """Adds a frame.

        Args:
            time_s: When it is shown; not before the frames that were added.
            shown: What each track shows, as a code from 1 on, by the track's number.
        """
        self._advance(time_s)
        self._give_lanes(time_s, shown)
        for lane, track in enumerate(self._owner):
            code = shown.get(track, NOTHING)
            counts = self._counts[lane]
            counts[code] = counts.get(code, 0) + 1
            self._latest[lane] = code
        most = [max(counts, key=counts.get) for counts in self._counts]
        self._write(self._column, np.array(most, np.int16))

    def window(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns the columns in the order of time.

        Returns:
            Codes of shape (L, N), `NOTHING` where nobody was; and the numbers of the tracks that
            they belong to, of the same shape.
        """
        if not self._scrolling:
            return self._codes, self._tracks
        shift = -(self._column + 1) % self._codes.shape[1]
        return np.roll(self._codes, shift, axis=1), np.roll(self._tracks, shift, axis=1)

    def _advance(self, time_s: float) -> None:
        """Moves on to the column of a moment; what was shown last fills those between."""
        columns = self._codes.shape[1]
        column = int((time_s - self._start_s) * self._columns_per_s)
        if not self._scrolling:
            column = min(column, columns - 1)
        if column <= self._column:
            return
        for between in range(max(self._column + 1, column - columns + 1), column):
            self._write(between, self._latest)
        self._column = column
        for counts in self._counts:
            counts.clear()

    def _give_lanes(self, time_s: float, shown: Mapping[int, int]) -> None:
        self.without_lane = 0
        for track in sorted(shown):
            lane = self._owner.index(track) if track in self._owner else self._free(time_s, shown)
            if lane is None:
                self.without_lane += 1
                continue
            self._owner[lane], self._seen_s[lane] = track, time_s
            self.used = max(self.used, lane + 1)

    def _free(self, time_s: float, shown: Mapping[int, int]) -> int | None:
        for lane, track in enumerate(self._owner):
            gone = track not in shown and time_s - self._seen_s[lane] > KEPT_S
            if track is None or gone:
                return lane
        return None

    def _write(self, column: int, codes: np.ndarray) -> None:
        place = column % self._codes.shape[1]
        self._codes[:, place] = codes
        self._tracks[:, place] = [track or 0 for track in self._owner]

"""From expressions frame by frame to stretches of time with one expression each."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.results import Expression
from emo_tf.video_results import FrameResult, Segment

MARGIN = 0.1
LEAD_S = 0.2
GAP_S = 1.0

_ROUNDING_S = 1e-6
"""Times are rounded fractions: a lead of just the length that is asked for counts."""


@dataclass(eq=False)
class _Stretch:
    """Frames one after the other: when they are shown, and the sum of their probabilities."""

    start_s: float = 0.0
    end_s: float = 0.0
    frames: int = 0
    total: np.ndarray = field(default_factory=lambda: np.zeros(len(EXPRESSIONS)))

    def add(self, probabilities: np.ndarray, time_s: float) -> None:
        self.start_s = self.start_s if self.frames else time_s
        self.end_s = time_s
        self.frames += 1
        self.total += probabilities

    def extend(self, other: "_Stretch") -> None:
        if other.frames:
            self.start_s = self.start_s if self.frames else other.start_s
            self.end_s = other.end_s
            self.frames += other.frames
            self.total += other.total


@dataclass(eq=False)
class _Track:
    """One face: its segment so far, and the frames since another expression leads."""

    label: int | None = None
    settled: _Stretch = field(default_factory=_Stretch)
    leader: int | None = None
    clear_since_s: float | None = None
    lead: _Stretch = field(default_factory=_Stretch)

    @property
    def seen_s(self) -> float:
        return self.lead.end_s if self.lead.frames else self.settled.end_s


class SegmentBuilder:
    """Cuts each track of a video into segments of one expression, in constant memory.

    An expression takes over once it was ahead of the one before by `margin` for `lead_s`; its
    segment then begins where it began to lead. So a segment only ends where another one follows or
    the face goes, not at every frame that leans another way. At first, whichever leads so becomes
    the expression from the track's beginning. A face that is not seen for up to `gap_s` goes on.

    Args:
        source: The video, as results name it.
        margin: By how much a new expression has to lead, 0 to 1.
        lead_s: For how long, in seconds.
        gap_s: Seconds without the face after which its segment ends; one frame has to be without.

    Raises:
        EmoError: A setting is out of its range.

    Example:
        >>> builder = SegmentBuilder("clip.mp4")
        >>> ended = [segment for result in results for segment in builder.add(result)]
        >>> ended += builder.finish()
    """

    def __init__(
        self,
        source: str,
        *,
        margin: float = MARGIN,
        lead_s: float = LEAD_S,
        gap_s: float = GAP_S,
    ):
        if not 0 <= margin <= 1:
            raise EmoError(f"margin: expected 0 to 1. Received: {margin}")
        for name, value in (("lead_s", lead_s), ("gap_s", gap_s)):
            if not 0 <= value < math.inf:
                raise EmoError(f"{name}: expected 0 or more seconds. Received: {value}")
        self._source = source
        self._margin = margin
        self._lead_s = lead_s
        self._gap_s = gap_s
        self._tracks: dict[int, _Track] = {}
        self._before_s = -math.inf

    def add(self, result: FrameResult) -> list[Segment]:
        """Takes in the next frame.

        Returns:
            The segments of which it is now known where they end, by their start.
        """
        ended = self._end_those_gone(result.time_s)
        for face in result.tracks:
            if face.expression is not None:
                track = self._tracks.setdefault(face.id, _Track())
                ended += self._add(face.id, track, face.expression, result.time_s)
        self._before_s = result.time_s
        return sorted(ended, key=_start)

    def finish(self) -> list[Segment]:
        """Ends all segments where the video ends; the next frame begins anew.

        Returns:
            Those that were still going on, by their start.
        """
        ended = [self._last(number, track) for number, track in self._tracks.items()]
        self._tracks, self._before_s = {}, -math.inf
        return sorted(ended, key=_start)

    def _end_those_gone(self, time_s: float) -> list[Segment]:
        """Ends what was missing from a frame and whose time is up, before a new frame comes."""
        gone = [
            number
            for number, track in self._tracks.items()
            if track.seen_s < self._before_s and time_s - track.seen_s > self._gap_s + _ROUNDING_S
        ]
        return [self._last(number, self._tracks.pop(number)) for number in gone]

    def _add(
        self, number: int, track: _Track, expression: Expression, time_s: float
    ) -> list[Segment]:
        probabilities = _in_order(expression.probabilities)
        ranking = np.argsort(-probabilities, kind="stable")
        leader = int(ranking[0])
        if leader == track.label:
            track.settled.extend(track.lead)
            track.settled.add(probabilities, time_s)
            track.leader, track.clear_since_s, track.lead = None, None, _Stretch()
            return []
        if leader != track.leader:
            self._set_back(track)
            track.leader = leader
        track.lead.add(probabilities, time_s)
        rival = int(ranking[1]) if track.label is None else track.label
        if probabilities[leader] - probabilities[rival] < self._margin:
            track.clear_since_s = None
            return []
        if track.clear_since_s is None:
            track.clear_since_s = time_s
        if time_s - track.clear_since_s < self._lead_s - _ROUNDING_S:
            return []
        return self._hand_over(number, track)

    def _set_back(self, track: _Track) -> None:
        """Adds the frames of a lead that was too short to what was before."""
        track.settled.extend(track.lead)
        track.lead, track.clear_since_s = _Stretch(), None

    def _hand_over(self, number: int, track: _Track) -> list[Segment]:
        """Ends the segment before the lead, and begins the leader's."""
        ended = []
        if track.label is None:
            self._set_back(track)
        else:
            ended.append(self._segment(number, track.settled, track.label))
            track.settled = track.lead
        track.label, track.leader, track.clear_since_s = track.leader, None, None
        track.lead = _Stretch()
        return ended

    def _last(self, number: int, track: _Track) -> Segment:
        self._set_back(track)
        label = track.label
        if label is None:
            label = int(track.settled.total.argmax())
        return self._segment(number, track.settled, label)

    def _segment(self, number: int, stretch: _Stretch, label: int) -> Segment:
        return Segment(
            self._source,
            number,
            stretch.start_s,
            stretch.end_s,
            EXPRESSIONS[label],
            float(stretch.total[label] / stretch.frames),
        )


def _in_order(probabilities: Mapping[str, float]) -> np.ndarray:
    return np.array([probabilities[name] for name in EXPRESSIONS])


def _start(segment: Segment) -> float:
    return segment.start_s

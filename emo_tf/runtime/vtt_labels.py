"""Labels of a video in the forms of the Video Turing Test (VTT): what a reader of its labels takes.

A line of the form that is read today is an object of the schema "Video Label" of VTT's toolkit; the
older form is that of the labels which were published for Friends.
"""

import math
from collections.abc import Container
from dataclasses import dataclass

from emo_tf.video_results import FrameResult, TrackedFace

STEP_S = 0.5
LONGEST_GAP_S = 1.0
"""Readers take moments that are no further apart to belong together."""

PUBLISHED_CLASSES = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}
"""What the older form calls each expression."""


@dataclass(frozen=True)
class _Sighting:
    """A track in the last frame in which it was seen."""

    time_s: float
    box_xywh: tuple[float, ...]
    label: str


class VttLabels:
    """Turns the frames of a video into labels: two a track and moment.

    The moments of a video are 0, 0.5, 1, ... seconds. A track has one at each that lies between the
    first and the last frame of it, both included, whether or not it is seen just then: a track
    seen from `a` to `b` has floor(b / 0.5) - ceil(a / 0.5) + 1 moments, with `a` and `b` rounded to
    four decimals as in `FrameResult.to_dict`. Only where it is out of sight, and
    not again in sight `longest_gap_s` later, it ends, and begins anew when it is back.

    Each moment of a track gives an `object`, which says where the face is, between two frames on
    the line from one to the other, and an `emotion` with the expression of the last frame up to
    then. Labels come in the order of their moments, and so some frames late, as a track that is out
    of sight may come back. Takes as much memory as there are tracks at a time.

    Args:
        longest_gap_s: For how long a track may be out of sight.

    Example:
        >>> labels = VttLabels()
        >>> lines = [line for result in results for line in labels.add(result)] + labels.finish()
        >>> lines[1]
        {'type': 'emotion', 'class': 'happy', 'seconds': 0.5, 'object': {'id': 'person_1'}}

    Reference:
        The labels of uilab-vtt's toolkit, a JSON Schema of draft 7.
    """

    def __init__(self, *, longest_gap_s: float = LONGEST_GAP_S):
        self._longest_gap_s = longest_gap_s
        self._last: dict[int, _Sighting] = {}
        self._hidden: set[int] = set()
        # By number of the moment, then by track.
        self._waiting: dict[int, dict[int, list[dict]]] = {}

    def add(self, result: FrameResult) -> list[dict]:
        """Takes the next frame.

        Args:
            result: What was found in it; tracks without an expression count as not seen.

        Returns:
            The labels that are certain by now, ready to be written as JSON.
        """
        time_s = round(result.time_s, 4)
        seen = {track.id: track for track in result.tracks if track.expression}
        self._forget(time_s, seen)
        self._hidden = self._last.keys() - seen
        for number, track in seen.items():
            sighting = _Sighting(time_s, tuple(track.box_xywh), track.expression.label)
            self._fill(number, self._last.get(number, sighting), sighting)
            self._last[number] = sighting
        return self._labels_until(min((s.time_s for s in self._last.values()), default=time_s))

    def finish(self) -> list[dict]:
        """Returns the labels that are left after the last frame."""
        self._last.clear()
        return self._labels_until(math.inf)

    def _forget(self, time_s: float, seen: Container[int]) -> None:
        """Ends the tracks that are out of sight for too long, also those that are back just now."""
        for number, last in list(self._last.items()):
            hidden = number in self._hidden or number not in seen
            if hidden and time_s - last.time_s > self._longest_gap_s:
                del self._last[number]

    def _fill(self, number: int, before: _Sighting, now: _Sighting) -> None:
        """Labels the moments of a track from one sighting, which has its labels, to the next."""
        first = math.ceil(now.time_s / STEP_S)
        if before is not now:
            first = math.floor(before.time_s / STEP_S) + 1
        for moment in range(first, math.floor(now.time_s / STEP_S) + 1):
            tracks = self._waiting.setdefault(moment, {})
            tracks[number] = _labels(number, before, now, seconds=moment * STEP_S)

    def _labels_until(self, time_s: float) -> list[dict]:
        """Takes out the labels of the moments up to a time, by which no track can be missing."""
        ready = sorted(moment for moment in self._waiting if moment * STEP_S <= time_s)
        moments = [self._waiting.pop(moment) for moment in ready]
        return [
            label for tracks in moments for number in sorted(tracks) for label in tracks[number]
        ]


def _labels(number: int, before: _Sighting, now: _Sighting, *, seconds: float) -> list[dict]:
    span = now.time_s - before.time_s
    share = (seconds - before.time_s) / span if span else 1
    box = [
        round((1 - share) * old + share * new, 2)
        for old, new in zip(before.box_xywh, now.box_xywh, strict=True)
    ]
    shown = now if seconds >= now.time_s else before
    name = f"person_{number}"
    return [
        {
            "type": "object",
            "id": name,
            "class": "person",
            "label": f"Person {number}",
            "seconds": seconds,
            "coordinates": box,
        },
        {"type": "emotion", "class": shown.label, "seconds": seconds, "object": {"id": name}},
    ]


def published_labels(result: FrameResult) -> list[dict]:
    """Returns the labels of one frame in the older form: one a track, with corners in pixels."""
    return [_published(result.frame, track) for track in result.tracks if track.expression]


def _published(frame: int, track: TrackedFace) -> dict:
    x, y, width, height = track.box_xywh
    return {
        "type": "emotion",
        "class": PUBLISHED_CLASSES[track.expression.label],
        "frames": frame,
        "coordinates": [round(value) for value in (x, y, x + width, y + height)],
        "id": track.id,
    }

"""How long a video says it is, how far it was read, and whether that was all of it."""

import re
from fractions import Fraction

import av

_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)\d*")
# Frames by which a video may be short of its stated length: its packets say how long they are
# shown, or do not. Times of some containers are whole milliseconds.
_ALLOWED, _ALLOWED_UNKNOWN = 0.75, 1.6
_LEAST_ALLOWED_S = 0.03
_USUAL_RATE = Fraction(25)


class VideoProgress:
    """Counts the packets of a source as they are read and compares them with what the file says.

    Args:
        container: The opened source.
        stream: Its video stream.
        is_whole: Whether it is read from its beginning, so that packets can be counted.

    Attributes:
        duration_s: Length of the video in seconds, where the file says it.
        frames: Frames in all, where the file says it.
    """

    def __init__(
        self,
        container: av.container.InputContainer,
        stream: av.video.stream.VideoStream,
        *,
        is_whole: bool = True,
    ):
        self._is_whole = is_whole
        self._index = stream.index
        self._frame_s = float(1 / (stream.average_rate or _USUAL_RATE))
        self.frames = stream.frames or None
        start = (stream.start_time or 0) * stream.time_base
        stated = _stream_end(container, stream)
        # What has a length of its own was read to its end when this stream was.
        self._watched = None if stated is None else stream.index
        if stated is None and container.duration is not None:
            stated = Fraction(container.duration, av.time_base)
            start = Fraction(container.start_time or 0, av.time_base)
            if "matroska" not in container.format.name:  # which alone states an end, from 0 on
                stated += start
        self._stated_end_s = None if stated is None else float(stated)
        self._start_s = float(start)
        self.duration_s = None if stated is None else float(stated - start)
        if self.duration_s is not None and self.duration_s <= 0:
            self.duration_s = None
        self._packets, self._end_s, self._allowed = 0, self._start_s, _ALLOWED_UNKNOWN

    def add(self, packet: av.Packet) -> None:
        """Counts one packet of any stream."""
        if not packet.size or packet.is_corrupt:
            return
        index = packet.stream.index
        self._packets += index == self._index
        time = packet.dts if packet.pts is None else packet.pts
        if time is None or packet.time_base is None or self._watched not in (None, index):
            return
        end_s = float((time + (packet.duration or 0)) * packet.time_base)
        if end_s > self._end_s:
            self._end_s = end_s
            self._allowed = _ALLOWED if packet.duration else _ALLOWED_UNKNOWN

    def why_cut(self, error: str | None = None) -> str | None:
        """Returns why the source ended before the end that it states; none where it did not.

        Args:
            error: What reading stopped at, where it did not stop at the end.
        """
        missing_s = 0.0 if self._stated_end_s is None else self._stated_end_s - self._end_s
        early = missing_s > max(_LEAST_ALLOWED_S, self._allowed * self._frame_s)
        if self.frames is not None and self._is_whole:
            # An edit list may leave frames out that are counted: the time has to be short as well.
            some_time = self.duration_s is None or missing_s > self._frame_s / 2
            early = self._packets < self.frames and some_time
        if not early and error is None:
            return None
        said = []
        if self._is_whole:
            of = "" if self.frames is None else f" of about {self.frames}"
            said.append(f"{self._packets}{of} frames")
        if self.duration_s is not None:
            read_s = max(0.0, self._end_s - self._start_s)
            said.append(f"{read_s:.1f} of {self.duration_s:.1f} s")
        what = ", ".join(said) or "a part"
        return f"ends early: {what} could be read" + (f" ({error})" if error else "")


def _stream_end(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream
) -> Fraction | None:
    """Returns when a stream ends by its own clock, as the file states it."""
    if stream.duration is not None:
        return (stream.duration + (stream.start_time or 0)) * stream.time_base
    clock = _CLOCK.fullmatch(stream.metadata.get("DURATION", ""))
    if clock is None or "matroska" not in container.format.name:
        return None
    hours, minutes, seconds = clock.groups()
    return 3600 * int(hours) + 60 * int(minutes) + Fraction(seconds)

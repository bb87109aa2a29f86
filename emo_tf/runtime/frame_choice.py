"""Which frames of a video are looked at."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile

from emo_tf.errors import EmoError
from emo_tf.runtime.video_decoder import DecodedFrame

# Times that differ by less are equal: clocks of files tick in 1/90000 s and coarser.
_SAME_S = 1e-6


@dataclass(frozen=True)
class FrameChoice:
    """Chooses frames by their time, and every so many or so many a second of them.

    Attributes:
        every: Each of so many frames, the first one included.
        fps: The frames that are shown at so many moments a second, from the first frame on; a
            frame that is shown at several moments is given once.
        start_s: The first frame is the first that is not shown before; in seconds.
        end_s: Frames that are shown then, or later, are left out; in seconds.

    Raises:
        EmoError: A number that is not positive, both `every` and `fps`, or a start behind the end.
    """

    every: int = 1
    fps: float | None = None
    start_s: float | None = None
    end_s: float | None = None

    def __post_init__(self):
        if isinstance(self.every, bool) or not isinstance(self.every, int) or self.every < 1:
            raise EmoError(f"every: expected a whole number from 1. Received: {self.every}")
        if self.fps is not None and not 0 < self.fps < math.inf:
            raise EmoError(f"fps: expected frames a second above 0. Received: {self.fps}")
        if self.fps is not None and self.every > 1:
            raise EmoError(
                f"expected either every or fps. Received: every={self.every} and fps={self.fps:g}"
            )
        if self.start_s is not None and not 0 <= self.start_s < math.inf:
            raise EmoError(f"start: expected seconds from 0. Received: {self.start_s}")
        if self.end_s is not None and not 0 < self.end_s < math.inf:
            raise EmoError(f"end: expected seconds above 0. Received: {self.end_s}")
        if self.end_s is not None and (self.start_s or 0) >= self.end_s:
            raise EmoError(
                "expected a start before the end. "
                f"Received: start {self.start_s:g} s, end {self.end_s:g} s"
            )

    def of(self, frames: Iterable[DecodedFrame], *, live: bool) -> Iterator[DecodedFrame]:
        """Yields the chosen ones of the frames from the start on.

        Args:
            frames: By time, from the start on.
            live: Whether they come as they happen. What is shown at a moment is certain only once
                the next frame is there; live, the first frame after the moment is taken instead.
        """
        if self.end_s is not None:
            last_s = self.end_s - _SAME_S
            frames = takewhile(lambda item: item.time_s < last_s, frames)
        if self.fps is None:
            return islice(frames, 0, None, self.every)
        return _first_after(frames, self.fps) if live else self._shown_at(frames)

    def expected(self, frames: int | None, duration_s: float | None) -> int | None:
        """Returns about how many frames are chosen of a video of so many frames and seconds.

        Args:
            frames: Of the whole video, if known.
            duration_s: Of the whole video in seconds, if known.
        """
        if frames is None or (duration_s is None and self != FrameChoice(every=self.every)):
            return None
        chosen, span_s = frames, duration_s
        if self.start_s is not None or self.end_s is not None:
            span_s = max(0.0, min(self.end_s or math.inf, duration_s) - (self.start_s or 0))
            chosen = min(frames, math.ceil(frames * span_s / duration_s - _SAME_S))
        if self.fps is not None:
            return min(chosen, math.ceil(span_s * self.fps - _SAME_S))
        return math.ceil(chosen / self.every)

    def rate(self, rate: float | None) -> float | None:
        """Returns about how many frames a second are chosen of a video of so many."""
        if self.fps is not None:
            return self.fps if rate is None else min(rate, self.fps)
        return rate and rate / self.every

    def _shown_at(self, frames: Iterable[DecodedFrame]) -> Iterator[DecodedFrame]:
        first_s, moment, held, step_s = None, 0, None, 0.0
        for item in frames:
            if held is None:
                first_s = item.time_s
            else:
                step_s = item.time_s - held.time_s
                if first_s + moment / self.fps < item.time_s - _SAME_S:
                    yield held
                    moment = math.ceil((item.time_s - first_s - _SAME_S) * self.fps)
            held = item
        # The last one is taken to be shown as long as the one before it, or up to the end.
        if held is not None:
            gone_s = min(held.time_s + step_s, self.end_s or math.inf)
            if moment == 0 or first_s + moment / self.fps < gone_s - _SAME_S:
                yield held


def _first_after(frames: Iterable[DecodedFrame], rate: float) -> Iterator[DecodedFrame]:
    """Yields the first frame after each of `rate` moments a second."""
    first_s, moment = None, 0
    for item in frames:
        first_s = item.time_s if first_s is None else first_s
        if item.time_s >= first_s + moment / rate - _SAME_S:
            yield item
            moment = math.floor((item.time_s - first_s + _SAME_S) * rate) + 1

"""The number of a decoded frame among all that a stream holds, damaged ones included."""

import heapq

import av


class FrameNumbers:
    """Counts frames from 0, and once data was found damaged also those that it took along.

    How many those are is told by the packets that should have been shown before a frame: a decoder
    that works in several threads loses more frames than it reports errors. Packets of sound data
    are not asked, since some hold what is never shown. Where packets do not say when they are
    shown, each error counts as one frame.

    Attributes:
        missed: Frames that are known to be lost so far.
    """

    def __init__(self):
        self.missed = 0
        self._times: list[int] = []  # of packets whose turn has not come, a heap
        self._next = 0
        self._timed, self._is_damaged = True, False

    def add(self, packet: av.Packet) -> None:
        """Takes note of a packet of the stream, before it is decoded."""
        if not packet.size or packet.is_discard:
            return
        if packet.pts is None:
            self._timed = False
            self._times.clear()
        elif self._timed:
            heapq.heappush(self._times, packet.pts)

    def damage(self) -> None:
        """Takes note of data that could not be decoded."""
        self._is_damaged = True
        if not self._timed:
            self._miss(1)

    def number(self, frame: av.VideoFrame) -> int:
        """Returns the number of the next frame."""
        if self._timed and frame.pts is not None:
            before = 0
            # No packet is shown before it is decoded: all that come first have been added.
            while self._times and self._times[0] <= frame.pts:
                before += heapq.heappop(self._times) < frame.pts
            if self._is_damaged:
                self._miss(before)
        number = self._next
        self._next += 1
        return number

    def end(self) -> None:
        """Takes note that no frame follows."""
        if self._is_damaged:
            self._miss(len(self._times))
            self._times.clear()

    def _miss(self, frames: int) -> None:
        self.missed += frames
        self._next += frames

"""The frames of a video in the order in which they are shown, with their times."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, dropwhile
from pathlib import Path

import av

from emo_tf.errors import EmoError
from emo_tf.runtime.frame_numbers import FrameNumbers
from emo_tf.runtime.video_names import is_live
from emo_tf.runtime.video_progress import VideoProgress
from emo_tf.runtime.video_sources import open_video, problem

# A clock that goes back by more than this was set anew; by less, one frame's time is wrong.
_NEW_CLOCK_S = 1.0
_LEAST_STEP_S = 0.001
_USUAL_RATE = 25


@dataclass(frozen=True)
class DecodedFrame:
    """A frame as the decoder gives it.

    Attributes:
        frame: The decoder's own, not yet RGB.
        index: Its number in the stream, from 0; damaged ones count.
        time_s: When it is shown, from the first frame on.
    """

    frame: av.VideoFrame
    index: int
    time_s: float


class VideoDecoder:
    """Decodes the one video stream of a source.

    The source is opened and its first frame decoded at once: only that tells the true size and
    whether there is anything to see.

    Args:
        source: As for `open_video`.
        max_pixels: Limit on width times height.

    Attributes:
        first: The first frame.
        live: Whether the source is a webcam, or a stream without an end.
        duration_s: Length of the video in seconds, where the file says it.
        rate: Frames a second on average, where the file says it.
        frames_stated: Frames in all, where the file says it or its duration does.
        pixel_aspect: Width of a stored pixel by its height.
        damaged: Frames that were passed over so far, since their data is damaged.
        cut: Why the source ended early, once it has ended; otherwise none.

    Raises:
        EmoError: The source cannot be opened, holds no video stream or one without a frame, this
            FFmpeg cannot decode it, or its frames are too large.
    """

    def __init__(self, source: str | Path, *, max_pixels: int):
        self._source, self._max_pixels = source, max_pixels
        self.damaged = 0
        self.cut: str | None = None
        self._container = open_video(source)
        try:
            self._stream = self._choose_stream()
            stated = VideoProgress(self._container, self._stream)
            self.duration_s = stated.duration_s
            self.live = is_live(source) and self.duration_s is None
            rate = self._stream.average_rate or self._stream.guessed_rate
            self.rate = float(rate) if rate else None
            self.frames_stated = stated.frames
            if self.frames_stated is None and self.duration_s and self.rate:
                self.frames_stated = max(1, round(self.duration_s * self.rate))
            self.pixel_aspect = self._stream.sample_aspect_ratio or Fraction(1)
            self._prepare_stream()
            self._decoded = self._decode()
            self.first = next(self._decoded, None)
            if self.first is None:
                found = f"{self.damaged} damaged ones alone" if self.damaged else "none"
                raise EmoError(f"{source}: expected a video with frames. Received: {found}")
        except BaseException:
            self.close()
            raise

    def frames(self) -> Iterator[DecodedFrame]:
        """Returns every frame, the first one again; for once."""
        return chain([self.first], self._decoded)

    def frames_from(self, start_s: float) -> Iterator[DecodedFrame]:
        """Yields the frames from a time on, for once, decoded from the key frame before it.

        A frame's number is that of its packet among the stream's, which are counted up to there
        without being decoded. Where packets say too little, everything is decoded.
        """
        first_time = self.first.frame.pts
        self._reopen()
        if first_time is not None:
            # The first moment of the stream's clock that is not before the start.
            target = first_time + math.ceil(start_s / float(self._stream.time_base) - 1e-6)
            place = self._place_of(target)
            self._reopen()
            if place is not None:
                key_time, number = place
                self._container.seek(key_time, stream=self._stream, backward=True)
                decoded = self._decode(first_time=first_time)
                landed = next(decoded, None)
                if landed is not None and landed.frame.pts <= target:
                    frames = chain([landed], decoded)
                    later = dropwhile(lambda item: item.frame.pts < target, frames)
                    yield from _renumbered(later, first=number)
                    return
                self._reopen()
        yield from (item for item in self._decode() if item.time_s >= start_s - 1e-6)

    def close(self) -> None:
        """Lets the source go."""
        self._container.close()

    def _choose_stream(self) -> av.video.stream.VideoStream:
        pictures = av.stream.Disposition.attached_pic  # such as the cover of a song
        streams = [s for s in self._container.streams.video if not s.disposition & pictures]
        if not streams:
            kinds = sorted({stream.type or "data" for stream in self._container.streams})
            kinds = [kind for kind in kinds if kind != "video"] or ["none"]
            raise EmoError(
                f"{self._source}: expected a video stream. Received: {' and '.join(kinds)} alone"
            )
        best = self._container.streams.best("video")
        return best if best in streams else streams[0]

    def _prepare_stream(self) -> None:
        if self._stream.codec_context is None:
            raise EmoError(
                f"{self._source}: expected a video that this FFmpeg can decode. "
                "Received: one whose codec it does not know"
            )
        self._check_size(self._stream.width, self._stream.height)
        if self.live:
            # Decoding frames side by side would hold back as many of them.
            self._stream.thread_type = "SLICE"
            self._stream.codec_context.flags |= av.codec.context.Flags.low_delay
        else:
            self._stream.thread_type = "AUTO"

    def _check_size(self, width: int, height: int) -> None:
        if width * height > self._max_pixels:
            raise EmoError(
                f"{self._source}: expected frames of at most {self._max_pixels:,} pixels. "
                f"Received: {width} x {height} = {width * height:,}"
            )

    def _reopen(self) -> None:
        self.close()
        self.damaged = 0
        self._container = open_video(self._source)
        self._stream = self._choose_stream()
        self._prepare_stream()

    def _place_of(self, target: int) -> tuple[int, int] | None:
        """Returns the time of the last key frame up to a time, and the number of frames before it.

        Times are in the stream's units. None where the packets carry no times, or where that key
        frame is the first frame.
        """
        key_times, before = [], 0
        for packet in self._container.demux(self._stream):
            if not packet.size:
                break
            if packet.pts is None or packet.dts is None:
                return None
            # No packet is shown before it is decoded: those to come are shown later still.
            if packet.dts >= target:
                break
            if packet.is_discard:
                continue
            before += packet.pts < target
            if packet.is_keyframe and packet.pts <= target:
                key_times = [*key_times[-1:], packet.pts]
        return (key_times[-1], before) if len(key_times) > 1 else None

    def _decode(self, *, first_time: int | None = None) -> Iterator[DecodedFrame]:
        """Yields the frames from where the container stands, with times that grow."""
        step_s = 1 / (self.rate or _USUAL_RATE)
        shift_s, last_s = 0.0, None
        for index, frame in self._raw_frames(is_whole=first_time is None):
            first_time = frame.pts if first_time is None else first_time
            if frame.pts is None or first_time is None:
                time_s = index * step_s if last_s is None else last_s + step_s
            else:
                time_s = float((frame.pts - first_time) * self._stream.time_base) + shift_s
            if last_s is not None and time_s <= last_s:
                if last_s - time_s > _NEW_CLOCK_S:
                    shift_s += last_s + step_s - time_s
                    time_s = last_s + step_s
                else:
                    time_s = last_s + _LEAST_STEP_S
            last_s = time_s
            yield DecodedFrame(frame=frame, index=index, time_s=time_s)

    def _raw_frames(self, *, is_whole: bool) -> Iterator[tuple[int, av.VideoFrame]]:
        """Yields the decoder's frames that are whole, with their numbers from 0."""
        progress = VideoProgress(self._container, self._stream, is_whole=is_whole)
        numbers, error = FrameNumbers(), None
        try:
            for packet in self._packets():
                progress.add(packet)
                if packet.stream.index == self._stream.index:
                    numbers.add(packet)
                    yield from self._frames_of(packet, numbers)
        except (av.FFmpegError, OSError) as stopped:
            error = problem(stopped)
            yield from self._frames_of(None, numbers)
        numbers.end()
        self.damaged = numbers.missed
        if not self.live:
            self.cut = progress.why_cut(error)
        elif error:
            self.cut = f"the stream ended: {error}"

    def _packets(self) -> Iterator[av.Packet]:
        while True:
            try:
                # Of a file, other streams tell whether it was read to its end.
                yield from self._container.demux(*([self._stream] if self.live else []))
                return
            except BlockingIOError:  # a webcam that has no frame yet
                time.sleep(_LEAST_STEP_S)

    def _frames_of(
        self, packet: av.Packet | None, numbers: FrameNumbers
    ) -> Iterator[tuple[int, av.VideoFrame]]:
        frames = []
        try:
            if packet is None or not packet.is_corrupt:
                frames = self._stream.codec_context.decode(packet)
            else:
                # Given to the decoder, its error might take frames along that are whole.
                numbers.damage()
        except av.FFmpegError:
            numbers.damage()
        for frame in frames:
            if frame.is_corrupt:
                numbers.damage()
            else:
                self._check_size(frame.width, frame.height)
                number = numbers.number(frame)
                self.damaged = numbers.missed
                yield number, frame


def _renumbered(frames: Iterator[DecodedFrame], *, first: int) -> Iterator[DecodedFrame]:
    """Yields the frames with numbers from `first` on; gaps stay."""
    offset = None
    for item in frames:
        offset = first - item.index if offset is None else offset
        yield DecodedFrame(frame=item.frame, index=item.index + offset, time_s=item.time_s)

"""Videos out: pictures with their times become H.264 that every player shows."""

import contextlib
import math
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from emo_tf.errors import EmoError, unknown_name
from emo_tf.files import replace_whole
from emo_tf.runtime.video_sources import problem

_CONTAINERS = {".mp4": {"movflags": "+faststart"}, ".mov": {"movflags": "+faststart"}, ".mkv": {}}
# By choice: encoder, ticks a second, options. MPEG-4 part 2 counts no finer than 1/65535 s. With
# its macroblock tree, x264 gives other bytes from run to run; with frames out of order, MP4 states
# too short a length where the rate varies.
_ENCODERS = (
    ("libx264", 90_000, {"crf": "20", "preset": "veryfast", "x264-params": "mbtree=0:bframes=0"}),
    ("mpeg4", 30_000, {"flags": "+qscale", "global_quality": str(3 * 118)}),
)
# x264 divides its work by the number of threads: a fixed one gives equal bytes everywhere.
_THREADS = 4
_USUAL_STEP_S = 0.04


class VideoWriter:
    """Writes pictures as a video that appears whole at the end of the `with` block, or not at all.

    H.264 in 4:2:0 at constant quality (MPEG-4 part 2 where this FFmpeg has no x264), each frame
    shown from its own time on, so that a varying rate is kept; the first one at 0. Equal pictures
    give equal bytes. An odd width or height grows by one pixel, a copy of the last. An error in
    the block, or a block without a picture, leaves what stood at `path`.

    Args:
        path: Ends in `.mp4`, `.mov` or `.mkv`; folders on the way are made.
        width: Of the pictures, in pixels.
        height: Of the pictures, in pixels.
        pixel_aspect: Width of a pixel by its height.

    Attributes:
        codec: The encoder in use.

    Raises:
        EmoError: Another ending or a size below 1; from `with`, a place that cannot be written to.

    Example:

        with VideoReader("in.mp4") as reader:
            with VideoWriter("out.mp4", width=reader.width, height=reader.height) as writer:
                for frame in reader:
                    writer.write(frame.image, frame.time_s)
    """

    def __init__(
        self,
        path: str | Path,
        *,
        width: int,
        height: int,
        pixel_aspect: Fraction = Fraction(1),
    ):
        self.path = Path(path)
        if self.path.suffix.lower() not in _CONTAINERS:
            raise unknown_name(f"video ending of {self.path}", self.path.suffix, _CONTAINERS)
        if width < 1 or height < 1:
            raise EmoError(f"{self.path}: expected a size from 1 x 1. Received: {width} x {height}")
        self._width, self._height, self._pixel_aspect = width, height, pixel_aspect
        self.codec, self._ticks, self._options = _first_encoder()
        self._first_s = self._last_s = None
        # Held until the next one tells how long it is shown.
        self._held: av.VideoFrame | None = None
        self._shown_for: dict[int, int] = {}  # by time, of the frames that the encoder still has
        self._step = round(_USUAL_STEP_S * self._ticks)
        self._stream: av.video.stream.VideoStream | None = None

    def __enter__(self) -> "VideoWriter":
        with contextlib.ExitStack() as stack:
            with self._explained():
                self._temporary = stack.enter_context(replace_whole(self.path))
                options = {"fflags": "+bitexact"} | _CONTAINERS[self.path.suffix.lower()]
                self._container = av.open(f"file:{self._temporary}", "w", options=options)
                stack.callback(self._container.close)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind, error, trace) -> None:
        with self._explained():
            if kind is None and self._held is not None:
                try:
                    self._encode(self._held, shown_for=self._step)
                    self._mux(self._stream.encode())
                    self._container.close()
                except BaseException as failed:
                    self._stack.__exit__(type(failed), failed, failed.__traceback__)
                    raise
                self._stack.close()
            else:
                # What is handed on as raised keeps the file from appearing.
                raised = error or EmoError("no pictures")
                self._stack.__exit__(type(raised), raised, trace)

    def write(self, image: np.ndarray, time_s: float) -> None:
        """Adds a picture.

        Args:
            image: uint8 RGB pixels of shape (H, W, 3).
            time_s: When it is shown; later than the one before.

        Raises:
            EmoError: A picture of another shape, a time that does not grow, or a place that can
                no longer be written to.
        """
        self._check(image, time_s)
        if self._first_s is None:
            self._first_s = time_s
        self._last_s = time_s
        image = cv2.copyMakeBorder(
            image, 0, self._height % 2, 0, self._width % 2, cv2.BORDER_REPLICATE
        )
        frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
        frame.time_base = Fraction(1, self._ticks)
        frame.pts = round((time_s - self._first_s) * self._ticks)
        if self._held is not None:
            frame.pts = max(frame.pts, self._held.pts + 1)
            self._step = frame.pts - self._held.pts
            with self._explained():
                self._encode(self._held, shown_for=self._step)
        self._held = frame

    def _add_stream(self) -> av.video.stream.VideoStream:
        stream = self._container.add_stream(self.codec, options=dict(self._options))
        context = stream.codec_context
        context.width = self._width + self._width % 2
        context.height = self._height + self._height % 2
        context.pix_fmt = "yuv420p"
        context.time_base = Fraction(1, self._ticks)
        context.framerate = Fraction(self._ticks, self._step)  # what players may show beforehand
        context.sample_aspect_ratio = self._pixel_aspect
        context.thread_count = _THREADS
        # What swscale makes of RGB unless told otherwise; players guess another for large frames.
        context.colorspace = av.video.reformatter.Colorspace.ITU601
        context.color_range = av.video.reformatter.ColorRange.MPEG
        return stream

    def _encode(self, frame: av.VideoFrame, *, shown_for: int) -> None:
        if self._stream is None:
            self._stream = self._add_stream()
        self._shown_for[frame.pts] = shown_for
        self._mux(self._stream.encode(frame))

    def _mux(self, packets: list[av.Packet]) -> None:
        for packet in packets:
            packet.duration = self._shown_for.pop(packet.pts, 0)
            self._container.mux(packet)

    def _check(self, image: np.ndarray, time_s: float) -> None:
        expected = (self._height, self._width, 3)
        if image.shape != expected or image.dtype != np.uint8:
            raise EmoError(
                f"{self.path}: expected uint8 pictures of shape {expected}. "
                f"Received: {image.dtype} of shape {image.shape}"
            )
        if not math.isfinite(time_s) or (self._last_s is not None and time_s <= self._last_s):
            after = "a number" if self._last_s is None else f"more than {self._last_s:g} s"
            raise EmoError(f"{self.path}: expected as time {after}. Received: {time_s}")

    @contextlib.contextmanager
    def _explained(self):
        try:
            yield
        except EmoError:
            raise
        except (av.FFmpegError, OSError) as error:
            raise EmoError(
                f"{self.path}: expected a writable place. Received: {problem(error)}"
            ) from error


def _first_encoder() -> tuple[str, int, dict[str, str]]:
    for encoder in _ENCODERS:
        if encoder[0] in av.codecs_available:
            return encoder
    raise EmoError("FFmpeg: expected an encoder of H.264 or MPEG-4. Received: one without either")

"""Videos, webcams and streams as upright RGB frames with the times at which they are shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError, in_place
from emo_tf.runtime.frame_choice import FrameChoice
from emo_tf.runtime.image_io import MAX_PIXELS
from emo_tf.runtime.latest_frames import LatestFrames
from emo_tf.runtime.upright_frame import UprightFrame
from emo_tf.runtime.video_decoder import DecodedFrame, VideoDecoder


@dataclass(frozen=True)
class VideoFrame:
    """One frame of a video.

    Attributes:
        image: uint8 upright RGB pixels of shape (H, W, 3).
        index: Its number in the stream, from 0; frames that were passed over count.
        time_s: When it is shown, in seconds from the video's first frame on.
    """

    image: np.ndarray
    index: int
    time_s: float


class VideoReader:
    """Reads a video frame by frame, in the memory of a few frames.

    Times are those of presentation, also where the frame rate varies. Rotation that a phone wrote
    into the file is obeyed. Pixels that are not square stay as they are stored; `pixel_aspect`
    tells. Damaged frames are passed over. From webcams and endless streams the newest frame is
    given, and what came meanwhile dropped.

    Args:
        source: Path of a file, the number of a webcam (`"0"` is the first), or the URL of a stream.
        every: Give each of so many frames.
        fps: Give the frames that are shown at so many moments a second.
        start_s: Give frames from this time on; decoding begins at the key frame before it.
        end_s: Give frames before this time.
        max_pixels: Limit on width times height.

    Attributes:
        name: The source, as given.
        width: Width of every frame, in pixels; this and the next ones from `with` on.
        height: Height of every frame, in pixels.
        pixel_aspect: Width of a pixel by its height.
        live: Whether the source is a webcam, or a stream without an end.
        duration_s: Length of the whole video in seconds, where the file says it.
        frames_expected: About how many frames will be given, where the file says enough.
        rate: About how many frames a second will be given, where the file says it.

    Raises:
        EmoError: Arguments that do not fit; from `with`, a source that cannot be read; while
            reading, a frame over the limit.

    Example:

        with VideoReader("dinner.mp4", fps=5) as reader:
            for frame in reader:
                print(frame.time_s, frame.image.shape)
    """

    def __init__(
        self,
        source: str | Path,
        *,
        every: int = 1,
        fps: float | None = None,
        start_s: float | None = None,
        end_s: float | None = None,
        max_pixels: int = MAX_PIXELS,
    ):
        self.name = str(source)
        self._source, self._max_pixels = source, max_pixels
        with in_place(self.name):
            self._choice = FrameChoice(every=every, fps=fps, start_s=start_s, end_s=end_s)
        self._decoder: VideoDecoder | None = None
        self._latest: LatestFrames | None = None

    def __enter__(self) -> "VideoReader":
        self._decoder = decoder = VideoDecoder(self._source, max_pixels=self._max_pixels)
        self.live, self.duration_s = decoder.live, decoder.duration_s
        try:
            self._frames = self._chosen()
        except BaseException:
            self.__exit__()
            raise
        self._upright = UprightFrame(decoder.first.frame)
        self.width, self.height = self._upright.width, self._upright.height
        aspect = decoder.pixel_aspect
        self.pixel_aspect: Fraction = 1 / aspect if self._upright.is_turned else aspect
        self.frames_expected = self._choice.expected(decoder.frames_stated, decoder.duration_s)
        self.rate = self._choice.rate(decoder.rate)
        return self

    def __exit__(self, *raised) -> None:
        if self._latest is not None:
            self._latest.close()
        else:
            self._decoder.close()

    @property
    def cut(self) -> str | None:
        """Why the source ended early, once all of it was read; none where it did not."""
        return self._decoder.cut

    @property
    def damaged(self) -> int:
        """How many frames were passed over so far, since their data is damaged."""
        return self._decoder.damaged

    def __iter__(self) -> Iterator[VideoFrame]:
        """Yields the frames; for once."""
        for item in self._frames:
            image = self._upright(item.frame)
            yield VideoFrame(image=image, index=item.index, time_s=item.time_s)

    def _chosen(self) -> Iterator[DecodedFrame]:
        """Returns the frames to give; of a file, the first one is there."""
        decoder, start_s = self._decoder, self._choice.start_s
        if self.live:
            if start_s:
                raise EmoError(
                    f"{self.name}: expected no start, since what is live has no beginning. "
                    f"Received: {start_s:g} s"
                )
            self._latest = LatestFrames(decoder)
            return self._choice.of(self._latest, live=True)
        frames = decoder.frames_from(start_s) if start_s else decoder.frames()
        frames = self._choice.of(frames, live=False)
        first = next(frames, None)
        if first is None:
            length = "" if self.duration_s is None else f" of {self.duration_s:g} s in all"
            raise EmoError(
                f"{self.name}: expected a frame after the start{length}. "
                f"Received: start {start_s or 0:g} s"
            )
        return chain([first], frames)

"""Frames of an episode: from a folder of pictures, or from a video file decoded in order.

Needs neither TensorFlow nor TFDS. Frames are counted from 0, as the published reader does: the
picture `00012.jpg` is the thirteenth frame that the decoder gives.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

import av
import numpy as np

from emo_tf.corpora.pictures import UnreadableError, decode
from emo_tf.errors import EmoError

MISSING_FRAME = "missing frame"
UNREADABLE_FRAME = "unreadable frame"
DIFFERENT_SIZES = "frames of different sizes"


@dataclass(frozen=True)
class NoClip:
    """Why there is no clip.

    Attributes:
        reason: One of `MISSING_FRAME`, `UNREADABLE_FRAME` and `DIFFERENT_SIZES`.
        detail: Which frame, and what was found.
    """

    reason: str
    detail: str


@dataclass(frozen=True)
class FrameFolder:
    """A folder of frames `00000.jpg`, `00001.jpg` and so on.

    Attributes:
        path: The folder.
    """

    path: Path

    @property
    def is_empty(self) -> bool:
        """Whether no file in it is called as a frame is."""
        return not any(path.stem.isdecimal() for path in self.path.glob("*.jpg"))

    def clips(self, firsts: Iterable[int], *, length: int) -> Iterator[list[np.ndarray] | NoClip]:
        """Yields clips of `length` frames, uint8 RGB of shape (H, W, 3), one a first frame.

        Args:
            firsts: Numbers of first frames.
            length: Frames of a clip.
        """
        for first in firsts:
            yield self._clip(range(first, first + length))

    def _clip(self, numbers: range) -> list[np.ndarray] | NoClip:
        if numbers.start < 0:
            return _before_the_first(numbers)
        frames = []
        for path in (self.path / f"{number:05d}.jpg" for number in numbers):
            if not path.is_file():
                return NoClip(MISSING_FRAME, f"{path} is missing")
            try:
                frames.append(decode(path.read_bytes()).pixels)
            except (UnreadableError, OSError) as error:
                return NoClip(UNREADABLE_FRAME, f"{path} cannot be read: {error}")
        return _of_one_size(frames, numbers=numbers, path=self.path)


@dataclass(frozen=True)
class VideoFile:
    """A video of an episode.

    Attributes:
        path: The file.
    """

    path: Path

    def clips(self, firsts: Iterable[int], *, length: int) -> Iterator[list[np.ndarray] | NoClip]:
        """Yields clips of `length` frames, uint8 RGB of shape (H, W, 3), one a first frame.

        The video is decoded once, as far as it is needed, and `length` frames are kept.

        Args:
            firsts: Sorted.
            length: Frames in a clip.

        Raises:
            EmoError: The file is no video, or the decoder stops at damaged data. Where it goes on,
                or the video ends early, there are no clips of the frames concerned.
        """
        with closing(self._decoded()) as decoded:
            window: deque[_Frame] = deque(maxlen=length)
            count = 0
            for first in firsts:
                numbers = range(first, first + length)
                for frame in islice(decoded, max(0, numbers.stop - count)):
                    window.append(frame)
                    count += 1
                if first >= 0 and count < numbers.stop:
                    missing = max(first, count)
                    detail = f"{self.path} has {count} frames, frame {missing} is missing"
                    yield NoClip(MISSING_FRAME, detail)
                else:
                    yield self._clip(window, numbers)

    def _clip(self, window: "Sequence[_Frame]", numbers: range) -> list[np.ndarray] | NoClip:
        if numbers.start < 0:
            return _before_the_first(numbers)
        for number, frame in zip(numbers, window, strict=True):
            if frame.is_damaged:
                return NoClip(UNREADABLE_FRAME, f"{self.path}: frame {number} is damaged")
        return _of_one_size([frame.pixels for frame in window], numbers=numbers, path=self.path)

    def _decoded(self) -> "Iterator[_Frame]":
        try:
            with av.open(str(self.path)) as container:
                streams = container.streams.video
                if not streams:
                    raise EmoError(f"{self.path}: expected a video. Received: a file without one")
                streams[0].thread_type = "AUTO"
                frames = container.decode(streams[0])
                first = next(frames, None)
                if first is None:
                    raise EmoError(f"{self.path}: expected a video. Received: one without frames")
                yield from map(_Frame, chain([first], frames))
        except (av.FFmpegError, OSError) as error:
            raise EmoError(
                f"{self.path}: expected a whole video. Received: {error.strerror}"
            ) from error


class _Frame:
    """A decoded frame, turned into RGB when that is first asked for."""

    def __init__(self, decoded: av.VideoFrame):
        self._decoded = decoded

    @property
    def is_damaged(self) -> bool:
        """Whether the decoder made up for data that it could not read."""
        return self._decoded.is_corrupt

    @cached_property
    def pixels(self) -> np.ndarray:
        return self._decoded.to_ndarray(format="rgb24")


def _before_the_first(numbers: range) -> NoClip:
    return NoClip(MISSING_FRAME, f"the clip begins before frame 0, with frame {numbers.start}")


def _of_one_size(
    frames: Sequence[np.ndarray], *, numbers: range, path: Path
) -> list[np.ndarray] | NoClip:
    sizes = sorted({frame.shape[:2] for frame in frames})
    if len(sizes) == 1:
        return list(frames)
    found = " and ".join(f"{width} x {height}" for height, width in sizes)
    place = f"{path}, frames {numbers.start} to {numbers.stop - 1}"
    return NoClip(DIFFERENT_SIZES, f"{place}: expected one size. Received: {found} pixels")

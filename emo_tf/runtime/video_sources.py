"""Where videos come from: files, webcams and streams, opened for decoding."""

import re
import sys
from pathlib import Path

import av

from emo_tf.errors import EmoError
from emo_tf.runtime.video_names import is_live, is_webcam

# Seconds to wait for a stream's beginning, and then for each of its packets.
_PATIENCE_S = 10.0
# FFmpeg takes pictures for videos of one frame, and text for what a terminal shows.
_PICTURE_FORMATS = re.compile(r"image2|.*_pipe|ico")
_TEXT_FORMATS = frozenset({"tty", "concat"})


def open_video(source: str | Path) -> av.container.InputContainer:
    """Opens a file, webcam or stream that FFmpeg can read, and returns it.

    Args:
        source: Path of a file, the number of a webcam (`"0"` is the first) or the URL of a stream
            (`rtsp://`, `rtmp://`, `http://`, `udp://` and their like).

    Raises:
        EmoError: There is no such file, webcam or stream, or it holds something else.
    """
    if not is_live(source):
        container = _open_file(Path(source))
    elif is_webcam(source):
        container = _open_webcam(int(source))
    else:
        container = _open_stream(source)
    kind = container.format.name
    if _PICTURE_FORMATS.fullmatch(kind) or kind in _TEXT_FORMATS:
        container.close()
        what = "text" if kind in _TEXT_FORMATS else "a picture"
        raise EmoError(f"{source}: expected a video. Received: {what}")
    return container


def problem(error: Exception) -> str:
    """Returns what went wrong, as far as FFmpeg and the system say."""
    if isinstance(error, av.error.ExitError):
        return f"nothing within {_PATIENCE_S:g} s"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _open_file(path: Path) -> av.container.InputContainer:
    try:
        if path.is_dir():
            raise EmoError(f"{path}: expected a video file. Received: a folder")
        with path.open("rb") as stream:
            beginning = stream.read(16)
    except EmoError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte
        reason = "no such file" if isinstance(error, FileNotFoundError) else problem(error)
        raise EmoError(f"{path}: expected a video file. Received: {reason}") from error
    if not beginning:
        raise EmoError(f"{path}: expected a video. Received: no bytes")
    try:
        # With the scheme named, a colon in the path is none.
        return av.open(f"file:{path}")
    except (av.FFmpegError, OSError, ValueError) as error:
        received = f"a file that begins with {beginning!r}"
        if not isinstance(error, av.error.InvalidDataError):
            received += f" ({problem(error)})"
        if beginning[4:8] == b"ftyp":
            received = "an MP4 file without its index, as one that was cut off"
        raise EmoError(f"{path}: expected a whole video. Received: {received}") from error


def _open_stream(source: str) -> av.container.InputContainer:
    try:
        # Over TCP a camera's pictures come without holes.
        options = {"rtsp_flags": "prefer_tcp"} if source.lower().startswith("rtsp") else {}
        return av.open(source, options=options, timeout=_PATIENCE_S)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise EmoError(
            f"{source}: expected a stream that can be reached. Received: {problem(error)}"
        ) from error


def _open_webcam(number: int) -> av.container.InputContainer:
    try:
        if sys.platform.startswith("linux"):
            return av.open(f"/dev/video{number}", format="v4l2", timeout=_PATIENCE_S)
        if sys.platform == "darwin":
            # The system's own default of 29.97/s is one that its cameras refuse.
            options = {"framerate": "30"}
            return av.open(
                f"{number}:none", format="avfoundation", options=options, timeout=_PATIENCE_S
            )
        return av.open(_directshow_name(number), format="dshow", timeout=_PATIENCE_S)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise EmoError(
            f"webcam {number}: expected one that is there and free. Received: {problem(error)}"
        ) from error


def _directshow_name(number: int) -> str:
    """Returns what DirectShow, which knows no numbers, calls a webcam."""
    from av.device import enumerate_input_devices

    found = [item for item in enumerate_input_devices("dshow") if "video" in item.media_types]
    if number >= len(found):
        raise ValueError(f"{len(found)} webcams in all")
    return f"video={found[number].description}"

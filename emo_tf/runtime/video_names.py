"""Which names stand for videos; nothing is opened, and nothing loaded that opens them."""

import re
from pathlib import Path

VIDEO_SUFFIXES = (
    *(".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg"),
    *(".mts", ".ogv", ".ts", ".vob", ".webm", ".wmv", ".y4m"),
)
"""Endings of video files, in lower case; `.gif` counts as a picture."""

_STREAM = re.compile(r"(rtsps?|rtmps?|https?|udp|rtp|srt|tcp)://", re.IGNORECASE)


def is_video(source: str | Path) -> bool:
    """Whether a name stands for a video: by its ending, as a webcam's number or as a stream's URL.

    `"0"` is the first webcam; a file of that name is `"./0"`.
    """
    return is_live(source) or Path(source).suffix.lower() in VIDEO_SUFFIXES


def is_live(source: str | Path) -> bool:
    """Whether a name stands for a webcam or a stream, and not for a file."""
    return isinstance(source, str) and (is_webcam(source) or bool(_STREAM.match(source)))


def is_webcam(source: str) -> bool:
    """Whether a name is the number of a webcam."""
    return source.isascii() and source.isdecimal()

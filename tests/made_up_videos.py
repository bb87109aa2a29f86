"""Videos made up on the spot, whose frames carry their number in their pixels."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

TICKS = 90_000
_LEVELS = 16


def numbered(number: int, *, width: int = 64, height: int = 48) -> np.ndarray:
    """Returns a grey frame, uint8 RGB of shape (H, W, 3), whose halves say its number below 256."""
    frame = np.empty((height, width, 3), np.uint8)
    frame[:, : width // 2] = _LEVELS * (number % _LEVELS) + _LEVELS // 2
    frame[:, width // 2 :] = _LEVELS * (number // _LEVELS % _LEVELS) + _LEVELS // 2
    return frame


def number_of(frame: np.ndarray) -> int:
    """Returns the number that a frame of `numbered` carries, also after lossy coding."""
    width = frame.shape[1]
    low = frame[:, width // 8 : width * 3 // 8].mean()
    high = frame[:, width * 5 // 8 : width * 7 // 8].mean()
    return int(low // _LEVELS + _LEVELS * (high // _LEVELS))


def write_video(
    path: Path,
    frames: Iterable[np.ndarray] | int = 25,
    *,
    rate: float = 25,
    times: Sequence[float] | None = None,
    rotation: int = 0,
    mirrored: str | None = None,
    audio_s: float | None = None,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
    pixel_aspect: Fraction | None = None,
    container_options: dict[str, str] | None = None,
) -> Path:
    """Writes a video with PyAV alone.

    Args:
        path: Its ending chooses the container.
        frames: uint8 RGB of shape (H, W, 3), of one size; or how many of `numbered`.
        rate: Frames a second.
        times: When each frame is shown, in seconds, in place of `rate`.
        rotation: Degrees by which a player turns the picture against the clock.
        mirrored: `"hflip"` or `"vflip"`: how a player mirrors it.
        audio_s: Seconds of silence beside it.
        codec: Encoder of the pictures.
        pixel_format: FFmpeg's name.
        options: Of the encoder.
        pixel_aspect: Width of a pixel by its height.
        container_options: Of the container.

    Returns:
        `path`.
    """
    frames = map(numbered, range(frames)) if isinstance(frames, int) else frames
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=Fraction(rate).limit_denominator(1001))
        stream.pix_fmt, stream.options = pixel_format, options or {}
        if times is not None:
            stream.codec_context.time_base = Fraction(1, TICKS)
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if rotation or mirrored:
            flips = {mirrored: True} if mirrored else {}
            stream.set_display_rotation(rotation, **flips)
        sound = container.add_stream("aac", rate=8000, layout="mono") if audio_s else None
        for number, pixels in enumerate(frames):
            if number == 0:
                stream.height, stream.width = pixels.shape[:2]
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            if times is not None:
                frame.pts, frame.time_base = round(times[number] * TICKS), Fraction(1, TICKS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if sound is not None:
            _write_silence(container, sound, audio_s)
    return path


def write_sound(path: Path, *, seconds: float = 1.0) -> Path:
    """Writes a file of silence without pictures."""
    with av.open(str(path), "w") as container:
        _write_silence(container, container.add_stream("aac", rate=8000, layout="mono"), seconds)
    return path


def _write_silence(container: av.container.OutputContainer, stream, seconds: float) -> None:
    samples = np.zeros((1, round(8000 * seconds)), np.float32)
    for start in range(0, samples.shape[1], 1024):
        piece = np.ascontiguousarray(samples[:, start : start + 1024])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 8000, start
        container.mux(stream.encode(frame))
    container.mux(stream.encode())

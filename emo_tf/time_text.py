"""How moments of a video are written, and which of them stand on an axis."""

import math

_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


def time_text(seconds: float, *, tenths: bool = False) -> str:
    """Returns `seconds` as `0:07`, `12:30`, `1:02:05`, rounded down; with `tenths`, as `0:07.4`."""
    whole, tenth = divmod(int(max(seconds, 0) * 10 + 1e-6), 10)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{text}.{tenth}" if tenths else text


def time_step(span_s: float, *, most: float) -> float:
    """Returns the shortest round step in seconds that goes into `span_s` at most `most` times."""
    for step in _STEPS_S:
        if span_s <= most * step:
            return step
    return 3600 * math.ceil(span_s / most / 3600)
